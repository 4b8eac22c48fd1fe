/** The open torrent: its view, selections and scroll positions. */
import type { NeighbourRow, NeighbourSort, TorrentDetail, TorrentTopic } from "../../control/protocol.ts";
import { type TorrentView, torrentViews } from "../../preferences/views.ts";
import { allWhyLines, besideLines, timeLines } from "../components/why-lines.ts";
import type { Rect } from "../format/canvas.ts";
import { planLedger } from "../layout/ledger-plan.ts";
import { planNeighbourColumns, sortOf } from "../layout/neighbour-columns-plan.ts";
import { contentOf, planListing, planLog, planNeighbours, planSwarm, planTrackers } from "../layout/plan.ts";
import { clampIndex, offsetFor } from "../layout/scroll.ts";
import { planWhy } from "../layout/why-plan.ts";
import type { AppState, NeighboursState, OpenTorrent, ScrollState } from "./app-state.ts";
import { openTorrent } from "./app-state.ts";
import { mergeFiles, toggleFolder } from "./file-tree.ts";
import { type Move, moveIndex } from "./list-reducer.ts";
import { logRowCount, newestLine, scrollLog, withSeen } from "./log.ts";
import { moveInPieces, selectInPieces, settledPieces, showPiece } from "./pieces-reducer.ts";

export function applyDetail(state: AppState, topic: TorrentTopic, detail: TorrentDetail, nowMs: number): AppState {
  const { open } = state;
  if (open === null || open.infoHash !== topic.infoHash) return state;
  // Views without neighbours ask for none: those that were seen last are there at once when they are looked at again.
  const isSilent = topic.neighbours.limit === 0;
  // Other views ask for one file only, which says nothing.
  const tree = topic.files.limit > 1 ? mergeFiles(open.tree, detail.files, topic.files.offset) : open.tree;
  const next: OpenTorrent = {
    ...open,
    detail: isSilent ? { ...detail, neighbours: open.detail?.neighbours ?? [] } : detail,
    receivedMs: nowMs,
    neighboursFrom: isSilent ? open.neighboursFrom : topic.neighbours.offset,
    tree,
    isGone: false,
    // The reasons have an order of their own.
    neighbours:
      isSilent || open.view === "why"
        ? open.neighbours
        : followNeighbour(open.neighbours, detail, topic.neighbours.offset),
    files: { ...open.files, cursor: clampIndex(open.files.cursor, tree.lines.length) },
    trackers: { ...open.trackers, cursor: clampIndex(open.trackers.cursor, detail.trackers.length) },
  };
  return settle({ ...state, open: open.view === "log" ? withSeen(next) : next });
}

/** The selection stays on its neighbour while the order changes under it; if that one is gone, on its place. */
function followNeighbour(neighbours: NeighboursState, detail: TorrentDetail, from: number): NeighboursState {
  const at = detail.neighbours.findIndex((row) => row.id === neighbours.selectedId);
  const cursor = at >= 0 ? from + at : clampIndex(neighbours.cursor, detail.neighbourCount);
  return { ...neighbours, cursor, selectedId: detail.neighbours[cursor - from]?.id ?? null };
}

/** Where the view's table of neighbours is. */
function neighbourTable(state: AppState, open: OpenTorrent): { readonly rect: Rect; readonly isWhole: boolean } {
  if (open.view === "neighbours") {
    const plan = planNeighbours(state.columns, state.rows);
    return { rect: contentOf(plan.table, plan.hasBorders), isWhole: true };
  }
  const plan = planSwarm(state.columns, state.rows, {
    neighbours: open.detail?.neighbourCount ?? 0,
    pieces: open.detail?.pieces.pieceCount ?? 0,
    trackers: open.detail?.trackers.length ?? 0,
  });
  return { rect: contentOf(plan.neighbours, plan.hasBorders), isWhole: false };
}

/** How many neighbours the view has room for. */
export function neighbourPage(state: AppState, open: OpenTorrent): number {
  return Math.max(1, neighbourTable(state, open).rect.height - 1);
}

/** The views that are one table and nothing else. */
type Listed = "files" | "trackers" | "ledger";

/** How many lines the view has in all, and room for. */
function listed(state: AppState, open: OpenTorrent, view: Listed): { readonly page: number; readonly total: number } {
  const { detail, tree } = open;
  const { columns, rows } = state;
  switch (view) {
    case "files":
      return { page: planListing(columns, rows).pageSize, total: tree.lines.length };
    case "trackers":
      return { page: planTrackers(columns, rows).pageSize, total: detail?.trackers.length ?? 0 };
    case "ledger":
      return { page: planLedger(columns, rows).pageSize, total: detail?.ledger?.neighbours.length ?? 0 };
  }
}

