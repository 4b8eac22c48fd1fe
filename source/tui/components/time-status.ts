/** A simulated swarm's time, at the right end of the last line: how late it is there, how fast it passes, who is watched. */
import { formatDuration } from "../../base/units.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import type { SimulationStatus } from "../simulation-dial.ts";
import { clean, type Drawing, drawSpansRight, fitGroups, type Span, span } from "./drawing.ts";

/** Below that part of what is wanted it is told, above it is wavering. */
const slowPart = 0.8;
const minuteMs = 60_000;

/** @param widthMin what is to be left of the line. @returns what is left of it. */
export function drawTime(d: Drawing, rect: Rect, status: SimulationStatus, widthMin: number): Rect {
  const { theme } = d;
  const groups: readonly (readonly Span[])[] = [
    [span(" "), span(timeText(status), theme.strong), span(" "), ...speedSpans(d, status)],
    status.isPaused ? [span(`event ${formatCount(status.events)}`)] : [],
    [span(clean(status.node), theme.accent)],
    [span(`${status.completed}/${status.peers} complete`, theme.dim)],
  ];
  const width = Math.max(0, rect.width - widthMin);
  const spans = fitGroups(groups, span("  "), width);
  const start = drawSpansRight(d, rect.x + rect.width - 1, rect.y, spans, width);
  return { ...rect, width: start - rect.x };
}

function speedSpans({ theme }: Drawing, { speed, actualSpeed, isPaused, isOver }: SimulationStatus): readonly Span[] {
  if (isOver) return [span("over", theme.good)];
  if (isPaused) return [span("paused", theme.warn)];
  if (actualSpeed >= speed * slowPart) return [span(`${speedText(speed)}x`)];
  return [span(`${speedText(actualSpeed)}x`, theme.warn), span(` of ${speedText(speed)}x`, theme.dim)];
}

/** To the millisecond where one looks at steps. */
function timeText({ virtualMs, isPaused }: SimulationStatus): string {
  if (!isPaused) return formatDuration(virtualMs / 1000);
  const seconds = (Math.floor(virtualMs % minuteMs) / 1000).toFixed(3);
  return virtualMs < minuteMs ? `${seconds}s` : `${formatCount(Math.floor(virtualMs / minuteMs))}m ${seconds}s`;
}

function speedText(speed: number): string {
  return speed >= 10 ? formatCount(speed) : String(Number(speed.toPrecision(2)));
}
