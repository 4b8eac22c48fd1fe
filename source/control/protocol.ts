/**
 * What a UI or script and the engine say to each other: JSON objects, one per WebSocket message (or passed in memory,
 * the same). The first message each way is `hello` / `welcome`; both sides stop if the versions differ.
 *
 * A subscription sends frames. At most one frame per subscription is unacknowledged, so a slow reader gets fewer and
 * fresher frames; `torrents` is sent as changed rows, `torrent` whole for the window asked for.
 *
 * Texts are as they came from outside: whoever shows them sanitises them. Rates are bytes per second, lengths bytes,
 * `…Ms` milliseconds, `…WallMs` milliseconds since 1970; `null` stands for "not known" or "never".
 */
import type { InfoHash } from "../base/ids.ts";
import type { BanCommand, BansReport } from "./bans-protocol.ts";
import type { Bound, ChokeLedgerView, Forecast, Graph, GraphSpan, NeighbourDetail, NeighbourTimes } from "./insight.ts";
import type { MoveCommand, MoveReport } from "./move-protocol.ts";
import type { Notice } from "./notice.ts";
import type { SessionRow } from "./session-row.ts";
import type { SettingChange, SettingsReport } from "./settings-protocol.ts";
import type { Verdict } from "./verdict.ts";

export type { Notice } from "./notice.ts";
export type { Lifetime, SessionRow, ShortDisk } from "./session-row.ts";

/** Raised with every change that an older side would misread. */
export const protocolVersion = 3;

// ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

/** `queued` waits for its turn; `failed` waits for what `reason` says, or for the user. */
export type TorrentState = "checking" | "downloading" | "seeding" | "queued" | "moving" | "paused" | "failed";

export interface TorrentRow {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly state: TorrentState;
  /** From 1, among all torrents; see the command `queue`. */
  readonly queuePosition: number;
  /** In words, why it failed or what it waits for; "" where there is nothing to say. */
  readonly reason: string;
  readonly savePath: string;
  /** Sorted. */
  readonly labels: readonly string[];
  readonly isPrivate: boolean;
  readonly totalLength: number;
  /** Bytes of verified pieces. */
  readonly verifiedLength: number;
  /** Bytes of the pieces of files that are not skipped; of these, bytes still missing. */
  readonly wantedLength: number;
  readonly leftLength: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  /** 0 … 1 while `checking` or `moving`, else null. */
  readonly checkedFraction: number | null;
  readonly downRate: number;
  readonly upRate: number;
  /** Content bytes since the torrent was added, kept over restarts. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** Bytes that came and could not be used: failed pieces, duplicates, unrequested blocks. */
  readonly wasted: number;
  readonly etaSeconds: number | null;
  /** What all downloads to its disk lack there; 0: they fit, or it is not downloading. */
  readonly missingSpace: number;
  /** Connected now; of these, how many have everything. */
  readonly neighbours: number;
  readonly neighbourSeeds: number;
  /** Known addresses, connected or not. */
  readonly knownPeers: number;
  /** As the trackers say. */
  readonly swarmSeeds: number | null;
  readonly swarmLeeches: number | null;
  /** Of its trackers, each once, the first ones. */
  readonly trackerHosts: readonly string[];
  readonly addedWallMs: number;
  readonly completedWallMs: number | null;
}

export type Slot = "regular" | "optimistic" | null;

export interface NeighbourRow {
  /** Stable while connected. */
  readonly id: number;
  /** `ADDRESS:PORT`, brackets round IPv6. */
  readonly endpoint: string;
  /** Client name and version from its extension handshake or peer id, "" until known. */
  readonly client: string;
  readonly isIncoming: boolean;
  readonly source: "tracker" | "incoming" | "manual";
  readonly amChoking: boolean;
  readonly amInterested: boolean;
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  readonly isSnubbed: boolean;
  readonly isSeed: boolean;
  /** qBittorrent's letters, see `flagLegend`. */
  readonly flags: string;
  readonly downRate: number;
  readonly upRate: number;
  readonly downloaded: number;
  readonly uploaded: number;
  /** 0 … 1 of all pieces. */
  readonly progress: number;
  /** Our unanswered requests, and how many we allow ourselves now. */
  readonly requestsOut: number;
  readonly requestWindow: number;
  /** Its requests that we have not answered. */
  readonly requestsIn: number;
  readonly slot: Slot;
  /** Why it has, or has not, one of our upload slots. */
  readonly slotReason: string;
  /** Request to block, smoothed; `null` before the first block. */
  readonly roundTripMs: number | null;
  /** What the last minute of it went into, each way. */
  readonly time: NeighbourTimes;
  readonly connectedSeconds: number;
}

