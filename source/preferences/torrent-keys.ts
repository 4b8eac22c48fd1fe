/** The keys that do something to torrents, in the order of the help and of the hints. Part of the table in `keymap.ts`. */

import type { Binding, CommandId, Context } from "./commands.ts";
import { torrentViews } from "./views.ts";

export const everywhere: readonly Context[] = ["list", ...torrentViews];

function key(
  keys: readonly string[],
  command: CommandId,
  contexts: readonly Context[],
  help: string,
  more: { readonly hint?: string; readonly label?: string } = {},
): Binding {
  return { keys, command, contexts, help, group: "Torrent", ...more };
}

export const torrentKeys: readonly Binding[] = [
  key(["a"], "add", ["list"], "add a .torrent file or URL", { hint: "add" }),
  key([" "], "mark", ["list"], "mark; then act on all marked", { label: "Space" }),
  key(["v"], "markRange", ["list"], "mark from here to where you go"),
  key(["shift+up"], "markUp", ["list"], "mark, going up", { label: "⇧↑" }),
  key(["shift+down"], "markDown", ["list"], "mark, going down", { label: "⇧↓" }),
  key(["V", "ctrl+a"], "markAll", ["list"], "mark all that are shown, or none"),
  key(["*"], "markInvert", ["list"], "mark those that are not"),
  key(["u"], "clearMarks", ["list"], "take all marks away"),
  key(["enter"], "open", ["files"], "open or close a folder", { label: "Enter" }),
  key(["enter"], "open", ["pieces"], "closer: cell, piece, blocks, neighbour", { hint: "closer", label: "Enter" }),
  key(["n"], "nextRarest", ["pieces"], "to the next of the rarest pieces", { hint: "rarest" }),
  key(["N"], "previousRarest", ["pieces"], "to the one before"),
  key([" "], "priorityNext", ["files"], "skip, low, normal, high: the next", { hint: "priority", label: "Space" }),
  key(["+", "="], "priorityUp", ["files"], "want it more, with all below it", { label: "+" }),
  key(["-", "_"], "priorityDown", ["files"], "want it less, with all below it", { label: "-" }),
  key(["x"], "prioritySkip", ["files"], "skip it, or want it again", { hint: "skip" }),
  key(["b"], "ban", ["swarm", "neighbours"], "ban this neighbour's address (asks)"),
  key(["X"], "kick", ["swarm", "neighbours"], "let go of this neighbour (asks)"),
  key(["p"], "pauseResume", everywhere, "pause or resume", { hint: "pause" }),
  key(["w"], "why", everywhere, "why it does what it does", { hint: "why" }),
  key(["d", "delete"], "remove", everywhere, "remove, keep the data (asks)", { hint: "remove" }),
  key(["D"], "removeWithData", everywhere, "remove with its data (asks)"),
  key(["r"], "reannounce", everywhere, "ask the trackers for peers now"),
  key(["R"], "recheck", everywhere, "check the data on the disk"),
  key(["U"], "undo", everywhere, "undo what was done last"),
  key(["L"], "labels", everywhere, "labels"),
  key(["e"], "sequential", torrentViews, "pieces in order, or rarest first"),
  key(["o"], "options", everywhere, "limits, goals and order"),
  key(["t"], "limits", [...everywhere, "totals"], "limits of all torrents together"),
  key(["N"], "rename", ["list", ...torrentViews.filter((view) => view !== "pieces")], "another name on the disk"),
  key(["M"], "moveData", everywhere, "move the files (says first what that does)"),
  key(["K"], "queueUp", everywhere, "up in the queue"),
  key(["J"], "queueDown", everywhere, "down in the queue"),
  key(["<"], "queueTop", everywhere, "to the top of the queue"),
  key([">"], "queueBottom", everywhere, "to the end of the queue"),
];
