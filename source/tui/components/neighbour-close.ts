/** One neighbour closely: besides the words, where its time went, how its rates went, and what it alone has. */
import { formatDuration, formatRate } from "../../base/units.ts";
import type { NeighbourDetail } from "../../control/insight.ts";
import type { NeighbourRow } from "../../control/protocol.ts";
import { keyFor } from "../../preferences/keymap.ts";
import type { Rect } from "../format/canvas.ts";
import { plural } from "../format/numbers.ts";
import { displayWidth, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { chartColumns } from "../layout/chart-axes.ts";
import { drawValues } from "./bars.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span, spansWidth } from "./drawing.ts";
import { runText } from "./heatmap-words.ts";
import { drawNeighbour } from "./neighbour-panel.ts";
import { downParts, drawTimeBar, type TimePart, timeLegend, timeLines, upParts } from "./time-bars.ts";

/** @param detail of this neighbour; `null` until it has come. */
export function drawNeighbourClosely(
  d: Drawing,
  rect: Rect,
  row: NeighbourRow | undefined,
  detail: NeighbourDetail | null,
  hasBorder: boolean,
): void {
  if (rect.height < 2) return;
  const title = row === undefined ? "Neighbour" : clean(row.endpoint);
  const content = drawPanel(d, rect, { title: [span(title, d.theme.title)], hasBorder });
  if (row === undefined) {
    drawSpans(d, content.x, content.y, [span("none selected", d.theme.dim)], content.width);
    return;
  }
  const known = detail?.id === row.id ? detail : null;
  const isWide = content.width >= 70;
  // Words, then time, then what it has; curves get what is left.
  const wordsHeight = isWide ? 7 : Math.min(15, Math.max(7, content.height - 20));
  drawNeighbour(d, { ...content, height: Math.min(wordsHeight, content.height) }, row);
  let rest = below(content, wordsHeight);
  const isLong = rest.height >= 26;
  rest = drawTime(d, rest, downParts(d.theme, row.time.down, known?.timeTotals.down), d.theme.glyphs.down, isLong);
  rest = drawTime(d, rest, upParts(d.theme, row.time.up, known?.timeTotals.up), d.theme.glyphs.up, isLong);
  if (known === null) return;
  rest = drawFacts(d, rest, known, isLong);
  drawHistories(d, rest, row, known);
}

function below(rect: Rect, height: number): Rect {
  const used = Math.min(height, rect.height);
  return { ...rect, y: rect.y + used, height: rect.height - used };
}

/** @returns what is left below. */
function drawTime(d: Drawing, rect: Rect, parts: readonly TimePart[], sign: string, isLong: boolean): Rect {
  const { theme } = d;
  if (rect.height < 2) return rect;
  const from = isLong ? below(rect, 1) : rect;
  const head = `${sign} last minute `;
  drawSpans(d, from.x, from.y, [span(head, theme.dim)], from.width);
  drawTimeBar(d, from.x + head.length, from.y, from.width - head.length, parts);
  if (!isLong) {
    drawSpans(d, from.x + 2, from.y + 1, timeLegend(theme, parts, from.width - 2), from.width - 2);
    return below(from, 2);
  }
  const lines = timeLines(theme, parts, from.width - 2).slice(0, from.height - 1);
  lines.forEach((line, i) => {
    drawSpans(d, from.x + 2, from.y + 1 + i, line, from.width - 2);
  });
  return below(from, 1 + lines.length);
}

/** What it alone has, how fast it gets on, and what the engine says of it. @returns what is left below. */
function drawFacts(d: Drawing, rect: Rect, detail: NeighbourDetail, isLong: boolean): Rect {
  const { theme } = d;
  if (rect.height === 0) return rect;
  const from = isLong ? below(rect, 1) : rect;
  const { progressRate } = detail;
  const lines: (readonly Span[])[] = [aloneSpans(d, detail, from.width)];
  if (isLong) {
    const gets = progressRate === null ? "not known yet" : `${theme.glyphs.about}${formatRate(progressRate)}`;
    lines.push([span("gets of all   ", theme.dim), span(gets)]);
    for (const { sentence } of detail.why) {
      for (const text of wrap(clean(sentence), from.width, 3)) lines.push([span(text, theme.warn)]);
    }
  }
  lines.slice(0, from.height).forEach((line, i) => {
    drawSpans(d, from.x, from.y + i, line, from.width);
  });
  return below(from, lines.length);
}

function aloneSpans(d: Drawing, detail: NeighbourDetail, width: number): readonly Span[] {
  const { theme } = d;
  const head = span("it alone has  ", theme.dim);
  if (detail.aloneCount === 0) return [head, span("nothing that we miss")];
  const what = `${plural(detail.aloneCount, "piece")} that we miss: `;
  // Which they are is shown by the key, which must be seen for that.
  const key = [span(`  ${keyFor(d.keymap, "neighbours", "open")}`, theme.key), span(" shows them", theme.dim)];
  const room = width - spansWidth([head, span(what), ...key]);
  return [head, span(what + runsText(theme, detail, room), theme.warn), ...key];
}

/** As many of them as there is room for, and the first at least. */
function runsText(theme: Theme, { aloneCount, aloneRuns }: NeighbourDetail, width: number): string {
  let shown = "";
  let count = 0;
  for (const run of aloneRuns) {
    const next = shown === "" ? runText(theme, run) : `${shown}, ${runText(theme, run)}`;
    const countNext = count + run.last - run.first + 1;
    const more = countNext < aloneCount ? 3 : 0;
    if (shown !== "" && displayWidth(next) + more > width) break;
    shown = next;
    count = countNext;
  }
  return count < aloneCount ? `${shown}, ${theme.glyphs.ellipsis}` : shown;
}

const labelWidth = 24;
/** Higher curves say no more. */
const curveMax = 6;

/** Rates both ways and the window of requests: a line each, or with room a curve each. */
function drawHistories(d: Drawing, rect: Rect, row: NeighbourRow, detail: NeighbourDetail): void {
  const { theme } = d;
  const curves = [
    [`${theme.glyphs.down} ${formatRate(row.downRate)}`, detail.downHistory, theme.downGradient, 1024],
    [`${theme.glyphs.up} ${formatRate(row.upRate)}`, detail.upHistory, theme.upGradient, 1024],
    [`asked ${row.requestsOut} of ${row.requestWindow}`, detail.windowHistory, theme.downGradient, 4],
  ] as const;
  const height = Math.min(curveMax, Math.floor(rect.height / curves.length));
  if (height === 0) return;
  const hasHeading = height >= 3;
  const width = hasHeading ? rect.width : rect.width - labelWidth;
  curves.forEach(([label, history, gradient, peakMin], i) => {
    const y = rect.y + i * height;
    const seconds = history.length * detail.stepSeconds;
    const since = hasHeading && seconds > 0 ? `  in ${formatDuration(seconds)}` : "";
    drawSpans(d, rect.x, y, [span(label), span(since, theme.dim)], hasHeading ? rect.width : labelWidth);
    const area = hasHeading
      ? { x: rect.x, y: y + 1, width, height: height - 1 }
      : { x: rect.x + labelWidth, y, width, height };
    drawValues(d, area, chartColumns(history, Math.max(1, width)), gradient, peakMin);
  });
}
