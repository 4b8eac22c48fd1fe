/**
 * A plausible swarm without a network: neighbours with piece sets of their own, rarest first, a choker, churn. Everything
 * comes from the seed and the steps taken, so that a screen drawn from it is the same every time.
 */
import type { InfoHash } from "../../source/base/ids.ts";
import { randomBelow, randomFraction, SeededRandom } from "../../source/base/random.ts";
import { forecastOf } from "../../source/control/forecast.ts";
import type {
  FilePriority,
  LogLine,
  NeighbourRow,
  PieceMap,
  ShownChoices,
  TorrentChanges,
  TorrentDetail,
  TorrentRow,
  TorrentState,
  TorrentTopic,
  TrackerRow,
} from "../../source/control/protocol.ts";
import type { Verdict } from "../../source/control/verdict.ts";
import { verdictsOf } from "../../source/control/why.ts";
import { fakeBound, fakeCloser, fakeSource, fakeSources, fakeTimeOfAll, fakeTimes } from "./fake-insight.ts";
import { type FakePieces, fakePieces } from "./fake-pieces.ts";
import { neighbourOrder } from "./neighbour-order.ts";

export interface FakeSwarmOptions {
  readonly seed: number;
  readonly name: string;
  readonly pieceCount: number;
  readonly pieceLength: number;
  readonly neighbours: number;
  readonly seeds: number;
  /** Of our pieces, 0 … 1. */
  readonly done: number;
  readonly state?: TorrentState;
  readonly reason?: string;
  readonly files?: readonly string[];
  readonly trackers?: readonly TrackerRow[];
  readonly isPrivate?: boolean;
  readonly labels?: readonly string[];
}

const none: readonly string[] = [];
export const usualChoices: ShownChoices = {
  labels: none,
  isSequential: false,
  isSuperSeed: false,
  maxDownRate: 0,
  maxUpRate: 0,
  slots: null,
  connections: null,
  isForced: false,
  ratioGoal: null,
  seedMinutesGoal: null,
  idleMinutesGoal: null,
};
const fakeHosts: readonly string[] = ["tracker.example.org", "open.example.net"];

interface FakeNeighbour {
  readonly id: number;
  readonly endpoint: string;
  readonly client: string;
  readonly isIncoming: boolean;
  readonly have: Uint8Array;
  count: number;
  readonly capacity: number;
  peerChoking: boolean;
  peerInterested: boolean;
  slot: "regular" | "optimistic" | null;
  downRate: number;
  upRate: number;
  downloaded: number;
  uploaded: number;
  connectedSeconds: number;
  isSnubbed: boolean;
}

const clients = [
  "qBittorrent 5.3.1",
  "Transmission 4.0.6",
  "libtorrent 2.0.11",
  "rtorrent 0.16.2",
  "aria2 1.37.0",
  "Deluge 2.1.1",
  "p2p-tui 0.1.0",
  "µTorrent 3.6",
  "BiglyBT 3.8",
  "",
];

export class FakeSwarm {
  readonly infoHash: InfoHash;
  readonly options: FakeSwarmOptions;
  state: TorrentState;
  readonly #random: SeededRandom;
  readonly #have: Uint8Array;
  #haveCount = 0;
  readonly #active = new Map<number, number>();
  readonly #neighbours: FakeNeighbour[] = [];
  #nextId = 1;
  #nowMs = 0;
  #rechokeMs = 0;
  #optimisticMs = 0;
  #downloaded = 0;
  #uploaded = 0;
  #wasted = 0;
  #announceMs = 1_512_000;
  readonly #down: number[] = [];
  readonly #up: number[] = [];
  readonly #log: LogLine[] = [];
  #sampledMs = 0;
  readonly #priorities = new Map<number, FilePriority>();
  queuePosition = 1;
  choices: ShownChoices = { ...usualChoices };

