/** What was decided about torrents, a line each: limits, goals, order. */
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawSpans, fitGroups, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { plural } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { optionFields } from "../state/options.ts";
import type { OptionsOverlay } from "../state/overlay.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";
import { drawFieldList } from "./field-list.ts";
import { asciiLabel } from "./help.ts";

export function drawOptions(d: Drawing, overlay: OptionsOverlay): void {
  const { canvas, theme } = d;
  const width = Math.min(canvas.width, 72);
  const [first] = overlay.torrents;
  const whose =
    first !== undefined && overlay.torrents.length === 1
      ? truncateMiddle(shownName(first), width - 8, theme.glyphs.ellipsis)
      : plural(overlay.torrents.length, "torrent");
  const rect = drawDialog(d, width, optionFields.length + 6, whose, theme.dialogBorder);
  // Where there is little room, no line above them stays free.
  const above = rect.height >= optionFields.length + 2 ? 1 : 0;
  const list = { ...rect, y: rect.y + above, height: Math.min(optionFields.length, rect.height - above - 1) };
  drawFieldList(d, list, {
    fields: optionFields,
    cursor: overlay.cursor,
    inputWidth: 16,
    drawField: (i, field) => drawOption(d, field, overlay, i),
  });
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, belowSpans(theme, overlay, rect.width)), rect.width);
}

function drawOption(d: Drawing, field: Rect, overlay: OptionsOverlay, i: number): void {
  const { theme } = d;
  const text = overlay.texts[i] ?? "";
  if (i === overlay.cursor) {
    drawInput(d, field, { text, caret: overlay.caret });
    return;
  }
  const isChanged = text !== (overlay.before[i] ?? "");
  const shown = text === "" ? span("as it is", theme.dim) : span(text, isChanged ? theme.accentStrong : theme.text);
  drawSpans(d, field.x, field.y, inDialog(theme, [shown]), field.width);
}

function belowSpans(theme: Theme, { error }: OptionsOverlay, width: number): readonly Span[] {
  if (error !== "") return [span(`${theme.glyphs.stateFailed} ${clean(error)}`, theme.bad)];
  const key = (label: string, text: string): readonly Span[] => [
    span(asciiLabel(theme, label), theme.key),
    span(` ${text}`, theme.dim),
  ];
  return fitGroups([key("Enter", "change"), key("↑↓", "another line"), key("Esc", "cancel")], span("   "), width);
}
