/** Why a key does nothing just now, in words: no key is silent where the help says that it means something. Pure. */
import type { CommandId } from "../preferences/commands.ts";
import { timeLines } from "./components/why-lines.ts";
import { type AppState, graphSpans, isReconnecting, type OpenTorrent, targetRows } from "./state/app-state.ts";
import { filesOfLine } from "./state/file-tree.ts";
import { commandsFor } from "./torrent-commands.ts";

/** @returns "" where it does something. Moves that have come to an end need no words. */
export function refusal(command: CommandId, state: AppState): string {
  // In a question or a dialog keys mean something else.
  if (state.overlay !== null) return command === "toTrash" ? keptAnyway(state) : "";
  switch (command) {
    case "reconnect":
      return isReconnecting(state) ? "an engine is being started" : "";
    case "pauseResume":
    case "reannounce":
    case "recheck":
    case "remove":
    case "removeWithData":
    case "labels":
    case "options":
    case "moveData":
    case "why":
      return targetRows(state).length === 0 ? noTorrent : "";
    case "queueUp":
    case "queueTop":
      return noPlace(state, 1, "it is the first in the queue already");
    case "queueDown":
    case "queueBottom":
      return noPlace(state, state.list.rows.size, "it is the last in the queue already");
    case "mark":
    case "markRange":
    case "markUp":
    case "markDown":
    case "markAll":
    case "markInvert":
      return state.list.order.length === 0 ? noTorrent : "";
    case "clearMarks":
      return state.list.marked.size === 0 ? "nothing is marked" : "";
    case "open":
      return state.open === null ? (state.list.selected === null ? noTorrent : "") : nothingToOpen(state.open);
    case "ban":
    case "kick":
      return state.open?.neighbours.selectedId === null ? noNeighbour : "";
    case "priorityUp":
    case "priorityDown":
    case "priorityNext":
    case "prioritySkip":
      return noOtherPriority(command, state);
    case "sort":
    case "sortReverse":
      return state.open !== null && state.open.detail?.neighbourCount === 0 ? "there are no neighbours to sort" : "";
    case "nextRarest":
    case "previousRarest":
      return (state.open?.detail?.rarity?.runs.length ?? 0) === 0
        ? "no piece is rare here, or that is not known yet"
        : "";
    case "sequential":
      return (commandsFor(command, state)?.commands.length ?? 0) === 0 ? "its choices are not known yet" : "";
    case "spanShorter":
      return state.graph.span === graphSpans[0] ? "there is no shorter time" : "";
    case "spanLonger":
      return state.graph.span === graphSpans.at(-1) ? "there is no longer time" : "";
    case "back":
      return isAtHome(state) ? "there is nothing to go back from" : "";
    default:
      return "";
  }
}

/** Where the only one that is meant is at the end of the queue that it is moved to. */
function noPlace(state: AppState, end: number, words: string): string {
  const [row, ...others] = targetRows(state);
  if (row === undefined) return noTorrent;
  return others.length === 0 && row.queuePosition === end ? words : "";
}

const noTorrent = "there is no torrent that it could mean";
const noNeighbour = "no neighbour is selected";

function nothingToOpen(open: OpenTorrent): string {
  switch (open.view) {
    case "swarm":
    case "neighbours":
      if (open.neighbours.selectedId === null) return noNeighbour;
      // Closely: it leads to the pieces that this one alone has.
      return open.isClose && (open.detail?.neighbour?.aloneCount ?? 0) === 0 ? "it alone has nothing that we miss" : "";
    case "files":
      return open.tree.lines[open.files.cursor]?.kind === "folder" ? "" : "only folders can be opened and closed";
    case "why":
      return open.detail !== null && timeLines(open.detail, 1, false).some(({ kind }) => kind === "neighbour")
        ? ""
        : "no neighbour has lost much of its time";
    default:
      return "";
  }
}

function noOtherPriority(command: CommandId, state: AppState): string {
  const { open } = state;
  if (open === null || filesOfLine(open.tree, open.tree.lines[open.files.cursor]).length === 0)
    return "no file is selected";
  if ((commandsFor(command, state)?.commands.length ?? 0) > 0) return "";
  return command === "priorityUp" ? "it cannot be wanted more" : "it cannot be wanted less";
}

function keptAnyway({ overlay }: AppState): string {
  return overlay?.kind === "confirm" && overlay.data === "keep" ? "its files are kept anyway" : "";
}

function isAtHome({ open, home, list }: AppState): boolean {
  return open === null && home === "list" && list.filter === "" && list.range === null;
}
