/** A small engine for tests: rows that a test sets, commands that it answers. */
import { OperationalError } from "../../source/base/errors.ts";
import { type InfoHash, infoHashFromHex } from "../../source/base/ids.ts";
import type { ControlTarget } from "../../source/control/control-target.ts";
import type {
  Command,
  CommandResult,
  Frame,
  GraphTopic,
  Notice,
  SessionRow,
  TorrentDetail,
  TorrentRow,
  TorrentTopic,
} from "../../source/control/protocol.ts";

export function hash(n: number): InfoHash {
  return infoHashFromHex(n.toString(16).padStart(40, "0"));
}

/** The same list as long as it does not change: that is how rows are compared. */
const none: readonly string[] = [];

export function torrentRow(n: number, overrides: Partial<TorrentRow> = {}): TorrentRow {
  return {
    infoHash: hash(n),
    name: `torrent ${n}`,
    state: "downloading",
    queuePosition: 1,
    reason: "",
    savePath: "/tmp/downloads",
    labels: none,
    isPrivate: false,
    totalLength: 1000,
    verifiedLength: 0,
    wantedLength: overrides.totalLength ?? 1000,
    leftLength: (overrides.totalLength ?? 1000) - (overrides.verifiedLength ?? 0),
    pieceLength: 16384,
    pieceCount: 1,
    verifiedPieces: 0,
    checkedFraction: null,
    downRate: 0,
    upRate: 0,
    downloaded: 0,
    uploaded: 0,
    wasted: 0,
    etaSeconds: null,
    missingSpace: 0,
    neighbours: 0,
    neighbourSeeds: 0,
    knownPeers: 0,
    swarmSeeds: null,
    swarmLeeches: null,
    trackerHosts: none,
    addedWallMs: 1,
    completedWallMs: null,
    ...overrides,
  };
}

export function sessionRow(overrides: Partial<SessionRow> = {}): SessionRow {
  return {
    version: "1.0.0",
    pid: 1,
    profile: "/tmp/profile",
    listenAddress: "127.0.0.1",
    listenPort: 6881,
    listenProblem: "",
    refused: 0,
    hasIncoming: false,
    dhtNodes: null,
    dhtProblem: "",
    downRate: 0,
    upRate: 0,
    maxDownRate: 0,
    maxUpRate: 0,
    neighbours: 0,
    alternative: { isOn: false, isByHand: false, nextSwitchWallMs: null },
    disks: [],
    shortDisk: null,
    lifetime: { downloaded: 3e9, uploaded: 4e9, seconds: 90_000, sessions: 3 },
    settingsRevision: null,
    upSeconds: 0,
    ...overrides,
  };
}

