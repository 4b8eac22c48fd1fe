/** Labels of one torrent or several: known ones are switched, a new one is typed. */
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { plural } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { offsetFor } from "../layout/scroll.ts";
import type { AppState } from "../state/app-state.ts";
import { type LabelChoice, labelChoices, labelledRows } from "../state/labels.ts";
import type { LabelsOverlay } from "../state/overlay.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

const linesMax = 12;

export function drawLabels(d: Drawing, state: AppState, overlay: LabelsOverlay): void {
  const { canvas, theme } = d;
  const rows = labelledRows(state, overlay);
  const all = labelChoices(state, overlay, "").length;
  const width = Math.min(canvas.width, 56);
  const [first] = rows;
  const whose =
    first !== undefined && rows.length === 1
      ? truncateMiddle(shownName(first), width - 16, theme.glyphs.ellipsis)
      : plural(rows.length, "torrent");
  const rect = drawDialog(
    d,
    width,
    Math.min(Math.max(all, 2) + 1, linesMax) + 5,
    `Labels of ${whose}`,
    theme.dialogBorder,
  );
  drawInput(d, { ...rect, height: 1 }, overlay);
  const list = { ...rect, y: rect.y + 2, height: Math.max(0, rect.height - 3) };
  const choices = labelChoices(state, overlay);
  if (choices.length === 0) {
    const line = [span("There are none yet: type one.", theme.dim)];
    drawSpans(d, list.x, list.y, inDialog(theme, line), list.width);
  }
  const offset = offsetFor(overlay.cursor, 0, list.height, choices.length);
  choices.slice(offset, offset + list.height).forEach((choice, i) => {
    const y = list.y + i;
    const isChosen = offset + i === overlay.cursor;
    const marker = span(isChosen ? theme.glyphs.marker : " ", theme.accentStrong);
    drawSpans(d, list.x, y, inDialog(theme, [marker, span(" "), ...choiceSpans(theme, choice)]), list.width);
    if (isChosen) canvas.restyle({ ...list, y, height: 1 }, theme.selected);
    d.zones?.push({ rect: { ...list, y, height: 1 }, target: { kind: "row", index: offset + i } });
  });
  const help = [
    span("Enter", theme.key),
    span(" gives or takes away   ", theme.dim),
    span("Esc", theme.key),
    span(" close", theme.dim),
  ];
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, help), rect.width);
}

function choiceSpans(theme: Theme, { label, have, isNew }: LabelChoice): readonly Span[] {
  const sign = { all: theme.glyphs.marked, some: "~", none: " " }[have];
  const spans = [span(`[${sign}] `, have === "none" ? theme.dim : theme.good), span(clean(label))];
  if (isNew) spans.push(span("  new", theme.accent));
  if (have === "some") spans.push(span("  some of them", theme.dim));
  return spans;
}
