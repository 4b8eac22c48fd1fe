/** Every command that applies, found by a few letters of what it does. */

import type { Context } from "../../preferences/commands.ts";
import { keyLabel } from "../../preferences/keymap.ts";
import { type Drawing, drawSpans, span } from "../components/drawing.ts";
import { offsetFor } from "../layout/scroll.ts";
import type { PaletteOverlay } from "../state/overlay.ts";
import { paletteMatches } from "../state/palette.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

const labelWidth = 10;

export function drawPalette(d: Drawing, context: Context, overlay: PaletteOverlay): void {
  const { canvas, theme } = d;
  const all = paletteMatches(d.keymap, context, "").length;
  const rect = drawDialog(d, Math.min(canvas.width, 64), Math.min(all, 14) + 4, "Commands", theme.dialogBorder);
  drawInput(d, { ...rect, height: 1 }, overlay);
  const matches = paletteMatches(d.keymap, context, overlay.text);
  const list = { ...rect, y: rect.y + 2, height: Math.max(0, rect.height - 2) };
  if (matches.length === 0) {
    drawSpans(d, list.x, list.y, inDialog(theme, [span("no command is like that", theme.dim)]), list.width);
  }
  const offset = offsetFor(overlay.cursor, 0, list.height, matches.length);
  matches.slice(offset, offset + list.height).forEach((binding, i) => {
    const y = list.y + i;
    const label = asciiLabel(theme, keyLabel(binding)).padEnd(labelWidth);
    const isChosen = offset + i === overlay.cursor;
    const line = [span(isChosen ? theme.glyphs.marker : " ", theme.accentStrong), span(" "), span(label, theme.key)];
    drawSpans(d, list.x, y, inDialog(theme, [...line, span(binding.help)]), list.width);
    if (isChosen) canvas.restyle({ ...list, y, height: 1 }, theme.selected);
    d.zones?.push({ rect: { ...list, y, height: 1 }, target: { kind: "row", index: offset + i } });
  });
}