/** The letters of `NeighbourRow.flags`, in the order they are written. Known from qBittorrent. */
export const flagLegend: readonly (readonly [letter: string, meaning: string])[] = [
  ["D", "we download: we want its pieces and it unchokes us"],
  ["d", "we want its pieces, but it chokes us"],
  ["U", "we upload: it wants our pieces and we unchoke it"],
  ["u", "it wants our pieces, but we choke it"],
  ["K", "it unchokes us, but we want nothing from it"],
  ["?", "we unchoke it, but it wants nothing from us"],
  ["O", "optimistic unchoke"],
  ["S", "snubbed: it unchoked us and sends nothing"],
  ["I", "incoming connection"],
];

/**
 * The pieces in order, in `cellCount` cells of (nearly) equal piece counts; cell i covers pieces
 * floor(i·P/C) … floor((i+1)·P/C) - 1. With no more pieces than asked-for cells, every cell is one piece.
 */
export interface PieceMap {
  readonly pieceCount: number;
  readonly cellCount: number;
  /** Verified pieces in each cell. */
  readonly have: readonly number[];
  /** Pieces in each cell of which blocks are requested or received, but which are not verified. */
  readonly active: readonly number[];
  /**
   * The lowest availability among the pieces of the cell that we miss (0: nobody we are connected to has it); where we
   * miss none, the lowest among all.
   */
  readonly minAvailability: readonly number[];
  /** Availability of the rarest piece we miss, and how many are that rare; `null` when nothing is missing. */
  readonly rarest: { readonly availability: number; readonly count: number; readonly first: number } | null;
  /** Whole copies among the neighbours: the lowest availability plus the fraction of pieces above it. */
  readonly copies: number;
}

export interface TrackerRow {
  /** Passkeys masked. */
  readonly url: string;
  readonly tier: number;
  readonly state: "waiting" | "announcing" | "working" | "failed" | "unsupported";
  /** The last error or warning, "" if none. */
  readonly message: string;
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly peersReceived: number;
  /** `null` where none is planned. */
  readonly nextAnnounceMs: number | null;
}

/** `skip`: not wanted. */
export type FilePriority = "skip" | "low" | "normal" | "high";

export interface FileRow {
  /** In the .torrent file: how `TorrentChanges` names it. */
  readonly index: number;
  readonly priority: FilePriority;
  readonly path: string;
  readonly length: number;
  /** 0 … 1 by verified bytes. */
  readonly progress: number;
}

export interface ChokerRow {
  readonly mode: "leech" | "seed";
  readonly regularSlots: number;
  readonly rechokeMs: number;
  readonly optimisticMs: number;
  readonly interestedNeighbours: number;
  readonly unchokedNeighbours: number;
}

export interface LogLine {
  /** Counts up by one. */
  readonly number: number;
  readonly wallMs: number;
  readonly text: string;
}

export type NeighbourSort =
  | "downRate"
  | "upRate"
  | "progress"
  | "endpoint"
  | "client"
  | "downloaded"
  | "uploaded"
  | "flags";

export interface TorrentDetail {
  readonly row: TorrentRow;
  readonly neighbours: readonly NeighbourRow[];
  /** Of all, of which `neighbours` is the window. */
  readonly neighbourCount: number;
  readonly pieces: PieceMap;
  readonly choker: ChokerRow;
  readonly trackers: readonly TrackerRow[];
  readonly files: readonly FileRow[];
  readonly fileCount: number;
  /** One value a second, oldest first, at most 300. */
  readonly downHistory: readonly number[];
  readonly upHistory: readonly number[];
  /** The newest lines, oldest first. */
  readonly log: readonly LogLine[];
  readonly comment: string;
  readonly choices: ShownChoices;
  /** The weightiest first, at least one. */
  readonly why: readonly Verdict[];
  /** How fast it could spread at best; `null` while it is not active. */
  readonly bound: Bound | null;
  /** When it will be complete; `null` where that cannot be said. */
  readonly forecast: Forecast | null;
  /** The one that was asked for; `null` where none was, or it has left. */
  readonly neighbour: NeighbourDetail | null;
  /** `null` where it was not asked for. */
  readonly ledger: ChokeLedgerView | null;
}

/** What the user has decided about one torrent, but for the priorities of its files. */
export interface ShownChoices {
  readonly labels: readonly string[];
  readonly isSequential: boolean;
  /** 0: none but the limits for all. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Upload slots and neighbours at most; `null` as for all. */
  readonly slots: number | null;
  readonly connections: number | null;
  /** Active whatever the queue says. */
  readonly isForced: boolean;
  /** Seeding goals: `null` as for all, 0 none. */
  readonly ratioGoal: number | null;
  readonly seedMinutesGoal: number | null;
  readonly idleMinutesGoal: number | null;
}

/** What is named is changed, the rest stays. */
export type TorrentChanges = Partial<ShownChoices> & {
  readonly priorities?: readonly { readonly file: number; readonly priority: FilePriority }[];
};

export interface Window {
  readonly offset: number;
  /** 0 … 500. */
  readonly limit: number;
}

