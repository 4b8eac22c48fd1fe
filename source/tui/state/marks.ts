/** Marks in the list: one by one, a stretch, all that is shown. They stay while the filter hides them. Pure. */
import type { InfoHash } from "../../base/ids.ts";
import type { TorrentRow, TorrentState } from "../../control/protocol.ts";
import type { CommandId } from "../../preferences/commands.ts";
import type { AppState, ListState } from "./app-state.ts";
import { moveInList } from "./list-reducer.ts";

/** A stretch that is being marked: from `anchor` to the selected torrent. */
export interface MarkRange {
  readonly anchor: InfoHash;
  /** What was marked before it began. */
  readonly before: ReadonlySet<InfoHash>;
  /** By a key that is held: it ends with the first move without. */
  readonly isHeld: boolean;
}

/** Moves go on with a stretch, everything else ends it. */
const goesOn: ReadonlySet<CommandId> = new Set([
  ...(["up", "down", "pageUp", "pageDown", "first", "last"] as const),
  ...(["markRange", "markUp", "markDown", "back"] as const),
]);

export function rangeFor(state: AppState, command: CommandId): AppState {
  return state.list.range === null || goesOn.has(command) ? state : withMarks(state, state.list.marked);
}

const markCommands = [
  ...(["mark", "clearMarks", "markAll", "markInvert", "markRange", "markUp", "markDown"] as const),
] as const satisfies readonly CommandId[];
type MarkCommand = (typeof markCommands)[number];

export function isMarkCommand(command: CommandId): command is MarkCommand {
  return markCommands.some((each) => each === command);
}

export function reduceMarks(state: AppState, command: MarkCommand): AppState {
  switch (command) {
    case "mark":
      return toggleMark(state);
    case "clearMarks":
      return withMarks(state, new Set());
    case "markAll":
      return markAll(state);
    case "markInvert":
      return withMarks(state, toggled(state.list.marked, state.list.order));
    case "markRange":
      return markRange(state);
    case "markUp":
    case "markDown":
      return markAndMove(state, command);
  }
}

/** Begins a stretch with the selected torrent, or ends the one that is being marked. */
function markRange(state: AppState): AppState {
  const { range, selected, marked } = state.list;
  if (range !== null) return withMarks(state, marked);
  return selected === null ? state : extended(withRange(state, { anchor: selected, before: marked, isHeld: false }));
}

function markAndMove(state: AppState, command: "markUp" | "markDown"): AppState {
  const { range, selected, marked } = state.list;
  if (selected === null) return state;
  const from = range === null ? withRange(state, { anchor: selected, before: marked, isHeld: true }) : state;
  return extended(moveInList(from, command === "markUp" ? "up" : "down"));
}

/** After a move in the list. */
export function afterMove(state: AppState): AppState {
  const { range, marked } = state.list;
  if (range === null) return state;
  return range.isHeld ? withMarks(state, marked) : extended(state);
}

/** The marks are as they were before the stretch was begun. */
export function cancelRange(state: AppState): AppState {
  const { range } = state.list;
  return range === null ? state : withMarks(state, range.before);
}

/** Marks the selected torrent, or takes its mark away, and goes on to the next. */
function toggleMark(state: AppState): AppState {
  const { selected, marked } = state.list;
  if (selected === null) return state;
  return moveInList(withMarks(state, toggled(marked, [selected])), "down");
}

/** All that the list shows; where they are marked already, none of them. */
function markAll(state: AppState): AppState {
  const { order, marked } = state.list;
  const isAll = order.every((infoHash) => marked.has(infoHash));
  return withMarks(state, isAll ? toggled(marked, order) : new Set([...marked, ...order]));
}

function withMarks(state: AppState, marked: ReadonlySet<InfoHash>): AppState {
  return { ...state, list: { ...state.list, marked, range: null } };
}

function withRange(state: AppState, range: MarkRange): AppState {
  return { ...state, list: { ...state.list, range } };
}

function extended(state: AppState): AppState {
  const { range, selected, order } = state.list;
  if (range === null) return state;
  const at = selected === null ? -1 : order.indexOf(selected);
  const from = order.indexOf(range.anchor);
  if (at < 0 || from < 0) return withMarks(state, state.list.marked);
  const stretch = order.slice(Math.min(at, from), Math.max(at, from) + 1);
  return { ...state, list: { ...state.list, marked: new Set([...range.before, ...stretch]) } };
}

function toggled(marked: ReadonlySet<InfoHash>, some: readonly InfoHash[]): ReadonlySet<InfoHash> {
  const next = new Set(marked);
  for (const infoHash of some) if (!next.delete(infoHash)) next.add(infoHash);
  return next;
}

export interface MarkReview {
  readonly count: number;
  readonly totalLength: number;
  /** In the order of the list's words. */
  readonly states: readonly (readonly [state: TorrentState, count: number])[];
  /** Of these, hidden by the filter. */
  readonly hidden: number;
}

const stateOrder: readonly TorrentState[] = [
  ...(["fetching", "downloading", "seeding", "checking", "moving", "queued", "paused", "failed"] as const),
];

/** What the keys would act on. */
export function reviewMarks({ rows, marked, order, filter }: ListState): MarkReview {
  const chosen: TorrentRow[] = [];
  for (const infoHash of marked) {
    const row = rows.get(infoHash);
    if (row !== undefined) chosen.push(row);
  }
  const shown = filter === "" ? marked.size : order.filter((infoHash) => marked.has(infoHash)).length;
  const count = (state: TorrentState): number => chosen.filter((row) => row.state === state).length;
  return {
    count: chosen.length,
    totalLength: chosen.reduce((sum, { totalLength }) => sum + totalLength, 0),
    states: stateOrder.map((state) => [state, count(state)] as const).filter(([, many]) => many > 0),
    hidden: chosen.length - shown,
  };
}
