/** View 9: the log, the newest below; lines that came since it was looked at last are marked. */
import { keyFor } from "../../preferences/keymap.ts";
import { clean, type Drawing, drawCentred, drawPanel, drawSpans, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { formatClock } from "../format/numbers.ts";
import { truncateStart } from "../format/text-width.ts";
import { type LogRow, logRows, logTimeWidth } from "../layout/log-rows.ts";
import { planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { shownLog } from "../state/log.ts";

export function drawLogView(d: Drawing, state: AppState, open: OpenTorrent): void {
  const { theme } = d;
  const plan = planLog(state.columns, state.rows);
  const lines = shownLog(open);
  const note: Span[] = [];
  if (open.logFilter !== "") {
    const filter = truncateStart(clean(open.logFilter), Math.floor(plan.log.width / 2), theme.glyphs.ellipsis);
    note.push(span(`with “${filter}” `, theme.warn));
  }
  if (open.logBack > 0) note.push(span("newer lines below", theme.warn));
  const content = drawPanel(d, plan.log, { title: [span("Log", theme.title)], note, hasBorder: plan.hasBorders });
  if (lines.length === 0) {
    const isFiltered = open.logFilter !== "";
    const key = span(keyFor(d.keymap, "log", isFiltered ? "back" : "viewSwarm"), theme.key);
    drawCentred(d, content, [
      [span(isFiltered ? "No line has that in it." : "Nothing has happened yet.", theme.dim)],
      isFiltered ? [key, span(" shows all lines again", theme.dim)] : [],
    ]);
    return;
  }
  const rows = logRows(lines, content.width);
  rows
    .slice(0, rows.length - open.logBack)
    .slice(-content.height)
    .forEach((row, i) => {
      const place = { ...content, y: content.y + i, height: 1 };
      drawRow(d, place, row, open.logSeen ?? Number.POSITIVE_INFINITY);
    });
}

function drawRow(d: Drawing, rect: Rect, row: LogRow, seen: number): void {
  const { canvas, theme } = d;
  if ("day" in row) {
    drawSpans(d, rect.x + 2, rect.y, [span(row.day, theme.accent)], rect.width - 2);
    return;
  }
  const { line, text, isFirst } = row;
  const isNew = line.number > seen;
  if (isFirst) {
    canvas.put(rect.x, rect.y, isNew ? theme.glyphs.marked : " ", theme.accentStrong);
    canvas.put(rect.x + 2, rect.y, formatClock(line.wallMs), theme.dim);
  }
  drawSpans(
    d,
    rect.x + logTimeWidth,
    rect.y,
    [span(text, isNew ? theme.strong : theme.text)],
    rect.width - logTimeWidth,
  );
}