/** Brings every window round its cursor, after a move, a frame or a new size. */
export function settle(state: AppState): AppState {
  const { open } = state;
  if (open === null) return state;
  const detail = open.detail;
  const window = (view: Listed): ScrollState => {
    const { page, total } = listed(state, open, view);
    const cursor = clampIndex(open[view].cursor, total);
    return { cursor, offset: offsetFor(cursor, open[view].offset, page, total) };
  };
  const neighbourCount = detail?.neighbourCount ?? 0;
  const neighbours = {
    ...open.neighbours,
    offset: offsetFor(open.neighbours.cursor, open.neighbours.offset, neighbourPage(state, open), neighbourCount),
  };
  const logPage = planLog(state.columns, state.rows).pageSize;
  return {
    ...state,
    open: {
      ...open,
      neighbours,
      pieces: settledPieces(state, open),
      files: window("files"),
      trackers: window("trackers"),
      ledger: window("ledger"),
      whyOffset:
        open.whyOffset === 0
          ? 0
          : Math.min(
              open.whyOffset,
              Math.max(0, whyLineCount(state, open) - planWhy(state.columns, state.rows).pageSize),
            ),
      logBack: Math.max(0, Math.min(open.logBack, logRowCount(state, open) - logPage)),
    },
  };
}

export function showView(state: AppState, view: TorrentView): AppState {
  if (state.open === null) return state;
  const { open } = state;
  const logSeen = open.view === "log" && view !== "log" ? newestLine(open) : open.logSeen;
  const pieces = { ...open.pieces, level: "map" as const };
  const closed = { isClose: false, isCloseFromPiece: false, whyOffset: 0, whyFrom: null };
  return settle({ ...state, open: { ...open, ...closed, view, pieces, logSeen } });
}

/** To the reasons of the torrent that is looked at or selected; from them, back to where they were asked for. */
export function toggleWhy(state: AppState): AppState {
  const { open } = state;
  if (open?.view === "why") {
    return open.whyFrom === "list" ? { ...state, open: null } : showView(state, open.whyFrom ?? "swarm");
  }
  const { selected, rows } = state.list;
  const from = open ?? (selected === null ? null : openTorrent(selected, rows.get(selected)));
  if (from === null) return state;
  const shown = showView({ ...state, open: from }, "why");
  return { ...shown, open: shown.open && { ...shown.open, whyFrom: open?.view ?? "list" } };
}

export function stepView(state: AppState, step: 1 | -1): AppState {
  if (state.open === null) return state;
  const count = torrentViews.length;
  const next = torrentViews[(torrentViews.indexOf(state.open.view) + step + count) % count];
  return next === undefined ? state : showView(state, next);
}

export function moveInTorrent(state: AppState, move: Move): AppState {
  const { open } = state;
  if (open === null) return state;
  switch (open.view) {
    case "swarm":
    case "neighbours":
      return move === "left" || move === "right" ? state : moveNeighbour(state, open, move);
    case "pieces":
      return moveInPieces(state, open, move);
    case "files":
    case "trackers":
    case "ledger": {
      if (move === "left" || move === "right") return state;
      const { page, total } = listed(state, open, open.view);
      const scroll = { ...open[open.view], cursor: moveIndex(open[open.view].cursor, move, page, total) };
      return settle({ ...state, open: { ...open, [open.view]: scroll } });
    }
    case "graphs":
      return state;
    case "why":
      return scrollReasons(state, open, move);
    case "log":
      return settle(scrollLog(state, open, move));
  }
}

/** A row of the view's table, or a cell of its map, by its index among all. */
export function selectIndex(state: AppState, index: number): AppState {
  const { open } = state;
  if (open === null) return state;
  switch (open.view) {
    case "swarm":
    case "neighbours": {
      const cursor = clampIndex(index, open.detail?.neighbourCount ?? 0);
      const selectedId = open.detail?.neighbours[cursor - open.neighboursFrom]?.id ?? null;
      return settle({ ...state, open: { ...open, neighbours: { ...open.neighbours, cursor, selectedId } } });
    }
    case "pieces":
      return selectInPieces(state, open.pieces.level, index);
    case "files":
    case "trackers":
    case "ledger": {
      const { total } = listed(state, open, open.view);
      const scroll = { ...open[open.view], cursor: clampIndex(index, total) };
      return settle({ ...state, open: { ...open, [open.view]: scroll } });
    }
    case "graphs":
    case "why":
    case "log":
      return state;
  }
}

function scrollReasons(state: AppState, open: OpenTorrent, move: Move): AppState {
  const { pageSize } = planWhy(state.columns, state.rows);
  const last = Math.max(0, whyLineCount(state, open) - pageSize);
  const to: Partial<Record<Move, number>> = {
    up: open.whyOffset - 1,
    down: open.whyOffset + 1,
    pageUp: open.whyOffset - pageSize,
    pageDown: open.whyOffset + pageSize,
    first: 0,
    last,
  };
  return { ...state, open: { ...open, whyOffset: Math.max(0, Math.min(last, to[move] ?? open.whyOffset)) } };
}

