/** Rates over a longer time: one graph above the other over one axis of times, each with its figures in words. */
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import type { Graph, GraphSpan } from "../../control/insight.ts";
import type { Rect } from "../format/canvas.ts";
import { formatClock } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import type { Theme } from "../format/theme.ts";
import {
  chartColumns,
  clockText,
  dayText,
  graphWords,
  type RateAxis,
  rateAxis,
  sinceKnown,
  timeMarks,
} from "../layout/chart-axes.ts";
import { type Drawing, drawSpans, fitGroups, type Span, span } from "./drawing.ts";

/** `1023 KiB/s` and the line of the axis. */
const axisWidth = 11;
/** Rows between two marks of the rates. */
const rowsPerMark = 4;
const intervalsMax = 6;

/** @param now what flows at this moment, bytes per second. */
export function drawRateCharts(
  d: Drawing,
  rect: Rect,
  whole: Graph,
  now: { readonly down: number; readonly up: number },
): void {
  const { theme } = d;
  const graph = sinceKnown(whole);
  if (rect.height < 5 || rect.width < axisWidth + 10) return;
  const room = rect.height - 1;
  const lower = Math.floor(room / 2);
  const upper = { ...rect, height: room - lower };
  drawChart(d, upper, graph, graph.down, {
    head: [span(`${theme.glyphs.down} `, theme.down), span(formatRate(now.down), theme.downStrong)],
    gradient: theme.downGradient,
  });
  drawChart(d, { ...rect, y: rect.y + upper.height, height: lower }, graph, graph.up, {
    head: [span(`${theme.glyphs.up} `, theme.up), span(formatRate(now.up), theme.upStrong)],
    gradient: theme.upGradient,
  });
  drawTimes(d, { ...rect, y: rect.y + room, height: 1 }, graph);
}

interface ChartLook {
  readonly head: readonly Span[];
  readonly gradient: readonly StyleId[];
}

function drawChart(d: Drawing, rect: Rect, graph: Graph, values: readonly (number | null)[], look: ChartLook): void {
  const { theme } = d;
  const line = [look.head, ...figures(theme, graph, values)];
  drawSpans(d, rect.x, rect.y, fitGroups(line, span("  "), rect.width), rect.width);
  const area = {
    x: rect.x + axisWidth,
    y: rect.y + 1,
    width: rect.width - axisWidth,
    height: rect.height - 1,
  };
  const columns = chartColumns(values, area.width);
  const peak = columns.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const intervals = Math.max(1, Math.min(intervalsMax, Math.floor(area.height / rowsPerMark)));
  const axis = rateAxis(peak, intervals);
  drawRateAxis(d, area, axis);
  // Before the first there may be nothing but emptiness; lines through it would say that nothing flowed.
  const first = columns.findIndex((value) => value !== null);
  columns.forEach((value, column) => {
    if (value === null) drawGap(d, area, column, column > first && first >= 0);
    else drawColumn(d, area, column, value / axis.top, value, look.gradient);
  });
  nameGaps(d, area, columns);
}

function figures(theme: Theme, graph: Graph, values: readonly (number | null)[]): readonly (readonly Span[])[] {
  const words = graphWords(values, graph);
  if (words === undefined) return [[span("nothing is known", theme.dim)]];
  if (words.peak === 0) return [[span("nothing flowed", theme.dim)]];
  return [
    [span("mean ", theme.dim), span(formatRate(words.mean))],
    [span("sum ", theme.dim), span(`${theme.glyphs.about}${formatSize(words.sum)}`)],
    [span("peak ", theme.dim), span(formatRate(words.peak))],
    [span(whenText(graph.span, words.peakWallMs), theme.dim)],
  ];
}

function whenText(graphSpan: GraphSpan, wallMs: number): string {
  switch (graphSpan) {
    case "5m":
      return `at ${formatClock(wallMs)}`;
    case "3h":
      return `at ${clockText(wallMs)}`;
    case "week":
    case "month":
      return `on ${dayText(wallMs)} at ${clockText(wallMs)}`;
  }
}