export interface TorrentTopic {
  readonly kind: "torrent";
  readonly infoHash: InfoHash;
  readonly neighbours: Window & { readonly sort: NeighbourSort; readonly isDescending: boolean };
  readonly files: Window;
  /** Log lines wanted, 0 … 500. */
  readonly logLimit: number;
  /** Heatmap cells wanted, 0 … 20,000. */
  readonly cells: number;
  /** Id of the neighbour that is looked at closely. Default: none. */
  readonly neighbour?: number;
  /** Rounds of the ledger wanted, 1 … 60. Default: no ledger. */
  readonly ledgerRounds?: number;
}

/** How much flowed over a longer time, kept over restarts; a frame about each step, at most one a second. */
export interface GraphTopic {
  readonly kind: "graph";
  /** `null`: of all torrents together. */
  readonly infoHash: InfoHash | null;
  readonly span: GraphSpan;
}

export type Topic = { readonly kind: "torrents" } | TorrentTopic | GraphTopic;

/** `isWhole`: these are all rows; else only those that changed since the last frame. */
export interface TorrentsFrame {
  readonly kind: "torrents";
  readonly isWhole: boolean;
  readonly rows: readonly TorrentRow[];
  readonly removed: readonly InfoHash[];
  readonly session: SessionRow;
}

export type Frame =
  | TorrentsFrame
  | { readonly kind: "torrent"; readonly detail: TorrentDetail }
  | { readonly kind: "graph"; readonly graph: Graph }
  | { readonly kind: "gone" };

// ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

export type Command =
  | {
      readonly name: "add";
      /** The .torrent file, base64. */
      readonly metainfo: string;
      /** Absolute. */
      readonly savePath: string;
      readonly isPaused: boolean;
      /** `HOST:PORT` to dial besides what trackers say. */
      readonly peers: readonly string[];
      /** Hash what is on the disk even where the resume record vouches for it. */
      readonly mustCheck: boolean;
      readonly choices?: TorrentChanges;
    }
  | { readonly name: "change"; readonly infoHash: InfoHash; readonly changes: TorrentChanges }
  | { readonly name: "pause" | "resume" | "reannounce" | "recheck"; readonly infoHash: InfoHash }
  | { readonly name: "remove"; readonly infoHash: InfoHash; readonly data: DataFate }
  /** Moves torrents in the queue, keeping their order; a number is the place that the first of them shall have. */
  | { readonly name: "queue"; readonly infoHashes: readonly InfoHash[]; readonly move: QueueMove }
  /** The alternative limits by hand, until the schedule switches next; `auto`: as the schedule says now. */
  | { readonly name: "alternative"; readonly mode: "on" | "off" | "auto" }
  /** The limits of all torrents together; kept in the settings file, where the engine has one. */
  | { readonly name: "limits"; readonly maxDownRate: number; readonly maxUpRate: number }
  /** What holds, and where it comes from. Errors: `no-settings`. */
  | { readonly name: "settings" }
  /** Changes the settings file: all of it or, with an error, nothing. Errors: `no-settings`, `unknown-setting`, … */
  | { readonly name: "set"; readonly changes: readonly SettingChange[] }
  | BanCommand
  | MoveCommand
  /** An engine that would end when nobody is attached any more goes on until it is told to `shutdown`. */
  | { readonly name: "stay" }
  | { readonly name: "shutdown" };

/** Of the files of a torrent that is removed. */
export type DataFate = "keep" | "delete" | "trash";

export type QueueMove = "top" | "up" | "down" | "bottom" | number;

export type CommandName = Command["name"];

export interface AddResult {
  readonly infoHash: InfoHash;
  /** False where it was there already: nothing was changed. */
  readonly isNew: boolean;
}

/**
 * `add` answers an AddResult, `settings` and `set` a SettingsReport, those of bans a BansReport, `move` and `rename` a
 * MoveReport, everything else `null`.
 */
export type CommandResult = AddResult | SettingsReport | BansReport | MoveReport | null;

export function isAddResult(result: CommandResult): result is AddResult {
  return result !== null && "isNew" in result;
}

export function isSettingsReport(result: CommandResult): result is SettingsReport {
  return result !== null && "settings" in result;
}

// ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type ClientMessage =
  | { readonly type: "hello"; readonly protocol: number; readonly version: string }
  | { readonly type: "request"; readonly id: number; readonly command: Command }
  /** Again with the same `subscription`: changes what it asks for. */
  | { readonly type: "subscribe"; readonly subscription: number; readonly topic: Topic }
  | { readonly type: "unsubscribe"; readonly subscription: number }
  | { readonly type: "ack"; readonly subscription: number; readonly frame: number };

export type EngineMessage =
  | {
      readonly type: "welcome";
      readonly protocol: number;
      readonly version: string;
      readonly pid: number;
      readonly profile: string;
    }
  | { readonly type: "reply"; readonly id: number; readonly isOk: true; readonly result: CommandResult }
  | {
      readonly type: "reply";
      readonly id: number;
      readonly isOk: false;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "frame"; readonly subscription: number; readonly frame: number; readonly data: Frame }
  | { readonly type: "notice"; readonly notice: Notice };
