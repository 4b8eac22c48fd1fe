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
import type { Command, CommandResult, ShownChoices } from "./command.ts";
import type { Bound, ChokeLedgerView, Forecast, Graph, GraphSpan, NeighbourDetail, TimeOfAll } from "./insight.ts";
import type { Notice } from "./notice.ts";
import type { PieceDetail, PieceList, PieceMap, Rarity } from "./piece-rows.ts";
import type {
  ChokerRow,
  FileRow,
  LogLine,
  NeighbourRow,
  NeighbourSort,
  SourceRow,
  TorrentRow,
  TrackerRow,
} from "./rows.ts";
import type { SessionRow } from "./session-row.ts";
import type { Verdict } from "./verdict.ts";

export * from "./command.ts";
export type { Notice } from "./notice.ts";
export * from "./piece-rows.ts";
export * from "./rows.ts";
export type { DiskRow, Lifetime, SessionRow, ShortDisk } from "./session-row.ts";

/** Raised with every change that an older side would misread. */
export const protocolVersion = 5;

// ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

export interface TorrentDetail {
  readonly row: TorrentRow;
  readonly neighbours: readonly NeighbourRow[];
  /** Of all, of which `neighbours` is the window. */
  readonly neighbourCount: number;
  readonly pieces: PieceMap;
  readonly choker: ChokerRow;
  readonly trackers: readonly TrackerRow[];
  /** They are being asked for what `TorrentTopic.scrape` wants. */
  readonly isScraping: boolean;
  /** One for each source, the same order always. */
  readonly sources: readonly SourceRow[];
  readonly files: readonly FileRow[];
  readonly fileCount: number;
  /** One value a second, oldest first, at most 300. */
  readonly downHistory: readonly number[];
  readonly upHistory: readonly number[];
  /** The newest lines, oldest first. */
  readonly log: readonly LogLine[];
  readonly comment: string;
  readonly choices: ShownChoices;
  /** `null` while it is not active. */
  readonly time: TimeOfAll | null;
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
  readonly rarity: Rarity | null;
  readonly pieceList: PieceList | null;
  readonly piece: PieceDetail | null;
}

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
  /** Runs of the rarest pieces wanted, 0 … 100. Default: nothing of how rare pieces are. */
  readonly rareRuns?: number;
  /** Pieces that are shown one by one. Default: none. */
  readonly pieces?: Window;
  /** The piece that is looked at closely. Default: none. */
  readonly piece?: number;
  /**
   * Has the trackers asked for what they have not told of the swarm lately: `fresh` in the last minute, `known` in the last
   * quarter of an hour. Default: not at all.
   */
  readonly scrape?: "fresh" | "known";
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
