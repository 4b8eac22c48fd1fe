/** Everything the screen is drawn from: plain data, changed only by the reducer. No engine object is in it. */
import type { InfoHash } from "../../base/ids.ts";
import type { Graph, GraphSpan } from "../../control/insight.ts";
import type { NeighbourSort, SessionRow, TorrentDetail, TorrentRow } from "../../control/protocol.ts";
import type { SettingsReport } from "../../control/settings-protocol.ts";
import { isComplete } from "../../control/torrent-row.ts";
import type { ListSort } from "../../preferences/list-columns.ts";
import { withSimulationKeys } from "../../preferences/simulation-keys.ts";
import type { TorrentView } from "../../preferences/views.ts";
import type { PieceLevel } from "../layout/pieces-plan.ts";
import type { SimulationStatus } from "../simulation-dial.ts";
import { emptyTree, type FileTree } from "./file-tree.ts";
import { startsDescending } from "./list-sort.ts";
import type { MarkRange } from "./marks.ts";
import type { Overlay } from "./overlay.ts";
import { isMouseOn, type Preferences, usualPreferences } from "./preferences.ts";
import type { Toasts } from "./toasts.ts";

export type Tone = "info" | "good" | "warn" | "bad";

export interface ListState {
  readonly rows: ReadonlyMap<InfoHash, TorrentRow>;
  /** Sorted and filtered. */
  readonly order: readonly InfoHash[];
  readonly sort: ListSort;
  readonly isDescending: boolean;
  readonly filter: string;
  readonly selected: InfoHash | null;
  /** Marked for what is done next; each is among `rows`. */
  readonly marked: ReadonlySet<InfoHash>;
  /** `null` while none is being marked. */
  readonly range: MarkRange | null;
  readonly offset: number;
  readonly isLoaded: boolean;
  /** Totals, sampled once a second, oldest first. */
  readonly downHistory: readonly number[];
  readonly upHistory: readonly number[];
  readonly sampledMs: number;
}

export interface NeighboursState {
  readonly sort: NeighbourSort;
  readonly isDescending: boolean;
  /** Index in the whole sorted list; follows the selected neighbour. */
  readonly cursor: number;
  readonly offset: number;
  readonly selectedId: number | null;
}

export interface ScrollState {
  readonly cursor: number;
  readonly offset: number;
}

export interface PiecesState {
  readonly level: PieceLevel;
  /** Under the cursor of map and list, of all pieces. */
  readonly piece: number;
  /** Of the list. */
  readonly offset: number;
  /** Of the neighbours that have the piece. */
  readonly holders: ScrollState;
}

export interface OpenTorrent {
  readonly infoHash: InfoHash;
  readonly view: TorrentView;
  readonly detail: TorrentDetail | null;
  /** When `detail` came, on the same clock as `nowMs`; countdowns run on from there. */
  readonly receivedMs: number;
  /** Where the window of `detail` begins: the index of its first neighbour. */
  readonly neighboursFrom: number;
  readonly isGone: boolean;
  readonly neighbours: NeighboursState;
  /** The view of neighbours shows the selected one alone. */
  readonly isClose: boolean;
  /** One came to it from a piece that it has, and goes back there. */
  readonly isCloseFromPiece: boolean;
  readonly tree: FileTree;
  /** Of the lines of `tree`. */
  readonly files: ScrollState;
  readonly trackers: ScrollState;
  readonly ledger: ScrollState;
  /** Of the lines of the view `why`, the first that is shown. */
  readonly whyOffset: number;
  /** Where `w` was pressed, and leads back to. */
  readonly whyFrom: TorrentView | "list" | null;
  /** Rows back from the newest. */
  readonly logBack: number;
  /** Only lines with this in them are shown. */
  readonly logFilter: string;
  /** The newest line when the log was looked at last; `null` before that. */
  readonly logSeen: number | null;
  readonly pieces: PiecesState;
}

/** From short to long. */
export const graphSpans: readonly GraphSpan[] = ["5m", "3h", "week", "month"];

export interface GraphState {
  readonly span: GraphSpan;
  /** What came last, of whatever was asked for then. */
  readonly data: Graph | null;
}

export type Connection =
  /** For the first time. */
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** `isConnecting`: an engine is being found or started anew. */
  | { readonly kind: "lost"; readonly reason: string; readonly isConnecting: boolean }
  | { readonly kind: "leaving" };