/** How much of the span is known, where that is not all, after the sign of what is not, where that is shown; "" else. */
export function knownText({ glyphs }: Theme, graph: Graph): string {
  const { down, stepSeconds } = graph;
  const known = graphWords(down, graph)?.knownSeconds ?? 0;
  if (known >= down.length * stepSeconds) return "";
  const isHatched = down.slice(down.findIndex((value) => value !== null)).includes(null) && known > 0;
  return `${isHatched ? `${glyphs.gap} ` : ""}the engine ran ${formatDuration(known)}`;
}

function drawRateAxis(d: Drawing, area: Rect, axis: RateAxis): void {
  const { canvas, theme } = d;
  for (let row = 0; row < area.height; row++) canvas.put(area.x - 1, area.y + row, theme.glyphs.vertical, theme.rule);
  for (const { at, text } of axis.marks) {
    const y = area.y + area.height - Math.max(1, Math.ceil(at * area.height));
    canvas.put(area.x - 1, y, theme.glyphs.axisMark, theme.rule);
    canvas.putEndingAt(area.x - 1, y, text, theme.dim, text.length);
    if (at > 0) canvas.fill({ x: area.x, y, width: area.width, height: 1 }, theme.glyphs.gridLine, theme.rule);
  }
}

function drawColumn(
  d: Drawing,
  area: Rect,
  column: number,
  fraction: number,
  rate: number,
  gradient: readonly StyleId[],
): void {
  const { canvas, theme } = d;
  const x = area.x + column;
  const bottom = area.y + area.height - 1;
  // Whatever is not nothing shows at least the lowest level.
  const filled = rate < 1 ? 0 : Math.max(1, Math.round(fraction * area.height * 8));
  if (filled === 0) canvas.put(x, bottom, theme.glyphs.lowerEighths[0] ?? ".", theme.rule);
  for (let row = 0; row * 8 < filled; row++) {
    const here = Math.min(8, filled - row * 8);
    const level = Math.floor((row / Math.max(1, area.height - 1)) * (gradient.length - 1));
    canvas.put(x, bottom - row, theme.glyphs.lowerEighths[here - 1] ?? "#", gradient[level] ?? 0);
  }
}

/** Between what is known: hatched, with room between the lines, since it tells little. */
function drawGap(d: Drawing, area: Rect, column: number, isHatched: boolean): void {
  for (let row = 0; row < area.height; row++) {
    const isLine = isHatched && (column + row) % gapStep === 0;
    d.canvas.put(area.x + column, area.y + row, isLine ? d.theme.glyphs.gap : " ", d.theme.rule);
  }
}

const gapStep = 4;

const gapWords = " the engine did not run ";

function nameGaps(d: Drawing, area: Rect, columns: readonly (number | null)[]): void {
  const y = area.y + Math.floor(area.height / 2);
  let from = 0;
  for (let column = 0; column <= columns.length; column++) {
    if (columns[column] === null) continue;
    if (column - from >= gapWords.length + 2) {
      d.canvas.put(area.x + from + Math.floor((column - from - gapWords.length) / 2), y, gapWords, d.theme.dim);
    }
    from = column + 1;
  }
}

function drawTimes(d: Drawing, rect: Rect, graph: Graph): void {
  const { canvas, theme } = d;
  const width = rect.width - axisWidth;
  const left = rect.x + axisWidth;
  canvas.fill({ ...rect, x: left - 1, width: width + 1 }, " ", theme.text);
  for (const { at, text } of timeMarks(graph, width)) {
    const x = left + Math.round(at * width);
    if (x + 1 + text.length > left + width) continue;
    canvas.put(x, rect.y, theme.glyphs.timeMark, theme.rule);
    canvas.put(x + 1, rect.y, text, theme.dim);
  }
}
