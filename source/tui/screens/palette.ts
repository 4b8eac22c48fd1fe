/** Every command that applies, found by a few letters of what it does; and settings by their names. */

import { keyFor, keyLabel } from "../../preferences/keymap.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { offsetFor } from "../layout/scroll.ts";
import type { AppState } from "../state/app-state.ts";
import { screenContext } from "../state/context.ts";
import type { PaletteOverlay } from "../state/overlay.ts";
import { type PaletteChoice, paletteChoices } from "../state/palette.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

const labelWidth = 10;

export function drawPalette(d: Drawing, state: AppState, overlay: PaletteOverlay): void {
  const { canvas, theme } = d;
  const all = paletteChoices(state, "").length;
  const rect = drawDialog(d, Math.min(canvas.width, 64), Math.min(all, 14) + 4, "Commands", theme.dialogBorder);
  drawInput(d, { ...rect, height: 1 }, overlay);
  const matches = paletteChoices(state, overlay.text);
  const list = { ...rect, y: rect.y + 2, height: Math.max(0, rect.height - 2) };
  if (matches.length === 0) {
    drawSpans(d, list.x, list.y, inDialog(theme, [span("no command or setting is like that", theme.dim)]), list.width);
  }
  const offset = offsetFor(overlay.cursor, 0, list.height, matches.length);
  matches.slice(offset, offset + list.height).forEach((choice, i) => {
    const y = list.y + i;
    const isChosen = offset + i === overlay.cursor;
    const line = [span(isChosen ? theme.glyphs.marker : " ", theme.accentStrong), span(" ")];
    drawSpans(d, list.x, y, inDialog(theme, [...line, ...choiceSpans(d, state, choice)]), list.width);
    if (isChosen) canvas.restyle({ ...list, y, height: 1 }, theme.selected);
    d.zones?.push({ rect: { ...list, y, height: 1 }, target: { kind: "row", index: offset + i } });
  });
}

/** After its key; a setting after the key of all settings, and with what holds. */
function choiceSpans({ theme, keymap }: Drawing, state: AppState, choice: PaletteChoice): readonly Span[] {
  const isCommand = "command" in choice;
  const key = isCommand ? keyLabel(choice) : keyFor(keymap, screenContext(state), "settings");
  const label = span(asciiLabel(theme, key).padEnd(labelWidth), theme.key);
  if (isCommand) return [label, span(choice.help)];
  return [label, span("setting ", theme.dim), span(clean(choice.key)), span(`  ${clean(choice.valueText)}`, theme.dim)];
}
