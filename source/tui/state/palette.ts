/** Which commands and settings a few letters mean: pure. */

import type { SettingRow } from "../../control/settings-protocol.ts";
import type { Binding, Context } from "../../preferences/commands.ts";
import { bindingsFor, type Keymap, keyLabel } from "../../preferences/keymap.ts";
import type { AppState } from "./app-state.ts";
import { screenContext } from "./context.ts";

/** What one would look for here first: hands know how to move. */
const groups: readonly Binding["group"][] = ["Torrent", "Views", "Program", "Move"];

/** A command, or a setting that is to be looked at. */
export type PaletteChoice = Binding | SettingRow;

/** From here on letters only lie somewhere in the description. */
const scattered = 4;

/** The commands that `text` means, and the settings that have all its words in their names, before what is far from it. */
export function paletteChoices(state: AppState, text: string): readonly PaletteChoice[] {
  const scored = scoredMatches(state.preferences.keymap, screenContext(state), text);
  const words = text
    .toLowerCase()
    .split(/[\s.]+/)
    .filter((word) => word !== "");
  const settings = words.length === 0 ? [] : (state.settings?.settings ?? []);
  const named = settings.filter(({ key }) => words.every((word) => key.toLowerCase().includes(word)));
  const isNear = ({ score }: Scored): boolean => score < scattered;
  const bindings = (matches: readonly Scored[]): readonly Binding[] => matches.map(({ binding }) => binding);
  return [...bindings(scored.filter(isNear)), ...named, ...bindings(scored.filter((match) => !isNear(match)))];
}

/**
 * The bindings of `context` whose description has the letters of `text` in that order, the closest first; equals stay in
 * the order of `groups` and of the table.
 */
export function paletteMatches(keymap: Keymap, context: Context, text: string): readonly Binding[] {
  return scoredMatches(keymap, context, text).map(({ binding }) => binding);
}

interface Scored {
  readonly binding: Binding;
  readonly score: number;
}

function scoredMatches(keymap: Keymap, context: Context, text: string): readonly Scored[] {
  const needle = text.toLowerCase().replace(/\s+/g, "");
  const candidates = bindingsFor(keymap, context)
    .filter((binding) => binding.help !== "" && binding.command !== "palette")
    .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
  if (needle === "") return candidates.map((binding) => ({ binding, score: 0 }));
  return candidates
    .flatMap((binding): Scored[] => {
      const score = scoreOf(binding, needle);
      return score === undefined ? [] : [{ binding, score }];
    })
    .sort((a, b) => a.score - b.score);
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
  return scattered + gaps;
}
