/** The swarm of `LoadTarget`: more neighbours than any screen has room for, who come and go all the time. */
import { randomBelow, randomFraction, SeededRandom } from "../../source/base/random.ts";
import type { ChokeLedgerView, DownTimes, UpTimes } from "../../source/control/insight.ts";
import type {
  FileRow,
  LogLine,
  NeighbourRow,
  PieceMap,
  TorrentDetail,
  TorrentRow,
  TorrentTopic,
} from "../../source/control/protocol.ts";
import { fakeCloser } from "../support/fake-insight.ts";
import { FakeSwarm } from "../support/fake-swarm.ts";
import { neighbourOrder } from "../support/neighbour-order.ts";

const fileCount = 3000;
/** As the ledger keeps. */
const ledgerMs = 10_000;
const ledgerNeighbours = 500;
const logMax = 500;

const clients = ["qBittorrent 5.3.1", "Transmission 4.0.6", "libtorrent 2.0.11", "µTorrent 3.6", "BiglyBT 3.8", ""];
const reasons = [
  "among the 4 that give most",
  "drawn by lot 12 s ago, new here",
  "others rank higher; it waits for its turn or a lucky draw",
  "it wants nothing that we have",
];

type Neighbour = { -readonly [Field in keyof NeighbourRow]: NeighbourRow[Field] };

