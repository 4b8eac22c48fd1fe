/** The keys of dialogs with a list in them. They stay: their hints say them. Part of the table in `keymap.ts`. */
import type { Binding, CommandId, Context } from "./commands.ts";

/** Where the keys that move in lists hold as well. */
export const listDialogs: readonly Context[] = ["columns", "settings"];

function key(keys: readonly string[], command: CommandId, contexts: readonly Context[], hint: string): Binding {
  return { keys, command, contexts, help: "", group: "Program", hint };
}

export const dialogKeys: readonly Binding[] = [
  key([" "], "dialogToggle", ["columns"], "show or hide"),
  key(["J"], "dialogLater", ["columns"], "later"),
  key(["K"], "dialogEarlier", ["columns"], "earlier"),
  key(["escape", "enter", "q", "c"], "cancel", ["columns"], "close"),
  key(["enter"], "confirm", ["settings"], "change"),
  key([" "], "dialogToggle", ["settings"], "next value"),
  key(["/"], "dialogFilter", ["settings"], "filter"),
  key(["escape", "q", ","], "cancel", ["settings"], "close"),
  key(["r", "backspace", "delete"], "dialogReset", listDialogs, "as usual"),
];
