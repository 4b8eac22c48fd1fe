/** View 9: the log, the newest below; lines that came since it was looked at last are marked. */
import type { LogLine } from "../../control/protocol.ts";
import { keyFor } from "../../preferences/keymap.ts";
import { clean, type Drawing, drawCentred, drawPanel, drawSpans, type Span, span } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { formatClock, formatCount } from "../format/numbers.ts";
import { wrap } from "../format/text-width.ts";
import { dayText } from "../layout/chart-axes.ts";
import { planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { shownLog } from "../state/log.ts";

/** More rows of one line say no more. */
const wrappedMax = 4;

export function drawLogView(d: Drawing, state: AppState, open: OpenTorrent): void {
  const { theme } = d;
  const plan = planLog(state.columns, state.rows);
  const lines = shownLog(open);
  const note: Span[] = [];
  if (open.logFilter !== "") note.push(span(`with “${clean(open.logFilter)}” `, theme.warn));
  if (open.logBack > 0) note.push(span(`${formatCount(open.logBack)} newer below`, theme.warn));
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
  drawLines(d, content, lines.slice(0, lines.length - open.logBack), open.logSeen ?? Number.POSITIVE_INFINITY);
}

/** From the bottom up: the newest line is whole. */
function drawLines(d: Drawing, rect: Rect, lines: readonly LogLine[], seen: number): void {
  const { canvas, theme } = d;
  let y = rect.y + rect.height;
  let day = "";
  for (let i = lines.length - 1; i >= 0 && y > rect.y; i--) {
    const line = lines[i];
    if (line === undefined) continue;
    // The day stands over its first line.
    const itsDay = dayText(line.wallMs);
    if (day !== "" && itsDay !== day) drawDay(d, rect, --y, day);
    day = itsDay;
    const texts = wrap(clean(line.text), rect.width - timeWidth, wrappedMax);
    for (let row = texts.length - 1; row >= 0; row--) {
      y--;
      if (y < rect.y) break;
      const isNew = line.number > seen;
      if (row === 0) {
        canvas.put(rect.x, y, isNew ? theme.glyphs.marked : " ", theme.accentStrong);
        canvas.put(rect.x + 2, y, formatClock(line.wallMs), theme.dim);
      }
      drawSpans(
        d,
        rect.x + timeWidth,
        y,
        [span(texts[row] ?? "", isNew ? theme.strong : theme.text)],
        rect.width - timeWidth,
      );
    }
  }
  if (y > rect.y && day !== "") drawDay(d, rect, y - 1, day);
}

/** Mark, time and two spaces. */
const timeWidth = 12;

function drawDay(d: Drawing, rect: Rect, y: number, day: string): void {
  if (y >= rect.y) drawSpans(d, rect.x + 2, y, [span(day, d.theme.accent)], rect.width - 2);
}
