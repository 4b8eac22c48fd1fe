/** The torrent list: rows as they come, their order, filter and selection. */
import type { InfoHash } from "../../base/ids.ts";
import type { TorrentRow, TorrentsFrame } from "../../control/protocol.ts";
import { torrentFilter } from "../../control/torrent-filter.ts";
import { type ListSort, listSorts } from "../../preferences/list-columns.ts";
import { type ListColumnsOptions, planListColumns, type ShownColumn } from "../layout/list-columns-plan.ts";
import { planList } from "../layout/plan.ts";
import { clampIndex, offsetFor } from "../layout/scroll.ts";
import type { AppState, ListState } from "./app-state.ts";
import { comparator, startsDescending } from "./list-sort.ts";
import type { ListOrder } from "./preferences.ts";

/** Seconds of totals that are kept for the graph. */
const historyMax = 300;

export function applyTorrents(state: AppState, frame: TorrentsFrame, nowMs: number): AppState {
  const rows = frame.isWhole ? new Map<InfoHash, TorrentRow>() : new Map(state.list.rows);
  for (const infoHash of frame.removed) rows.delete(infoHash);
  for (const row of frame.rows) rows.set(row.infoHash, row);
  const marked = frame.isWhole || frame.removed.length > 0 ? keepKnown(state.list.marked, rows) : state.list.marked;
  const list = sampleTotals({ ...state.list, rows, marked, isLoaded: true }, frame, nowMs);
  const next = { ...state, session: frame.session, list };
  return keepsOrder(state.list, frame) ? next : reorder(next);
}

/** Most rows change in figures that neither the order nor the filter goes by. */
function keepsOrder({ rows, sort, isDescending, filter }: ListState, frame: TorrentsFrame): boolean {
  if (frame.isWhole || frame.removed.length > 0) return false;
  const fits = torrentFilter(filter);
  const compare = comparator(sort, isDescending);
  return frame.rows.every((row) => {
    const before = rows.get(row.infoHash);
    return before !== undefined && fits(before) === fits(row) && compare(before, row) === 0;
  });
}

function keepKnown(marked: ReadonlySet<InfoHash>, rows: ReadonlyMap<InfoHash, TorrentRow>): ReadonlySet<InfoHash> {
  return new Set([...marked].filter((infoHash) => rows.has(infoHash)));
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

/** What the columns of the list go by. */
export function listColumnsOptions({ columns, rows, list, preferences }: AppState): ListColumnsOptions {
  return {
    chosen: preferences.columns,
    table: planList(columns, rows).table,
    hasLabels: isAnyLabelled(list),
  };
}

function isAnyLabelled({ rows }: ListState): boolean {
  for (const { labels } of rows.values()) if (labels.length > 0) return true;
  return false;
}

/** The next of the columns that are shown; after the last, the order in which torrents were added. */
export function nextSort(state: AppState): AppState {
  const shown = planListColumns(listColumnsOptions(state)).map(({ column }) => column.id);
  const sorts = listSorts.filter((sort) => sort === "added" || shown.includes(sort));
  sorts.sort((a, b) => rankOf(shown, a) - rankOf(shown, b));
  return sortBy(state, sorts[(sorts.indexOf(state.list.sort) + 1) % sorts.length] ?? "added");
}

function rankOf(shown: readonly ShownColumn[], sort: ListSort): number {
  return shown.includes(sort) ? shown.indexOf(sort) : shown.length;
}

function sortBy(state: AppState, sort: ListSort): AppState {
  return reorder({ ...state, list: { ...state.list, sort, isDescending: startsDescending(sort) } });
}

/** A click on the heading: sorts by it, or turns the order round. */
export function sortByHeading(state: AppState, column: string): AppState {
  const sort = listSorts.find((each) => each === column);
  if (sort === undefined) return state;
  if (sort !== state.list.sort) return sortBy(state, sort);
  return reorder({ ...state, list: { ...state.list, isDescending: !state.list.isDescending } });
}

export function inOrder(state: AppState, { sort, isReversed }: ListOrder): AppState {
  return reorder({ ...state, list: { ...state.list, sort, isDescending: startsDescending(sort) !== isReversed } });
}

export type ListMove = "up" | "down" | "pageUp" | "pageDown" | "first" | "last";

export function moveInList(state: AppState, command: ListMove): AppState {
  const { list } = state;
  const { pageSize } = planList(state.columns, state.rows);
  const at = list.selected === null ? 0 : Math.max(0, list.order.indexOf(list.selected));
  return withCursor(state, moveIndex(at, command, pageSize, list.order.length));
}

/** What the keys that move mean; lists know no sides. */
export type Move = ListMove | "left" | "right";

export function moveIndex(at: number, command: ListMove, pageSize: number, total: number): number {
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
