/** State and action → state. Pure: no clock, no terminal, no engine. */
import { unreachable } from "../../base/assert.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { isViewCommand, viewOf } from "../../preferences/views.ts";
import { clampIndex } from "../layout/scroll.ts";
import type { Action } from "./action.ts";
import { type AppState, graphSpans, openTorrent } from "./app-state.ts";
import { reduceDialog } from "./dialog-reducer.ts";
import { withFilter } from "./filter.ts";
import { withoutIdleLabels } from "./labels.ts";
import { openLimits } from "./limits.ts";
import { applyTorrents, inOrder, moveInList, nextSort, reorder, selectTorrent, sortByHeading } from "./list-reducer.ts";
import { afterMove, cancelRange, isMarkCommand, rangeFor, reduceMarks } from "./marks.ts";
import { openOverlay, reduceListDialog, reduceScrolling, toTrash } from "./overlay-reducer.ts";
import { leaveLevel, nowherePiece, openInPieces, selectInPieces, showPiece, stepRarest } from "./pieces-reducer.ts";
import { isMouseOn, type Preferences, readPreferences, valuesOf } from "./preferences.ts";
import { openRename } from "./renaming.ts";
import { passed, withToast } from "./toasts.ts";
import {
  applyDetail,
  askBan,
  askKick,
  foldUnderCursor,
  lookAt,
  lookAtWorst,
  lookClosely,
  moveInTorrent,
  nextNeighbourSort,
  reverseNeighbourSort,
  selectIndex,
  settle,
  showView,
  sortNeighboursBy,
  stepView,
  toggleWhy,
} from "./torrent-reducer.ts";

export function reduce(state: AppState, action: Action): AppState {
  switch (action.type) {
    case "tick":
      return { ...state, nowMs: action.nowMs, toasts: passed(state.toasts, action.nowMs) };
    case "simulation":
      return { ...state, simulation: action.status };
    case "resized":
      if (state.columns === action.columns && state.rows === action.rows) return state;
      return settle(reorder({ ...state, columns: action.columns, rows: action.rows }));
    case "connecting":
      if (state.connection.kind !== "lost") return state;
      return { ...state, connection: { ...state.connection, isConnecting: true } };
    case "connected":
      return { ...state, connection: { kind: "open" } };
    case "lost":
      if (state.connection.kind === "leaving") return state;
      return { ...state, connection: { kind: "lost", reason: action.reason, isConnecting: false }, overlay: null };
    case "leaving":
      return { ...state, connection: { kind: "leaving" }, overlay: null };
    case "torrents":
      return withoutIdleLabels(applyTorrents({ ...state, nowMs: action.nowMs }, action.frame, action.nowMs));
    case "detail":
      return applyDetail({ ...state, nowMs: action.nowMs }, action.topic, action.detail, action.nowMs);
    case "graph":
      return { ...state, nowMs: action.nowMs, graph: { ...state.graph, data: action.graph } };
    case "graphSpan":
      return { ...state, graph: { ...state.graph, span: action.span } };
    case "gone":
      if (state.open?.infoHash !== action.infoHash) return state;
      return withoutIdleLabels({ ...state, open: { ...state.open, isGone: true } });
    case "openTorrent":
      return {
        ...state,
        open:
          state.open?.infoHash === action.infoHash
            ? state.open
            : openTorrent(action.infoHash, state.list.rows.get(action.infoHash)),
        list: { ...state.list, selected: action.infoHash },
      };
    case "toast":
      return { ...state, toasts: withToast(state.toasts, action.toast, action.nowMs) };
    case "command":
      return reduceCommand(state, action.command);
    case "prefer":
      return withPreferences(state, { ...state.preferences, ...action.change });
    case "settings":
      return withPreferences({ ...state, settings: action.report }, readPreferences(valuesOf(action.report)));
    case "heading":
      return state.open === null ? sortByHeading(state, action.column) : sortNeighboursBy(state, action.column);
    case "selectTorrent":
      return selectTorrent(state, action.infoHash);
    case "lookAt":
      return lookAt(state, action.neighbour);
    case "selectIndex":
      return selectIndex(state, action.index);
    case "selectInPieces":
      return selectInPieces(state, action.level, action.index);
    default:
      return reduceDialog(state, action);
  }
}

/** What the user did on the screen in the meantime holds, but for what was changed. */
function withPreferences(before: AppState, preferences: Preferences): AppState {
  const { mouse, order } = before.preferences;
  let state: AppState = { ...before, preferences };
  if (preferences.mouse !== mouse) state = { ...state, hasMouse: isMouseOn(preferences.mouse, state.autoMouse) };
  const isSameOrder = preferences.order.sort === order.sort && preferences.order.isReversed === order.isReversed;
  return isSameOrder ? state : inOrder(state, preferences.order);
}

