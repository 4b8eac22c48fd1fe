/** The torrent list: rows as they come, their order, filter and selection. */
import type { InfoHash } from "../../base/ids.ts";
import type { TorrentRow, TorrentsFrame } from "../../control/protocol.ts";
import { torrentFilter } from "../../control/torrent-filter.ts";
import { planList } from "../layout/plan.ts";
import { clampIndex, offsetFor } from "../layout/scroll.ts";
import type { AppState, ListState, TorrentSort } from "./app-state.ts";
import { torrentSorts } from "./app-state.ts";

/** Seconds of totals that are kept for the graph. */
const historyMax = 300;

export function applyTorrents(state: AppState, frame: TorrentsFrame, nowMs: number): AppState {
  const rows = frame.isWhole ? new Map<InfoHash, TorrentRow>() : new Map(state.list.rows);
  for (const infoHash of frame.removed) rows.delete(infoHash);
  for (const row of frame.rows) rows.set(row.infoHash, row);
  const marked = frame.isWhole || frame.removed.length > 0 ? keepKnown(state.list.marked, rows) : state.list.marked;
  const list = sampleTotals({ ...state.list, rows, marked, isLoaded: true }, frame, nowMs);
  return reorder({ ...state, session: frame.session, list });
}

function keepKnown(marked: ReadonlySet<InfoHash>, rows: ReadonlyMap<InfoHash, TorrentRow>): ReadonlySet<InfoHash> {
  return new Set([...marked].filter((infoHash) => rows.has(infoHash)));
}

/** Marks the selected torrent, or takes its mark away, and goes on to the next. */
export function toggleMark(state: AppState): AppState {
  const { selected, marked } = state.list;
  if (selected === null) return state;
  const next = new Set(marked);
  if (!next.delete(selected)) next.add(selected);
  return moveInList({ ...state, list: { ...state.list, marked: next } }, "down");
}

export function selectTorrent(state: AppState, infoHash: InfoHash): AppState {
  const at = state.list.order.indexOf(infoHash);
  return at < 0 ? state : withCursor(state, at);
}

function sampleTotals(list: ListState, frame: TorrentsFrame, nowMs: number): ListState {
  if (nowMs - list.sampledMs < 1000) return list;
  return {
    ...list,
    sampledMs: nowMs,
    downHistory: [...list.downHistory, frame.session.downRate].slice(-historyMax),
    upHistory: [...list.upHistory, frame.session.upRate].slice(-historyMax),
  };
}

/** Sorts and filters anew; the selection stays on its torrent, or goes to the one that took its place. */
export function reorder(state: AppState): AppState {
  const { list } = state;
  const before = list.selected === null ? 0 : Math.max(0, list.order.indexOf(list.selected));
  const order = [...list.rows.values()]
    .filter(torrentFilter(list.filter))
    .sort(comparator(list.sort, list.isDescending))
    .map((row) => row.infoHash);
  const at = list.selected === null ? -1 : order.indexOf(list.selected);
  const cursor = at >= 0 ? at : clampIndex(before, order.length);
  return withCursor({ ...state, list: { ...list, order } }, cursor);
}

function withCursor(state: AppState, cursor: number): AppState {
  const { list } = state;
  const { pageSize } = planList(state.columns, state.rows);
  return {
    ...state,
    list: {
      ...list,
      selected: list.order[cursor] ?? null,
      offset: offsetFor(cursor, list.offset, pageSize, list.order.length),
    },
  };
}

function comparator(sort: TorrentSort, isDescending: boolean): (a: TorrentRow, b: TorrentRow) => number {
  const sign = isDescending ? -1 : 1;
  const byName = (a: TorrentRow, b: TorrentRow): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (sort === "name") return (a, b) => sign * byName(a, b);
  const value = sortValue(sort);
  // Equal ones keep one order whichever way round, so that nothing trembles.
  return (a, b) => sign * (value(a) - value(b)) || byName(a, b) || (a.infoHash < b.infoHash ? -1 : 1);
}

function sortValue(sort: Exclude<TorrentSort, "name">): (row: TorrentRow) => number {
  switch (sort) {
    case "added":
      return (row) => row.addedWallMs;
    case "queue":
      return (row) => row.queuePosition;
    case "size":
      return (row) => row.totalLength;
    case "progress":
      return (row) => 1 - row.leftLength / Math.max(1, row.wantedLength);
    case "down":
      return (row) => row.downRate;
    case "up":
      return (row) => row.upRate;
    case "eta":
      return (row) => row.etaSeconds ?? Number.MAX_VALUE;
    case "ratio":
      return (row) => row.uploaded / Math.max(1, row.downloaded);
  }
}

/** Columns in which the interesting end is the high one start there. */
const startsDescending: ReadonlySet<TorrentSort> = new Set(["size", "progress", "down", "up", "ratio"]);

export function nextSort(state: AppState): AppState {
  const next = torrentSorts[(torrentSorts.indexOf(state.list.sort) + 1) % torrentSorts.length] ?? "added";
  return reorder({ ...state, list: { ...state.list, sort: next, isDescending: startsDescending.has(next) } });
}

export function moveInList(
  state: AppState,
  command: "up" | "down" | "pageUp" | "pageDown" | "first" | "last",
): AppState {
  const { list } = state;
  const { pageSize } = planList(state.columns, state.rows);
  const at = list.selected === null ? 0 : Math.max(0, list.order.indexOf(list.selected));
  return withCursor(state, moveIndex(at, command, pageSize, list.order.length));
}

export function moveIndex(
  at: number,
  command: "up" | "down" | "pageUp" | "pageDown" | "first" | "last",
  pageSize: number,
  total: number,
): number {
  switch (command) {
    case "up":
      return clampIndex(at - 1, total);
    case "down":
      return clampIndex(at + 1, total);
    case "pageUp":
      return clampIndex(at - pageSize, total);
    case "pageDown":
      return clampIndex(at + pageSize, total);
    case "first":
      return 0;
    case "last":
      return clampIndex(total - 1, total);
  }
}