export interface AppState {
  readonly title: string;
  readonly isDemo: boolean;
  /** `null` where the engine is a real one. */
  readonly simulation: SimulationStatus | null;
  readonly columns: number;
  readonly rows: number;
  /** A clock that only goes forward, in ms. */
  readonly nowMs: number;
  readonly connection: Connection;
  readonly session: SessionRow | null;
  readonly list: ListState;
  /** What is seen while no torrent is open: the list, or the graphs of all torrents together. */
  readonly home: "list" | "totals";
  readonly open: OpenTorrent | null;
  readonly graph: GraphState;
  readonly overlay: Overlay | null;
  readonly toasts: Toasts;
  readonly preferences: Preferences;
  /** Where a torrent goes for which no other folder is named; `null` where none can be added from here. */
  readonly addsTo: string | null;
  /** As the engine told last. */
  readonly settings: SettingsReport | null;
  /** What `auto` means for the mouse here. */
  readonly autoMouse: boolean;
  /** Whether clicks come to us; else the terminal selects text with them. */
  readonly hasMouse: boolean;
}

export function initialState(options: {
  readonly title: string;
  readonly isDemo: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Default: the usual ones. */
  readonly preferences?: Preferences;
  /** Whether clicks are wanted where the preferences leave it open. Default false. */
  readonly autoMouse?: boolean;
  /** Default `null`. */
  readonly addsTo?: string | null;
  /** Default: none. */
  readonly simulation?: SimulationStatus | null;
}): AppState {
  const { preferences: chosen = usualPreferences, autoMouse = false, simulation = null } = options;
  const preferences = simulation === null ? chosen : { ...chosen, keymap: withSimulationKeys(chosen.keymap) };
  const { sort, isReversed } = preferences.order;
  return {
    ...options,
    addsTo: options.addsTo ?? null,
    simulation,
    preferences,
    settings: null,
    autoMouse,
    connection: { kind: "connecting" },
    session: null,
    list: {
      rows: new Map(),
      order: [],
      sort,
      isDescending: startsDescending(sort) !== isReversed,
      filter: "",
      selected: null,
      marked: new Set(),
      range: null,
      offset: 0,
      isLoaded: false,
      downHistory: [],
      upHistory: [],
      sampledMs: Number.NEGATIVE_INFINITY,
    },
    home: "list",
    open: null,
    graph: { span: "5m", data: null },
    overlay: null,
    toasts: [],
    hasMouse: isMouseOn(preferences.mouse, autoMouse),
  };
}

/** @param row what the list says of it: who has everything looks at who takes, else at who gives. */
export function openTorrent(infoHash: InfoHash, row?: TorrentRow): OpenTorrent {
  const hasAll = row !== undefined && isComplete(row);
  return {
    infoHash,
    view: "swarm",
    detail: null,
    receivedMs: 0,
    neighboursFrom: 0,
    isGone: false,
    neighbours: {
      sort: hasAll ? "upRate" : "downRate",
      isDescending: true,
      cursor: 0,
      offset: 0,
      selectedId: null,
    },
    isClose: false,
    isCloseFromPiece: false,
    tree: emptyTree,
    files: { cursor: 0, offset: 0 },
    trackers: { cursor: 0, offset: 0 },
    ledger: { cursor: 0, offset: 0 },
    whyOffset: 0,
    whyFrom: null,
    logBack: 0,
    logFilter: "",
    logSeen: null,
    pieces: { level: "map", piece: 0, offset: 0, holders: { cursor: 0, offset: 0 } },
  };
}

/** The engine was lost, and another one is on its way. */
export function isReconnecting({ connection }: AppState): boolean {
  return connection.kind === "lost" && connection.isConnecting;
}

/** The row that the keys act on: the open torrent, or the selected one of the list. */
export function currentRow(state: AppState): TorrentRow | null {
  const infoHash = state.open?.infoHash ?? state.list.selected;
  if (infoHash === null || infoHash === undefined) return null;
  return state.list.rows.get(infoHash) ?? state.open?.detail?.row ?? null;
}

/** The rows that pause, remove, announce and check act on: the open torrent, else those marked, else the selected one. */
export function targetRows(state: AppState): readonly TorrentRow[] {
  if (state.open === null && state.list.marked.size > 0) {
    const rows: TorrentRow[] = [];
    for (const infoHash of state.list.marked) {
      const row = state.list.rows.get(infoHash);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }
  const row = currentRow(state);
  return row === null ? [] : [row];
}