function whyLineCount(state: AppState, { detail }: OpenTorrent): number {
  if (detail === null) return 0;
  const { time, width } = planWhy(state.columns, state.rows);
  return (time === null ? allWhyLines(detail, width) : besideLines(detail, width)).length;
}

function moveNeighbour(state: AppState, open: OpenTorrent, move: Exclude<Move, "left" | "right">): AppState {
  const total = open.detail?.neighbourCount ?? 0;
  const cursor = moveIndex(open.neighbours.cursor, move, neighbourPage(state, open), total);
  const row = open.detail?.neighbours[cursor - open.neighboursFrom];
  return settle({
    ...state,
    open: { ...open, neighbours: { ...open.neighbours, cursor, selectedId: row?.id ?? null } },
  });
}

/** The neighbour under the cursor is looked at closely; then what it alone has. */
export function lookClosely(state: AppState): AppState {
  const { open } = state;
  if (open === null || open.neighbours.selectedId === null) return state;
  if (!open.isClose) return { ...state, open: { ...open, isClose: true, isCloseFromPiece: false } };
  const alone = open.detail?.neighbour;
  const [run] = alone?.id === open.neighbours.selectedId ? alone.aloneRuns : [];
  return run === undefined ? state : showPiece(state, run.first);
}

function selectedNeighbour({ open }: AppState): NeighbourRow | undefined {
  return open?.detail?.neighbours.find(({ id }) => id === open.neighbours.selectedId);
}

/** Asks whether to let go of the neighbour under the cursor. */
export function askKick(state: AppState): AppState {
  const row = selectedNeighbour(state);
  if (state.open === null || row === undefined) return state;
  const { infoHash } = state.open;
  return { ...state, overlay: { kind: "kick", infoHash, endpoint: row.endpoint, client: row.client } };
}

/** One that is among those that hold it up. */
export function lookAt(state: AppState, id: number): AppState {
  const { open } = state;
  const at = open?.detail?.neighbours.findIndex((row) => row.id === id) ?? -1;
  if (open === null || at < 0) return state;
  const cursor = open.neighboursFrom + at;
  const neighbours = { ...open.neighbours, sort: "lost", isDescending: true, cursor, selectedId: id } as const;
  const shown = showView({ ...state, open: { ...open, neighbours } }, "neighbours");
  return { ...shown, open: shown.open && { ...shown.open, isClose: true } };
}

/** The neighbour that holds it up most. */
export function lookAtWorst(state: AppState): AppState {
  const { detail } = state.open ?? { detail: null };
  const lines = detail === null ? [] : timeLines(detail, 1, false);
  const worst = lines.find((line) => line.kind === "neighbour");
  return worst === undefined ? state : lookAt(state, worst.row.id);
}

/** Asks whether the neighbour under the cursor is to be banned. */
export function askBan(state: AppState): AppState {
  const row = selectedNeighbour(state);
  if (row === undefined) return state;
  const address = row.endpoint.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return { ...state, overlay: { kind: "ban", address, client: row.client } };
}

/** The folder under the cursor is opened or closed. */
export function foldUnderCursor(state: AppState): AppState {
  const { open } = state;
  const line = open?.tree.lines[open.files.cursor];
  if (open === null || line?.kind !== "folder") return state;
  return settle({ ...state, open: { ...open, tree: toggleFolder(open.tree, line.path) } });
}

const startsAscending: ReadonlySet<NeighbourSort> = new Set(["client", "endpoint", "flags", "roundTrip"]);

/** By the next of the columns that are shown. */
export function nextNeighbourSort(state: AppState): AppState {
  const { open } = state;
  if (open === null) return state;
  const { rect, isWhole } = neighbourTable(state, open);
  const shown = planNeighbourColumns(rect, isWhole).map(({ column }) => column.id);
  const sorts = shown.filter((id) => sortOf(id) === id) as NeighbourSort[];
  return sortNeighbours(state, sorts[(sorts.indexOf(open.neighbours.sort) + 1) % sorts.length] ?? "downRate");
}

function sortNeighbours(state: AppState, sort: NeighbourSort): AppState {
  const { open } = state;
  if (open === null) return state;
  const neighbours = { ...open.neighbours, sort, isDescending: !startsAscending.has(sort) };
  return { ...state, open: { ...open, neighbours } };
}

/** A click on the heading of their table: sorts by it, or turns the order round. */
export function sortNeighboursBy(state: AppState, column: string): AppState {
  const { open } = state;
  if (open === null || (open.view !== "swarm" && open.view !== "neighbours")) return state;
  const sort = sortOf(column);
  if (sort === undefined) return state;
  return sort === open.neighbours.sort ? reverseNeighbourSort(state) : sortNeighbours(state, sort);
}

export function reverseNeighbourSort(state: AppState): AppState {
  const { open } = state;
  if (open === null) return state;
  const neighbours = { ...open.neighbours, isDescending: !open.neighbours.isDescending };
  return { ...state, open: { ...open, neighbours } };
}