export function torrentDetail(row: TorrentRow): TorrentDetail {
  return {
    row,
    neighbours: [
      {
        id: 1,
        endpoint: "127.0.0.1:5000",
        client: "p2p-tui",
        isIncoming: false,
        source: "manual",
        amChoking: true,
        amInterested: true,
        peerChoking: false,
        peerInterested: false,
        isSnubbed: false,
        isSeed: true,
        flags: "D",
        downRate: 1,
        upRate: 2,
        downloaded: 3,
        uploaded: 4,
        progress: 1,
        requestsOut: 5,
        requestWindow: 6,
        requestsIn: 0,
        slot: null,
        slotReason: "not interested",
        roundTripMs: null,
        time: {
          down: { uninterested: 0, choked: 0.25, snubbed: 0, limited: 0, held: 0, disk: 0, waiting: 0.75, idle: 0 },
          up: { unwanted: 1, choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 },
        },
        connectedSeconds: 7,
      },
    ],
    neighbourCount: 1,
    pieces: {
      pieceCount: 1,
      cellCount: 1,
      have: [0],
      active: [1],
      skipped: [],
      minAvailability: [1],
      rarest: { availability: 1, count: 1, first: 0 },
      copies: 1,
      neighbours: 1,
    },
    choker: {
      mode: "leech",
      regularSlots: 4,
      rechokeMs: 1,
      optimisticMs: 2,
      interestedNeighbours: 0,
      unchokedNeighbours: 0,
    },
    trackers: [
      {
        url: "http://127.0.0.1/announce",
        tier: 0,
        state: "working",
        message: "",
        seeds: 1,
        leeches: null,
        downloaded: null,
        peersReceived: 1,
        nextAnnounceMs: 1000,
      },
    ],
    isScraping: false,
    sources: [{ source: "manual", known: 1, connected: 1, note: "" }],
    files: [{ index: 0, priority: "normal", path: "a", length: 1000, progress: 0, availability: 1 }],
    fileCount: 1,
    downHistory: [1, 2],
    upHistory: [0, 0],
    log: [{ number: 1, wallMs: 5, text: "added" }],
    comment: "",
    choices: {
      labels: [],
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
    },
    time: {
      downSeconds: 60,
      upSeconds: 0,
      down: { choked: 0.75, snubbed: 0, limited: 0, held: 0, disk: 0, waiting: 0.25, idle: 0 },
      up: { choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 },
      capped: 0,
      givenToChoking: 0,
    },
    bound: null,
    forecast: null,
    neighbour: null,
    ledger: null,
    rarity: {
      of: "missing",
      copies: [0, 1],
      runs: [{ first: 0, last: 0, availability: 1, holders: ["127.0.0.1:5000"] }],
      lacking: [{ id: 2, endpoint: "127.0.0.1:5001", lacks: 3, seconds: null }],
      lackingCount: 1,
    },
    pieceList: {
      offset: 0,
      rows: [{ state: "missing", length: 1000, availability: 1, blocks: 1, received: 0, requested: 0 }],
      files: [{ path: "a", priority: "normal", first: 0, last: 0 }],
    },
    piece: {
      index: 0,
      state: "active",
      length: 1000,
      availability: 1,
      blocks: 1,
      received: 0,
      requested: 1,
      files: [{ path: "a", priority: "skip", first: 0, last: 0 }],
      fileCount: 3,
      blockStates: "a",
      blockPeers: [1],
      neighbours: [
        {
          id: 1,
          endpoint: "127.0.0.1:5000",
          client: "p2p-tui\u001b[2J",
          hasPiece: true,
          peerChoking: false,
          amChoking: true,
          isSnubbed: false,
          downRate: 1024,
          upRate: 0,
          asked: 1,
          sent: 0,
        },
      ],
      holderCount: 1,
      neighbourCount: 1,
      why: { weight: "note", code: "active", sentence: "it is under way", evidence: ["1 asked for"], help: "" },
    },
    why: [
      { weight: "stops", code: "all-choke", sentence: "the only useful neighbour chokes us", evidence: [], help: "" },
    ],
  };
}

export class FakeTarget implements ControlTarget {
  rows: TorrentRow[] = [];
  sessionNow: SessionRow = sessionRow();
  readonly commands: Command[] = [];
  readonly topics: TorrentTopic[] = [];
  answer: (command: Command) => Promise<CommandResult> = () => Promise.resolve(null);
  standing: readonly Notice[] = [];
  readonly listeners = new Set<(notice: Notice) => void>();

  execute(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    return this.answer(command);
  }

  standingNotices(): readonly Notice[] {
    return this.standing;
  }

  session(): SessionRow {
    return this.sessionNow;
  }

  torrents(): readonly TorrentRow[] {
    return this.rows;
  }

  torrent(topic: TorrentTopic): Exclude<Frame, { readonly kind: "torrents" }> {
    this.topics.push(topic);
    const row = this.rows.find(({ infoHash }) => infoHash === topic.infoHash);
    return row === undefined ? { kind: "gone" } : { kind: "torrent", detail: torrentDetail(row) };
  }

  graph({ infoHash, span }: GraphTopic): Exclude<Frame, { readonly kind: "torrents" | "torrent" }> {
    return {
      kind: "graph",
      graph: { infoHash, span, stepSeconds: 60, newestWallMs: 0, down: [1, null], up: [0, null] },
    };
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(notice: Notice): void {
    for (const listener of [...this.listeners]) listener(notice);
  }
}

export function torrentTopic(n: number): TorrentTopic {
  return {
    kind: "torrent",
    infoHash: hash(n),
    neighbours: { offset: 0, limit: 50, sort: "downRate", isDescending: true },
    files: { offset: 0, limit: 0 },
    logLimit: 10,
    cells: 100,
  };
}

export function noSuchTorrent(): Promise<never> {
  return Promise.reject(new OperationalError("no-torrent", "there is no such torrent"));
}
