/**
 * Every command there is, where keys can mean one, and how a key is bound to it. The settings file names commands
 * (`pause-resume`): a name that is out in the world stays.
 */
import type { TorrentView, ViewCommand } from "./views.ts";

/** `totals`: the graphs of all torrents together. */
export type Context =
  | "list"
  | "totals"
  | "columns"
  | "settings"
  | "torrent"
  | TorrentView
  | "help"
  | "palette"
  | "confirm"
  | "quit"
  | "lost"
  | "any";

export type CommandId =
  | "up"
  | "down"
  | "left"
  | "right"
  | "pageUp"
  | "pageDown"
  | "first"
  | "last"
  | "open"
  | "back"
  | "quit"
  | "leave"
  | "keepEngine"
  | "stopEngine"
  | "nextView"
  | "previousView"
  | ViewCommand
  | "totals"
  | "nextRarest"
  | "previousRarest"
  | "spanShorter"
  | "spanLonger"
  | "pauseResume"
  | "remove"
  | "removeWithData"
  | "reannounce"
  | "recheck"
  | "undo"
  | "sort"
  | "sortReverse"
  | "add"
  | "filter"
  | "help"
  | "confirm"
  | "cancel"
  | "reconnect"
  | "suspend"
  | "palette"
  | "mark"
  | "clearMarks"
  | "markAll"
  | "markInvert"
  | "markRange"
  | "markUp"
  | "markDown"
  | "mouse"
  | "theme"
  | "columns"
  | "settings"
  | "dialogToggle"
  | "dialogEarlier"
  | "dialogLater"
  | "dialogReset"
  | "dialogFilter"
  | "ban"
  | "kick"
  | "why"
  | "labels"
  | "options"
  | "limits"
  | "rename"
  | "moveData"
  | "sequential"
  | "toTrash"
  | "priorityUp"
  | "priorityDown"
  | "priorityNext"
  | "prioritySkip"
  | "queueUp"
  | "queueDown"
  | "queueTop"
  | "queueBottom"
  | "timePause"
  | "timeFaster"
  | "timeSlower"
  | "timeSecond"
  | "timeEvent"
  | "peerNext"
  | "peerPrevious";

export interface Binding {
  /** Names as made by `keyNames`. The first is shown. */
  readonly keys: readonly string[];
  readonly command: CommandId;
  readonly contexts: readonly Context[];
  /** What it does, for the help. "" keeps it out of the help. */
  readonly help: string;
  readonly group: "Move" | "Views" | "Torrent" | "Program";
  /** The word in the line of hints; the order of the table is the order there. */
  readonly hint?: string;
  /** How the keys are shown where their names will not do. */
  readonly label?: string;
}