function stepSpan(state: AppState, step: 1 | -1): AppState {
  const span = graphSpans[clampIndex(graphSpans.indexOf(state.graph.span) + step, graphSpans.length)];
  return span === undefined ? state : { ...state, graph: { ...state.graph, span } };
}

function openUnderCursor(state: AppState): AppState {
  switch (state.open?.view) {
    case "swarm":
      return showView(state, "neighbours");
    case "neighbours":
      return lookClosely(state);
    case "pieces":
      return openInPieces(state, state.open);
    case "files":
      return foldUnderCursor(state);
    case "why":
      return lookAtWorst(state);
    case undefined: {
      const { selected, rows } = state.list;
      return selected === null ? state : { ...state, open: openTorrent(selected, rows.get(selected)) };
    }
    default:
      return state;
  }
}

/** One step towards the list with nothing filtered. */
function goBack(state: AppState): AppState {
  const { open, list } = state;
  const above = open === null ? undefined : leaveLevel(state, open);
  if (above !== undefined) return above;
  if (open?.isClose === true) return { ...state, open: { ...open, isClose: false } };
  if (open?.view === "log" && open.logFilter !== "") return withFilter(state, "");
  if (open?.view === "why" && open.whyFrom !== null) return toggleWhy(state);
  if (open !== null) return { ...state, open: null };
  if (list.range !== null) return cancelRange(state);
  if (state.home !== "list") return { ...state, home: "list" };
  return list.filter === "" ? state : withFilter(state, "");
}

/** Those that the controller sees to, that ask something of the engine or leave; and those of dialogs alone. */
const elsewhere = [
  "sequential",
  "priorityUp",
  "priorityDown",
  "priorityNext",
  "prioritySkip",
  "queueUp",
  "queueDown",
  "queueTop",
  "queueBottom",
  "timePause",
  "timeFaster",
  "timeSlower",
  "timeSecond",
  "timeEvent",
  "peerNext",
  "peerPrevious",
  "pauseResume",
  "reannounce",
  "recheck",
  "undo",
  "add",
  "confirm",
  "leave",
  "keepEngine",
  "stopEngine",
  "reconnect",
  "suspend",
  "theme",
  "dialogToggle",
  "dialogEarlier",
  "dialogLater",
  "dialogReset",
  "dialogFilter",
] as const satisfies readonly CommandId[];

function isElsewhere(command: CommandId): command is (typeof elsewhere)[number] {
  return elsewhere.some((each) => each === command);
}

/** Commands that only change what is shown. All others leave the state as it is. */
function reduceCommand(given: AppState, command: CommandId): AppState {
  const state = rangeFor(given, command);
  if (state.overlay?.kind === "help") return reduceScrolling(state, command);
  if (state.overlay?.kind === "columns" || state.overlay?.kind === "settings") {
    return reduceListDialog(state, state.overlay, command);
  }
  if (isElsewhere(command)) return state;
  if (isMarkCommand(command)) return reduceMarks(state, command);
  if (isViewCommand(command)) {
    // Reasons that are pieces lead to those.
    const nowhere = command === "viewPieces" && state.open?.view === "why" ? nowherePiece(state.open) : undefined;
    return nowhere === undefined ? showView(state, viewOf(command)) : showPiece(state, nowhere);
  }
  switch (command) {
    case "up":
    case "down":
    case "pageUp":
    case "pageDown":
    case "first":
    case "last":
      return state.open === null ? afterMove(moveInList(state, command)) : moveInTorrent(state, command);
    case "left":
    case "right":
      return moveInTorrent(state, command);
    case "open":
      return openUnderCursor(state);
    case "back":
    case "quit":
      return goBack(state);
    case "nextView":
      return stepView(state, 1);
    case "previousView":
      return stepView(state, -1);
    case "totals":
      return { ...state, home: state.home === "totals" ? "list" : "totals" };
    case "spanShorter":
      return stepSpan(state, -1);
    case "spanLonger":
      return stepSpan(state, 1);
    case "nextRarest":
      return stepRarest(state, 1);
    case "previousRarest":
      return stepRarest(state, -1);
    case "sort":
      return state.open === null ? nextSort(state) : nextNeighbourSort(state);
    case "sortReverse":
      if (state.open !== null) return reverseNeighbourSort(state);
      return reorder({ ...state, list: { ...state.list, isDescending: !state.list.isDescending } });
    case "why":
      return toggleWhy(state);
    case "help":
    case "labels":
    case "options":
    case "moveData":
    case "filter":
    case "remove":
    case "removeWithData":
    case "palette":
    case "columns":
    case "settings":
      return openOverlay(state, command);
    case "limits":
      return openLimits(state);
    case "rename":
      return openRename(state);
    case "ban":
      return askBan(state);
    case "kick":
      return askKick(state);
    case "toTrash":
      return toTrash(state);
    case "mouse":
      return { ...state, hasMouse: !state.hasMouse };
    case "cancel":
      return { ...state, overlay: null };
    default:
      return unreachable(command);
  }
}
