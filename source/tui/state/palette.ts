/** Which commands a few letters mean: pure. */

import type { Binding, Context } from "../../preferences/commands.ts";
import { bindingsFor, type Keymap, keyLabel } from "../../preferences/keymap.ts";

/** What one would look for here first: hands know how to move. */
const groups: readonly Binding["group"][] = ["Torrent", "Views", "Program", "Move"];

/**
 * The bindings of `context` whose description has the letters of `text` in that order, the closest first; equals stay in
 * the order of `groups` and of the table.
 */
export function paletteMatches(keymap: Keymap, context: Context, text: string): readonly Binding[] {
  const needle = text.toLowerCase().replace(/\s+/g, "");
  const candidates = bindingsFor(keymap, context)
    .filter((binding) => binding.help !== "" && binding.command !== "palette")
    .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
  if (needle === "") return candidates;
  return candidates
    .map((binding) => ({ binding, score: scoreOf(binding, needle) }))
    .filter(({ score }) => score !== undefined)
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0))
    .map(({ binding }) => binding);
}

/** Lower is closer: a start beats a whole word beats a part beats scattered letters. */
function scoreOf(binding: Binding, needle: string): number | undefined {
  const help = binding.help.toLowerCase();
  if (keyLabel(binding).toLowerCase() === needle) return 0;
  if (help.replace(/\s+/g, "").startsWith(needle)) return 1;
  if (help.split(/[^a-z]+/).some((word) => word.startsWith(needle))) return 2;
  if (help.includes(needle)) return 3;
  let at = -1;
  let gaps = 0;
  for (const letter of needle) {
    const next = help.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    gaps += next - at - 1;
    at = next;
  }
  return 4 + gaps;
}
