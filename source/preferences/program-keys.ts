/** The keys that concern the UI itself, in the order of the help and of the hints. Part of the table in `keymap.ts`. */
import type { Binding, CommandId, Context } from "./commands.ts";
import { everywhere } from "./torrent-keys.ts";

function key(
  keys: readonly string[],
  command: CommandId,
  help: string,
  more: { readonly hint?: string; readonly label?: string; readonly contexts?: readonly Context[] } = {},
): Binding {
  return { keys, command, contexts: [...everywhere, "totals"], help, group: "Program", ...more };
}

export const programKeys: readonly Binding[] = [
  key(["m"], "mouse", "mouse: clicks or selecting text"),
  key([","], "settings", "all settings, and where they come from"),
  key(["T"], "theme", "theme: the next of them"),
  key(["?"], "help", "this help", { hint: "help" }),
  key(["q"], "quit", "back; from the list: leave", { hint: "quit" }),
  key([":"], "palette", "find a command or a setting by its name", { hint: "commands" }),
  key(["ctrl+z"], "suspend", "back to the shell; fg returns"),
  key(["ctrl+c"], "leave", "leave at once", { contexts: ["any"] }),
];