export class LoadSwarm {
  readonly #random = new SeededRandom(12);
  readonly #churn: number;
  readonly #neighbours: Neighbour[];
  readonly #pieceCount: number;
  readonly #have: Uint8Array;
  readonly #active: Uint8Array;
  readonly #availability: Uint16Array;
  readonly #files: readonly FileRow[];
  readonly #log: LogLine[] = [];
  /** For what need not be many. */
  readonly #small = new FakeSwarm({
    seed: 5,
    name: "small",
    pieceCount: 500,
    pieceLength: 262_144,
    neighbours: 20,
    seeds: 2,
    done: 0.4,
  });
  #ledger: { readonly ms: number; readonly view: ChokeLedgerView | null } = { ms: -ledgerMs, view: null };
  #nextId = 1;
  #logNumber = 1;
  #nowMs = 0;
  #owed = 0;

  /** @param churn neighbours that come, and as many that leave, a second. */
  constructor(options: { readonly neighbours: number; readonly churn: number }, pieceCount: number) {
    const random = this.#random;
    this.#churn = options.churn;
    this.#pieceCount = pieceCount;
    this.#have = Uint8Array.from({ length: pieceCount }, () => (randomFraction(random) < 0.4 ? 1 : 0));
    this.#active = new Uint8Array(pieceCount);
    this.#availability = Uint16Array.from({ length: pieceCount }, () => 1 + randomBelow(random, options.neighbours));
    this.#neighbours = Array.from({ length: options.neighbours }, () => this.#newNeighbour());
    this.#files = Array.from({ length: fileCount }, (_, index) => ({
      index,
      priority: index % 11 === 0 ? "skip" : "normal",
      path: `season ${index % 30}/part ${Math.floor(index / 30)}/a file with a middling name ${index}.bin`,
      length: 1_000_000 + index * 977,
      progress: index % 3 === 0 ? 1 : (index % 100) / 100,
      availability: index % 40,
    }));
  }

  move(ms: number): void {
    const random = this.#random;
    this.#nowMs += ms;
    this.#owed += (this.#churn * ms) / 1000;
    for (; this.#owed >= 1; this.#owed--) {
      const at = randomBelow(random, this.#neighbours.length);
      const came = this.#newNeighbour();
      // Most that come and go are told of by nobody.
      if (came.id % 20 === 0)
        this.#note(`${this.#neighbours[at]?.endpoint} left: the other side closed the connection`);
      this.#neighbours.splice(at, 1);
      this.#neighbours.push(came);
    }
    for (const row of this.#neighbours) {
      row.connectedSeconds += ms / 1000;
      if (row.peerChoking) continue;
      row.downRate = Math.round(0.8 * row.downRate + 0.4 * randomFraction(random) * ((row.id * 7919) % 400_000));
      row.downloaded += Math.floor((row.downRate * ms) / 1000);
      if (row.slot !== null) row.upRate = Math.round(0.8 * row.upRate + 0.4 * randomFraction(random) * 200_000);
      row.uploaded += Math.floor((row.upRate * ms) / 1000);
    }
    for (let i = 0; i < this.#pieceCount / 50; i++) {
      const piece = randomBelow(random, this.#pieceCount);
      this.#availability[piece] = Math.max(0, (this.#availability[piece] ?? 0) + randomBelow(random, 7) - 3);
      if (i % 8 === 0) this.#active[piece] = randomBelow(random, 2);
    }
    this.#small.step(ms);
  }

  detail(topic: TorrentTopic, row: TorrentRow): TorrentDetail {
    const { sort, isDescending, offset, limit } = topic.neighbours;
    const compare = neighbourOrder(sort, false);
    const sorted = [...this.#neighbours].sort((a, b) => (isDescending ? -1 : 1) * compare(a, b) || a.id - b.id);
    const watched = sorted.find(({ id }) => id === topic.neighbour);
    const { neighbour: close } = fakeCloser(topic, watched === undefined ? [] : [watched]);
    const interested = this.#neighbours.filter(({ peerInterested }) => peerInterested).length;
    const small = this.#small.detail({ ...topic, cells: 1, logLimit: 0, files: { offset: 0, limit: 0 } });
    return {
      ...small,
      row,
      neighbours: sorted.slice(offset, offset + limit).map((each) => ({
        ...each,
        time: this.#times(),
        connectedSeconds: Math.round(each.connectedSeconds),
      })),
      neighbourCount: sorted.length,
      pieces: this.#pieces(topic.cells),
      choker: { ...small.choker, interestedNeighbours: interested },
      files: this.#files.slice(topic.files.offset, topic.files.offset + topic.files.limit),
      fileCount,
      log: topic.logLimit === 0 ? [] : this.#log.slice(-topic.logLimit),
      neighbour: close,
      ledger: topic.ledgerRounds === undefined ? null : this.#ledgerOf(topic, sorted),
    };
  }

  #ledgerOf(topic: TorrentTopic, sorted: readonly NeighbourRow[]): ChokeLedgerView | null {
    if (this.#nowMs - this.#ledger.ms >= ledgerMs) {
      const { ledger } = fakeCloser(topic, sorted.slice(0, 100));
      this.#ledger = { ms: this.#nowMs, view: ledger };
    }
    const { view } = this.#ledger;
    if (view === null) return null;
    const neighbours = sorted.slice(0, ledgerNeighbours).map((row) => ({
      id: row.id,
      endpoint: row.endpoint,
      given: row.uploaded,
      taken: row.downloaded,
      ratio: row.downloaded === 0 ? null : row.uploaded / row.downloaded,
      rounds: 60,
      roundsServed: row.id % 60,
      roundsOpen: (row.id * 7) % 60,
    }));
    return { ...view, neighbours };
  }

  #note(text: string): void {
    this.#log.push({ number: this.#logNumber++, wallMs: 1_795_000_000_000 + Math.round(this.#nowMs), text });
    if (this.#log.length > logMax) this.#log.shift();
  }

  #times(): NeighbourRow["time"] {
    const random = this.#random;
    const thousandths = (): number => Math.round(1000 * randomFraction(random) ** 3) / 1000;
    const down: DownTimes = {
      uninterested: thousandths(),
      choked: thousandths(),
      snubbed: 0,
      limited: 0,
      held: 0,
      disk: thousandths(),
      waiting: thousandths(),
      idle: thousandths(),
    };
    const up: UpTimes = {
      unwanted: 0,
      choking: thousandths(),
      unasked: thousandths(),
      disk: 0,
      limited: 0,
      line: thousandths(),
    };
    return { down, up };
  }

  #pieces(cells: number): PieceMap {
    const pieceCount = this.#pieceCount;
    const cellCount = Math.min(cells, pieceCount);
    const have = new Array<number>(cellCount).fill(0);
    const active = new Array<number>(cellCount).fill(0);
    const minAvailability = new Array<number>(cellCount).fill(0);
    for (let cell = 0; cell < cellCount; cell++) {
      const end = Math.floor(((cell + 1) * pieceCount) / cellCount);
      let lowest = Number.POSITIVE_INFINITY;
      for (let piece = Math.floor((cell * pieceCount) / cellCount); piece < end; piece++) {
        lowest = Math.min(lowest, this.#availability[piece] ?? 0);
        have[cell] = (have[cell] ?? 0) + (this.#have[piece] ?? 0);
        active[cell] = (active[cell] ?? 0) + (this.#active[piece] ?? 0);
      }
      minAvailability[cell] = lowest;
    }
    return {
      pieceCount,
      cellCount,
      have,
      active,
      minAvailability,
      skipped: new Array<number>(cellCount).fill(0),
      neighbours: this.#neighbours.length,
      rarest: { availability: 1, count: 4, first: 17 },
      copies: 3.2,
    };
  }

  #newNeighbour(): Neighbour {
    const random = this.#random;
    const id = this.#nextId++;
    const peerChoking = randomFraction(random) < 0.5;
    const slot = id % 40 === 0 ? (id % 80 === 0 ? "optimistic" : "regular") : null;
    const octet = (): number => 1 + randomBelow(random, 250);
    return {
      id,
      endpoint:
        id % 7 === 3
          ? `[2001:db8:${id.toString(16)}::7]:6881`
          : `${octet()}.${octet()}.${octet()}.${octet()}:${6881 + octet()}`,
      client: clients[id % clients.length] ?? "",
      isIncoming: id % 3 === 0,
      source: id % 3 === 0 ? "incoming" : "tracker",
      amChoking: slot === null,
      amInterested: id % 5 !== 0,
      peerChoking,
      peerInterested: id % 4 !== 0,
      isSnubbed: id % 50 === 1,
      isSeed: id % 9 === 0,
      flags: `${id % 5 === 0 ? "K" : peerChoking ? "d" : "D"}${slot === null ? "u" : "U"}${id % 3 === 0 ? "I" : ""}`,
      downRate: peerChoking ? 0 : randomBelow(random, 400_000),
      upRate: slot === null ? 0 : randomBelow(random, 200_000),
      downloaded: randomBelow(random, 80_000_000),
      uploaded: randomBelow(random, 30_000_000),
      progress: id % 9 === 0 ? 1 : randomFraction(random),
      requestsOut: peerChoking ? 0 : randomBelow(random, 60),
      requestWindow: 64,
      requestsIn: slot === null ? 0 : randomBelow(random, 20),
      slot,
      slotReason: reasons[slot === null ? 2 + (id % 2) : slot === "regular" ? 0 : 1] ?? "",
      roundTripMs: peerChoking ? null : 12 + ((id * 17) % 190),
      time: this.#times(),
      connectedSeconds: 0,
    };
  }
}
