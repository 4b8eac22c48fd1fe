/** What was decided about torrents, a line each: limits, goals, order. */
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { plural } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import { optionFields } from "../state/options.ts";
import type { OptionsOverlay } from "../state/overlay.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

const titleWidth = 22;
const inputWidth = 16;

export function drawOptions(d: Drawing, overlay: OptionsOverlay): void {
  const { canvas, theme } = d;
  const width = Math.min(canvas.width, 72);
  const [first] = overlay.torrents;
  const whose =
    first !== undefined && overlay.torrents.length === 1
      ? truncateMiddle(shownName(first), width - 8, theme.glyphs.ellipsis)
      : plural(overlay.torrents.length, "torrent");
  const rect = drawDialog(d, width, optionFields.length + 6, whose, theme.dialogBorder);
  optionFields.forEach(({ title, hint }, i) => {
    const y = rect.y + 1 + i;
    const isHere = i === overlay.cursor;
    const text = overlay.texts[i] ?? "";
    const marker = span(isHere ? theme.glyphs.marker : " ", theme.accentStrong);
    drawSpans(
      d,
      rect.x,
      y,
      inDialog(theme, [marker, span(` ${title}`, isHere ? theme.strong : theme.text)]),
      titleWidth,
    );
    const field = { x: rect.x + titleWidth, y, width: inputWidth, height: 1 };
    if (isHere) drawInput(d, field, { text, caret: overlay.caret });
    else {
      const isChanged = text !== (overlay.before[i] ?? "");
      const shown = text === "" ? span("as it is", theme.dim) : span(text, isChanged ? theme.accentStrong : theme.text);
      drawSpans(d, field.x, y, inDialog(theme, [shown]), inputWidth);
    }
    const note = span(hint, theme.dim);
    drawSpans(d, field.x + inputWidth + 2, y, inDialog(theme, [note]), rect.x + rect.width - field.x - inputWidth - 2);
  });
  const below: readonly Span[] =
    overlay.error !== ""
      ? [span(`${theme.glyphs.stateFailed} ${clean(overlay.error)}`, theme.bad)]
      : [
          span("Enter", theme.key),
          span(" change   ", theme.dim),
          span(theme.capabilities.hasUnicode ? "↑↓" : "Tab", theme.key),
          span(" another line   ", theme.dim),
          span("Esc", theme.key),
          span(" cancel", theme.dim),
        ];
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, below), rect.width);
}