  constructor(options: FakeSwarmOptions) {
    this.options = options;
    this.choices = { ...this.choices, labels: options.labels ?? none };
    this.state = options.state ?? "downloading";
    this.#random = new SeededRandom(options.seed);
    this.infoHash = Array.from({ length: 5 }, () => this.#random.uint32().toString(16).padStart(8, "0")).join(
      "",
    ) as InfoHash;
    this.#have = new Uint8Array(options.pieceCount);
    for (let i = 0; i < options.pieceCount; i++) {
      if (randomFraction(this.#random) < options.done) {
        this.#have[i] = 1;
        this.#haveCount++;
      }
    }
    for (let i = 0; i < options.neighbours; i++)
      this.#connect(i < options.seeds ? 1 : randomFraction(this.#random) ** 1.5);
    this.#downloaded = this.#haveCount * options.pieceLength;
    this.#uploaded = Math.floor(this.#downloaded * 0.31);
    this.note("checked the data on the disk");
    this.note("tracker answered: 50 peers, 31 seeds, 112 leeches");
  }

  get isComplete(): boolean {
    return this.#haveCount === this.options.pieceCount;
  }

  /** @returns what takes it back. */
  change({ priorities, ...changes }: TorrentChanges): TorrentChanges {
    const before = Object.fromEntries(
      Object.keys(changes).map((key) => [key, this.choices[key as keyof ShownChoices]]),
    );
    const were = priorities?.map(({ file }) => ({ file, priority: this.#priorities.get(file) ?? "normal" }));
    for (const { file, priority } of priorities ?? []) this.#priorities.set(file, priority);
    this.choices = { ...this.choices, ...changes };
    return were === undefined ? before : { ...before, priorities: were };
  }

  note(text: string): void {
    this.#log.push({ number: this.#log.length + 1, wallMs: 1_795_000_000_000 + this.#nowMs, text });
    if (this.#log.length > 500) this.#log.shift();
  }

  step(ms: number): void {
    this.#nowMs += ms;
    this.#announceMs -= ms;
    if (this.#announceMs <= 0) this.#announceMs = 1_800_000;
    const isLive = this.state === "downloading" || this.state === "seeding";
    if (isLive) {
      this.#rechokeMs -= ms;
      this.#optimisticMs -= ms;
      if (this.#rechokeMs <= 0) this.#rechoke();
      this.#churn(ms);
      for (const neighbour of this.#neighbours) this.#exchange(neighbour, ms);
      this.#finishPieces();
    }
    if (this.#nowMs - this.#sampledMs >= 1000) {
      this.#sampledMs = this.#nowMs;
      this.#down.push(isLive ? this.#sum("downRate") : 0);
      this.#up.push(isLive ? this.#sum("upRate") : 0);
      if (this.#down.length > 300) this.#down.shift();
      if (this.#up.length > 300) this.#up.shift();
    }
  }

  #sum(field: "downRate" | "upRate"): number {
    return this.#neighbours.reduce((sum, neighbour) => sum + neighbour[field], 0);
  }

  #connect(done: number): void {
    const random = this.#random;
    const have = new Uint8Array(this.options.pieceCount);
    let count = 0;
    for (let i = 0; i < have.length; i++) {
      // Pieces near the end are rarer, and a few are held by seeds alone.
      const likelihood = done >= 1 ? 1 : i % 97 < 2 ? 0 : done * (1 - (0.6 * i) / have.length);
      if (randomFraction(random) < likelihood) {
        have[i] = 1;
        count++;
      }
    }
    const id = this.#nextId++;
    const isV6 = id % 7 === 3;
    this.#neighbours.push({
      id,
      endpoint: isV6
        ? `[2001:db8:${(id * 37).toString(16)}::${id.toString(16)}]:${6881 + (id % 9)}`
        : `${10 + (id % 190)}.${randomBelow(random, 250)}.${randomBelow(random, 250)}.${1 + randomBelow(random, 250)}:${
            6881 + randomBelow(random, 50_000)
          }`,
      client: clients[randomBelow(random, clients.length)] ?? "",
      isIncoming: randomFraction(random) < 0.4,
      have,
      count,
      capacity: 40_000 + randomFraction(random) ** 3 * 2_400_000,
      peerChoking: true,
      peerInterested: count < have.length && randomFraction(random) < 0.8,
      slot: null,
      downRate: 0,
      upRate: 0,
      downloaded: Math.floor(randomFraction(random) ** 2 * 80e6),
      uploaded: Math.floor(randomFraction(random) ** 2 * 30e6),
      connectedSeconds: randomBelow(random, 4_000),
      isSnubbed: false,
    });
  }

  #churn(ms: number): void {
    const random = this.#random;
    if (randomFraction(random) < ms / 9_000 && this.#neighbours.length > 3) {
      const [gone] = this.#neighbours.splice(randomBelow(random, this.#neighbours.length), 1);
      if (gone !== undefined) this.note(`${gone.endpoint} left`);
    }
    const most = this.options.neighbours === 0 ? 0 : this.options.neighbours + 4;
    if (randomFraction(random) < ms / 8_000 && this.#neighbours.length < most) {
      this.#connect(randomFraction(random) ** 2);
      this.note(`${this.#neighbours[this.#neighbours.length - 1]?.endpoint ?? ""} connected`);
    }
  }

  #rechoke(): void {
    const random = this.#random;
    this.#rechokeMs = 10_000;
    const isDraw = this.#optimisticMs <= 0;
    if (isDraw) this.#optimisticMs = 30_000;
    const wanting = this.#neighbours.filter((neighbour) => neighbour.peerInterested);
    const ranked = [...wanting].sort((a, b) => b.downRate - a.downRate);
    for (const neighbour of this.#neighbours) {
      if (neighbour.slot !== "optimistic" || isDraw || !neighbour.peerInterested) neighbour.slot = null;
      neighbour.peerChoking = randomFraction(random) < (neighbour.count === neighbour.have.length ? 0.25 : 0.5);
      neighbour.isSnubbed = !neighbour.peerChoking && randomFraction(random) < 0.06;
    }
    for (const neighbour of ranked.slice(0, 4)) neighbour.slot = "regular";
    if (isDraw) {
      const others = wanting.filter((neighbour) => neighbour.slot === null);
      const lucky = others[randomBelow(random, Math.max(1, others.length))];
      if (lucky !== undefined) {
        lucky.slot = "optimistic";
        this.note(`optimistic unchoke goes to ${lucky.endpoint}`);
      }
    }
    for (const neighbour of this.#neighbours) if (neighbour.slot === null) neighbour.upRate = 0;
  }

  #exchange(neighbour: FakeNeighbour, ms: number): void {
    const random = this.#random;
    neighbour.connectedSeconds += ms / 1000;
    const gives = !this.isComplete && !neighbour.peerChoking && !neighbour.isSnubbed && neighbour.count > 0;
    const wobble = 0.7 + 0.6 * randomFraction(random);
    neighbour.downRate = gives
      ? neighbour.downRate * 0.8 + neighbour.capacity * wobble * 0.2
      : neighbour.downRate * 0.3;
    if (neighbour.downRate < 100) neighbour.downRate = 0;
    neighbour.upRate =
      neighbour.slot === null || !neighbour.peerInterested
        ? 0
        : neighbour.upRate * 0.8 + neighbour.capacity * wobble * 0.07;
    const received = Math.floor((neighbour.downRate * ms) / 1000);
    neighbour.downloaded += received;
    this.#downloaded += received;
    const sent = Math.floor((neighbour.upRate * ms) / 1000);
    neighbour.uploaded += sent;
    this.#uploaded += sent;
    if (randomFraction(random) < 0.01) this.#wasted += 16_384;
    if (received > 0) this.#receive(neighbour, received);
    // It also gets pieces from others.
    if (randomFraction(random) < ms / 1500 && neighbour.count < neighbour.have.length) {
      const piece = randomBelow(random, neighbour.have.length);
      if (neighbour.have[piece] === 0) {
        neighbour.have[piece] = 1;
        neighbour.count++;
      }
    }
  }

  #receive(neighbour: FakeNeighbour, bytes: number): void {
    for (const [piece, got] of this.#active) {
      if (neighbour.have[piece] === 1 && got < this.options.pieceLength && (piece + neighbour.id) % 3 === 0) {
        this.#active.set(piece, got + bytes);
        return;
      }
    }
    let best = -1;
    let bestAvailability = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 24; tries++) {
      const piece = randomBelow(this.#random, this.options.pieceCount);
      if (this.#have[piece] === 1 || this.#active.has(piece) || neighbour.have[piece] === 0) continue;
      const availability = this.#availability(piece);
      if (availability < bestAvailability) {
        best = piece;
        bestAvailability = availability;
      }
    }
    if (best >= 0) this.#active.set(best, bytes);
    else {
      for (const piece of this.#active.keys()) this.#active.set(piece, (this.#active.get(piece) ?? 0) + bytes);
      if (this.#active.size === 0) {
        const left = this.#have.indexOf(0);
        if (left >= 0) this.#active.set(left, bytes);
      }
    }
  }

  #finishPieces(): void {
    for (const [piece, got] of this.#active) {
      if (got < this.options.pieceLength) continue;
      this.#active.delete(piece);
      if (this.#have[piece] === 1) continue;
      this.#have[piece] = 1;
      this.#haveCount++;
      if (this.isComplete) {
        this.state = "seeding";
        this.note("complete: all pieces verified");
      }
    }
  }

  #availability(piece: number): number {
    let count = 0;
    for (const neighbour of this.#neighbours) count += neighbour.have[piece] ?? 0;
    return count;
  }

  // ── as the engine shows it ─────────────────────────────────────────────────────────────────────────────────────

  row(): TorrentRow {
    const { options } = this;
    const isLive = this.state === "downloading" || this.state === "seeding";
    const downRate = isLive ? this.#sum("downRate") : 0;
    const totalLength = options.pieceCount * options.pieceLength;
    const verifiedLength = this.#haveCount * options.pieceLength;
    return {
      infoHash: this.infoHash,
      name: options.name,
      state: this.state,
      queuePosition: this.queuePosition,
      reason: options.reason ?? "",
      savePath: "/home/me/Downloads",
      labels: this.choices.labels,
      isPrivate: this.options.isPrivate ?? false,
      totalLength,
      verifiedLength,
      wantedLength: totalLength,
      leftLength: totalLength - verifiedLength,
      pieceLength: options.pieceLength,
      pieceCount: options.pieceCount,
      verifiedPieces: this.#haveCount,
      checkedFraction: this.state === "checking" ? 0.37 : null,
      downRate,
      upRate: isLive ? this.#sum("upRate") : 0,
      downloaded: this.#downloaded,
      uploaded: this.#uploaded,
      wasted: this.#wasted,
      missingSpace: 0,
      etaSeconds: downRate > 0 && !this.isComplete ? (totalLength - verifiedLength) / downRate : null,
      neighbours: isLive ? this.#neighbours.length : 0,
      neighbourSeeds: isLive
        ? this.#neighbours.filter((neighbour) => neighbour.count === neighbour.have.length).length
        : 0,
      knownPeers: this.#neighbours.length * 3 + 5,
      swarmSeeds: 31,
      swarmLeeches: 112,
      trackerHosts: fakeHosts,
      addedWallMs: 1_795_000_000_000 + options.seed,
      completedWallMs: null,
    };
  }

  detail(topic: TorrentTopic): TorrentDetail {
    const isLive = this.state === "downloading" || this.state === "seeding";
    const rows = isLive ? this.#neighbours.map((neighbour) => this.#neighbourRow(neighbour)) : [];
    const fake: FakePieces = {
      pieceLength: this.options.pieceLength,
      have: this.#have,
      active: this.#active,
      files: (this.options.files ?? [this.options.name]).map((path, i) => ({
        path,
        priority: this.#priorities.get(i) ?? "normal",
      })),
      neighbours: isLive ? this.#neighbours.map(({ have }, i) => ({ have, row: rows[i] as NeighbourRow })) : [],
      state: this.state,
    };
    const { ofFile, ...ofPieces } = fakePieces(topic, fake);
    const { sort, isDescending, offset, limit } = topic.neighbours;
    const compare = neighbourOrder(sort, this.isComplete);
    rows.sort((a, b) => (isDescending ? -1 : 1) * compare(a, b) || a.id - b.id);
    const files = fake.files.map(({ path, priority }, i, all) => ({
      index: i,
      priority,
      path,
      length: Math.floor((this.options.pieceCount * this.options.pieceLength) / all.length),
      progress: Math.min(1, (this.#haveCount / this.options.pieceCount) * (0.6 + ((i * 37) % 80) / 100)),
      availability: ofFile(i),
    }));
    return {
      row: this.row(),
      neighbours: rows.slice(offset, offset + limit),
      neighbourCount: rows.length,
      ...ofPieces,
      choker: {
        mode: this.isComplete ? "seed" : "leech",
        regularSlots: 4,
        rechokeMs: Math.max(0, this.#rechokeMs),
        optimisticMs: Math.max(0, this.#optimisticMs),
        interestedNeighbours: rows.filter((row) => row.peerInterested).length,
        unchokedNeighbours: rows.filter((row) => row.slot !== null).length,
      },
      trackers: this.options.trackers ?? [
        {
          url: "http://tracker.example.org:6969/announce",
          tier: 0,
          state: "working",
          message: "",
          seeds: 31,
          leeches: 112,
          downloaded: 4_810,
          peersReceived: 50,
          nextAnnounceMs: this.#announceMs,
        },
        {
          url: "udp://open.example.net:1337/announce",
          tier: 1,
          state: "failed",
          message: "no answer within 15 s",
          seeds: null,
          leeches: null,
          downloaded: null,
          peersReceived: 0,
          nextAnnounceMs: this.#announceMs % 240_000,
        },
      ],
      isScraping: false,
      sources: fakeSources(rows, this.options.isPrivate ?? false),
      files: files.slice(topic.files.offset, topic.files.offset + topic.files.limit),
      fileCount: files.length,
      downHistory: [...this.#down],
      upHistory: [...this.#up],
      log: topic.logLimit === 0 ? [] : this.#log.slice(-topic.logLimit),
      comment: "",
      choices: this.choices,
      time: isLive ? fakeTimeOfAll(rows) : null,
      why: this.#why(rows, ofPieces.pieces),
      ...fakeCloser(topic, rows),
      bound: isLive ? fakeBound(this.row()) : null,
      forecast:
        isLive && !this.isComplete
          ? (forecastOf(this.#down, (this.options.pieceCount - this.#haveCount) * this.options.pieceLength) ?? null)
          : null,
    };
  }

  #why(rows: readonly NeighbourRow[], pieces: PieceMap): readonly Verdict[] {
    const missing = this.options.pieceCount - this.#haveCount;
    const nowhere = pieces.rarest?.availability === 0 ? pieces.rarest.count : 0;
    const useful = rows.filter((row) => row.amInterested);
    const open = useful.filter((row) => !row.peerChoking);
    const wanting = rows.filter((row) => row.peerInterested);
    return verdictsOf({
      row: this.row(),
      failureCode: this.state === "failed" ? "disk-full" : "",
      wantsNothing: false,
      isComplete: this.isComplete,
      trackers: {
        count: 2,
        working: 1,
        failed: 1,
        unsupported: 0,
        errors: ["open.example.net:1337: no answer within 15 s"],
      },
      peers: { unreachable: 0 },
      neighbours: {
        useful: useful.length,
        open: open.length,
        snubbing: open.filter((row) => row.isSnubbed).length,
        wanting: wanting.length,
        served: wanting.filter((row) => !row.amChoking).length,
      },
      missing: {
        count: missing,
        nowhere,
        runs: nowhere > 0 ? [[pieces.rarest?.first ?? 0, pieces.rarest?.first ?? 0]] : [],
      },
      limits: { down: 0, ownDown: 0, up: 0, ownUp: 0, isAlternative: false, allDownRate: 0, allUpRate: 0 },
      disk: { missingBytes: 0, freeBytes: 0, fullSeconds: null },
      homeProblem: "",
      port: { isListening: true, problem: "", hasIncoming: true },
    });
  }

  #neighbourRow(neighbour: FakeNeighbour): NeighbourRow {
    const isSeed = neighbour.count === neighbour.have.length;
    const amInterested = !this.isComplete && neighbour.count > 0;
    const amChoking = neighbour.slot === null;
    let flags = "";
    if (amInterested) flags += neighbour.peerChoking ? "d" : "D";
    else if (!neighbour.peerChoking) flags += "K";
    if (neighbour.peerInterested) flags += amChoking ? "u" : "U";
    else if (!amChoking) flags += "?";
    if (neighbour.slot === "optimistic") flags += "O";
    if (neighbour.isSnubbed) flags += "S";
    if (neighbour.isIncoming) flags += "I";
    const source = neighbour.isIncoming ? "incoming" : fakeSource(neighbour.id);
    flags += source === "dht" ? "H" : source === "pex" ? "X" : "";
    const window = Math.max(4, Math.min(250, Math.floor(neighbour.downRate / 20_000)));
    const row: Omit<NeighbourRow, "time"> = {
      id: neighbour.id,
      endpoint: neighbour.endpoint,
      client: neighbour.client,
      isIncoming: neighbour.isIncoming,
      source,
      amChoking,
      amInterested,
      peerChoking: neighbour.peerChoking,
      peerInterested: neighbour.peerInterested,
      isSnubbed: neighbour.isSnubbed,
      isSeed,
      flags,
      downRate: neighbour.downRate,
      upRate: neighbour.upRate,
      downloaded: neighbour.downloaded,
      uploaded: neighbour.uploaded,
      progress: neighbour.count / neighbour.have.length,
      requestsOut: neighbour.peerChoking || !amInterested ? 0 : window - (neighbour.id % 3),
      requestWindow: window,
      requestsIn: neighbour.slot === null ? 0 : 3 + (neighbour.id % 9),
      slot: neighbour.slot,
      slotReason:
        neighbour.slot === "regular"
          ? "among the 4 that give most"
          : neighbour.slot === "optimistic"
            ? "drawn by lot 12 s ago, new here"
            : neighbour.peerInterested
              ? "gives less than the 4 best"
              : "wants nothing from us",
      roundTripMs: neighbour.downloaded > 0 ? 12 + ((neighbour.id * 17) % 190) : null,
      connectedSeconds: neighbour.connectedSeconds,
    };
    return { ...row, time: fakeTimes(row) };
  }
}
