/**
 * The one table of keys: context × key → command. The help overlay, the palette and the line of hints are drawn from it,
 * so they cannot say anything else than what the keys do.
 */

import type { Binding, CommandId, Context } from "./commands.ts";
import { dialogKeys, listDialogs } from "./dialog-keys.ts";
import { labelOfKey } from "./key-text.ts";
import { programKeys } from "./program-keys.ts";
import { everywhere, torrentKeys } from "./torrent-keys.ts";
import { torrentViews } from "./views.ts";

/** What keys mean, in the order of the help and of the hints. In one context a key means at most one thing. */
export type Keymap = readonly Binding[];

/** As it is while the user wants nothing else. */
export const keyTable: Keymap = [
  { keys: ["r"], command: "reconnect", contexts: ["lost"], help: "", group: "Program", hint: "start again" },
  { keys: ["q", "escape"], command: "leave", contexts: ["lost"], help: "", group: "Program", hint: "leave" },
  { keys: ["y", "Y"], command: "confirm", contexts: ["confirm"], help: "", group: "Program", hint: "yes" },
  // Only where files would go.
  { keys: ["t", "T"], command: "toTrash", contexts: ["confirm"], help: "", group: "Program" },
  {
    keys: ["n", "N", "escape", "q"],
    command: "cancel",
    contexts: ["confirm"],
    help: "",
    group: "Program",
    hint: "no",
    label: "n",
  },
  {
    keys: ["k", "enter"],
    command: "keepEngine",
    contexts: ["quit"],
    help: "",
    group: "Program",
    hint: "go on in the background",
  },
  { keys: ["s"], command: "stopEngine", contexts: ["quit"], help: "", group: "Program", hint: "stop" },
  {
    keys: ["escape", "n", "q"],
    command: "cancel",
    contexts: ["quit"],
    help: "",
    group: "Program",
    hint: "stay",
    label: "Esc",
  },
  {
    keys: ["enter"],
    command: "confirm",
    contexts: ["palette"],
    help: "",
    group: "Program",
    hint: "do it",
    label: "Enter",
  },
  {
    keys: ["escape"],
    command: "cancel",
    contexts: ["palette"],
    help: "",
    group: "Program",
    hint: "close",
    label: "Esc",
  },
  {
    keys: ["escape", "?", "q", "enter"],
    command: "cancel",
    contexts: ["help"],
    help: "",
    group: "Program",
    hint: "close",
    label: "Esc",
  },
  {
    keys: ["up", "k"],
    command: "up",
    contexts: [...everywhere, ...listDialogs, "help"],
    help: "up",
    group: "Move",
    label: "↑ k",
  },
  {
    keys: ["down", "j"],
    command: "down",
    contexts: [...everywhere, ...listDialogs, "help"],
    help: "down",
    group: "Move",
    label: "↓ j",
  },
  { keys: ["left", "h"], command: "left", contexts: ["pieces"], help: "left", group: "Move", label: "← h" },
  { keys: ["right", "l"], command: "right", contexts: ["pieces"], help: "right", group: "Move", label: "→ l" },
  {
    keys: ["pageup", "ctrl+b", "ctrl+u"],
    command: "pageUp",
    contexts: [...everywhere, ...listDialogs, "help"],
    help: "a page up",
    group: "Move",
    label: "PgUp",
  },
  {
    keys: ["pagedown", "ctrl+f", "ctrl+d"],
    command: "pageDown",
    contexts: ["list", "files", ...listDialogs],
    help: "a page down",
    group: "Move",
    label: "PgDn",
  },
  {
    keys: ["pagedown", "ctrl+f", "ctrl+d", " "],
    command: "pageDown",
    contexts: [...torrentViews.filter((view) => view !== "files"), "help"],
    help: "a page down",
    group: "Move",
    label: "PgDn",
  },
  {
    keys: ["g", "home"],
    command: "first",
    contexts: [...everywhere, ...listDialogs, "help"],
    help: "first",
    group: "Move",
    label: "g Home",
  },
  {
    keys: ["G", "end"],
    command: "last",
    contexts: [...everywhere, ...listDialogs, "help"],
    help: "last",
    group: "Move",
    label: "G End",
  },
  {
    keys: ["enter", "right", "l"],
    command: "open",
    contexts: ["list"],
    help: "open the torrent",
    group: "Move",
    hint: "open",
    label: "Enter",
  },
  {
    keys: ["enter"],
    command: "open",
    contexts: ["swarm", "neighbours"],
    help: "look at this neighbour",
    group: "Move",
    label: "Enter",
  },
  {
    keys: ["enter"],
    command: "open",
    contexts: ["why"],
    help: "look at the neighbour that lost most time",
    group: "Move",
    label: "Enter",
  },
  {
    keys: ["escape", "backspace"],
    command: "back",
    contexts: torrentViews,
    help: "back to the list",
    group: "Move",
    hint: "list",
    label: "Esc",
  },
  { keys: ["escape"], command: "back", contexts: ["list"], help: "clear the filter", group: "Move", label: "Esc" },
  {
    keys: ["tab", "right", "l"],
    command: "nextView",
    contexts: torrentViews.filter((view) => view !== "pieces"),
    help: "next view",
    group: "Views",
    hint: "view",
    label: "Tab",
  },
  {
    keys: ["shift+tab", "left", "h"],
    command: "previousView",
    contexts: torrentViews.filter((view) => view !== "pieces"),
    help: "previous view",
    group: "Views",
    label: "⇧Tab",
  },
  {
    keys: ["tab"],
    command: "nextView",
    contexts: ["pieces"],
    help: "next view",
    group: "Views",
    hint: "view",
    label: "Tab",
  },
  {
    keys: ["shift+tab"],
    command: "previousView",
    contexts: ["pieces"],
    help: "previous view",
    group: "Views",
    label: "⇧Tab",
  },
  { keys: ["1"], command: "viewSwarm", contexts: torrentViews, help: "swarm: everything at once", group: "Views" },
  { keys: ["2"], command: "viewNeighbours", contexts: torrentViews, help: "neighbours, in detail", group: "Views" },
  { keys: ["3"], command: "viewPieces", contexts: torrentViews, help: "pieces and how rare they are", group: "Views" },
  { keys: ["4"], command: "viewFiles", contexts: torrentViews, help: "files", group: "Views" },
  { keys: ["5"], command: "viewTrackers", contexts: torrentViews, help: "trackers", group: "Views" },
  { keys: ["6"], command: "viewGraphs", contexts: torrentViews, help: "graphs of the rates", group: "Views" },
  { keys: ["7"], command: "viewLedger", contexts: torrentViews, help: "ledger: who gives, who takes", group: "Views" },
  { keys: ["8"], command: "viewWhy", contexts: torrentViews, help: "why it is fast or slow", group: "Views" },
  { keys: ["9"], command: "viewLog", contexts: torrentViews, help: "log: what has happened", group: "Views" },
  {
    keys: ["6"],
    command: "totals",
    contexts: ["list", "totals"],
    help: "graphs of all torrents together",
    group: "Views",
  },
  {
    keys: ["escape", "backspace"],
    command: "back",
    contexts: ["totals"],
    help: "back to the list",
    group: "Move",
    hint: "list",
    label: "Esc",
  },
  {
    keys: ["["],
    command: "spanShorter",
    contexts: ["graphs", "totals"],
    help: "a shorter time",
    group: "Views",
    hint: "shorter",
  },
  {
    keys: ["]"],
    command: "spanLonger",
    contexts: ["graphs", "totals"],
    help: "a longer time",
    group: "Views",
    hint: "longer",
  },
  ...torrentKeys,
  {
    keys: ["s"],
    command: "sort",
    contexts: ["list", "swarm", "neighbours"],
    help: "sort by the next column",
    group: "Views",
    hint: "sort",
  },
  {
    keys: ["S"],
    command: "sortReverse",
    contexts: ["list", "swarm", "neighbours"],
    help: "reverse the order",
    group: "Views",
  },
  {
    keys: ["c"],
    command: "columns",
    contexts: ["list"],
    help: "columns: which, and in which order",
    group: "Views",
  },
  {
    keys: ["/"],
    command: "filter",
    contexts: ["list"],
    help: "filter: name, state:…, label:…, tracker:…",
    group: "Views",
    hint: "filter",
  },
  {
    keys: ["/"],
    command: "filter",
    contexts: ["log"],
    help: "show only lines with a text",
    group: "Views",
    hint: "filter",
  },
  ...programKeys,
  ...dialogKeys,
];

export function commandFor(keymap: Keymap, context: Context, key: string): CommandId | undefined {
  return keymap.find((binding) => isIn(binding, context) && binding.keys.includes(key))?.command;
}

export function bindingsFor(keymap: Keymap, context: Context): readonly Binding[] {
  return keymap.filter((binding) => isIn(binding, context));
}

/** The key of a command, as it is shown; "" where it has none there. */
export function keyFor(keymap: Keymap, context: Context, command: CommandId): string {
  const binding = keymap.find((each) => each.command === command && isIn(each, context));
  return binding === undefined ? "" : keyLabel(binding);
}

function isIn(binding: Binding, context: Context): boolean {
  return binding.contexts.includes(context) || binding.contexts.includes("any");
}

/** How a binding's key is shown. */
export function keyLabel(binding: Binding): string {
  return binding.label ?? labelOfKey(binding.keys[0] ?? "");
}
