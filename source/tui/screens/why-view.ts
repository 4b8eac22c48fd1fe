/** View 8: why the torrent does what it does, what helps, and who holds it up. */
import { formatRate } from "../../base/units.ts";
import type { NeighbourRow, TorrentDetail } from "../../control/protocol.ts";
import { keyFor } from "../../preferences/keymap.ts";
import { clean, type Drawing, drawPanel, drawScrollbar, drawSpans, type Span, span } from "../components/drawing.ts";
import { byLength, downParts, drawTimeBar, type TimePart, timeLegend, upParts } from "../components/time-bars.ts";
import {
  allWhyLines,
  besideLines,
  indent,
  isLost,
  timeLines,
  type Way,
  type WhyLine,
} from "../components/why-lines.ts";
import { inTheme } from "../components/words.ts";
import type { Rect } from "../format/canvas.ts";
import { formatPercent } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planWhy } from "../layout/why-plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawWhyView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planWhy(state.columns, state.rows);
  const content = drawPanel(d, plan.reasons, { title: [span("Why?", theme.title)], hasBorder: plan.hasBorders });
  const lines = plan.time === null ? allWhyLines(detail, plan.width) : besideLines(detail, plan.width);
  drawLines(d, content, lines, open.whyOffset, detail);
  if (plan.time === null) return;
  const beside = drawPanel(d, plan.time, { title: [span("Time", theme.title)], hasBorder: plan.hasBorders });
  const isLong = beside.height >= longMin;
  const others = timeLines(detail, 0, isLong).length;
  const time = timeLines(detail, Math.max(1, beside.height - others), isLong);
  if (time.length > 0) drawLines(d, beside, time, 0, detail);
  else drawSpans(d, beside.x, beside.y, [span("nobody has spent any with us yet", theme.dim)], beside.width);
}

/** With so many rows there is one for each meaning. */
const longMin = 30;

function drawLines(d: Drawing, rect: Rect, lines: readonly WhyLine[], offset: number, detail: TorrentDetail): void {
  lines.slice(offset, offset + rect.height).forEach((line, i) => {
    drawLine(d, { ...rect, y: rect.y + i, height: 1 }, line, detail);
  });
  drawScrollbar(d, rect.x + rect.width, rect.y, rect.height, offset, lines.length);
}

function drawLine(d: Drawing, rect: Rect, line: WhyLine, detail: TorrentDetail): void {
  const { theme } = d;
  switch (line.kind) {
    case "words":
      drawSpans(d, rect.x, rect.y, inTheme(theme, line.words), rect.width);
      return;
    case "remedy": {
      const key = keyFor(d.keymap, "why", line.command);
      const spans = [span(key === "" ? "" : `${key} `, theme.key), span(line.does)];
      drawSpans(
        d,
        rect.x + indent,
        rect.y,
        [span(`${theme.glyphs.arrowRight} `, theme.key), ...spans],
        rect.width - indent,
      );
      d.zones?.push({ rect, target: { kind: "command", command: line.command } });
      return;
    }
    case "time":
      drawTimeBar(d, rect.x + indent, rect.y, rect.width - indent, partsOfAll(theme, detail, line.way));
      return;
    case "legend":
      drawSpans(
        d,
        rect.x + indent,
        rect.y,
        timeLegend(theme, partsOfAll(theme, detail, line.way), rect.width - indent),
        rect.width - indent,
      );
      return;
    case "meaning": {
      const part = byLength(partsOfAll(theme, detail, line.way))[line.at];
      if (part === undefined) return;
      const { sign, letter, style, words } = part;
      const spans = [
        span(`${sign}${letter} `, style),
        span(formatPercent(part.part).padStart(4), theme.strong),
        span(`  ${words}`),
      ];
      drawSpans(d, rect.x + indent, rect.y, spans, rect.width - indent);
      return;
    }
    case "neighbour":
      drawNeighbourLine(d, rect, line.row, line.way);
      d.zones?.push({ rect, target: { kind: "neighbour", id: line.row.id } });
  }
}

function partsOfAll(theme: Theme, { time }: TorrentDetail, way: Way): readonly TimePart[] {
  if (time === null) return [];
  return way === "up"
    ? upParts(theme, { unwanted: 0, ...time.up }, undefined)
    : downParts(theme, { uninterested: 0, ...time.down }, undefined);
}

const endpointWidth = 21;
const causeWidth = 24;
const rateWidth = 11;

/** Who, where its minute went, what took most of it, and what flows all the same. */
function drawNeighbourLine(d: Drawing, rect: Rect, row: NeighbourRow, way: Way): void {
  const { canvas, theme } = d;
  const parts = way === "up" ? upParts(theme, row.time.up, undefined) : downParts(theme, row.time.down, undefined);
  const x = rect.x + indent;
  canvas.put(
    x,
    rect.y,
    truncateMiddle(clean(row.endpoint), endpointWidth, theme.glyphs.ellipsis),
    theme.text,
    endpointWidth,
  );
  const barX = x + endpointWidth + 1;
  const right = rect.x + rect.width;
  const barWidth = Math.max(4, right - barX - causeWidth - rateWidth - 2);
  drawTimeBar(d, barX, rect.y, barWidth, parts);
  const causeX = barX + barWidth + 1;
  const most = byLength(parts).find(({ state }) => isLost(way, state));
  const cause: readonly Span[] =
    most === undefined
      ? []
      : [span(formatPercent(most.part).padStart(4), theme.strong), span(` ${most.name}`, most.style)];
  drawSpans(d, causeX, rect.y, cause, Math.min(causeWidth, right - causeX));
  const rate = way === "up" ? row.upRate : row.downRate;
  const text = rate < 1 ? "" : formatRate(rate);
  const style = way === "up" ? theme.up : theme.down;
  canvas.put(right - text.length, rect.y, text, style, rateWidth);
}
