/** Progress bars, sparklines and area graphs. Values are clamped, never trusted. */
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import type { Drawing } from "./drawing.ts";

/** A thick bar, exact to an eighth of a column. A bar that is not done never looks full. @param fraction 0 … 1. */
export function drawBar(d: Drawing, x: number, y: number, width: number, fraction: number, style: StyleId): void {
  const { canvas, theme } = d;
  const eighths = filledEighths(fraction, width);
  const whole = Math.floor(eighths / 8);
  canvas.fill({ x, y, width, height: 1 }, theme.glyphs.barRest, theme.barRest);
  canvas.fill({ x, y, width: whole, height: 1 }, theme.glyphs.leftEighths[7] ?? "#", style);
  const part = eighths % 8;
  if (part > 0) canvas.put(x + whole, y, theme.glyphs.leftEighths[part - 1] ?? " ", style);
}

/** A thin bar for table rows, exact to half a column. */
export function drawThinBar(d: Drawing, x: number, y: number, width: number, fraction: number, style: StyleId): void {
  const { canvas, theme } = d;
  const halves = Math.floor(filledEighths(fraction, width) / 4);
  const whole = Math.floor(halves / 2);
  canvas.fill({ x, y, width, height: 1 }, theme.glyphs.thinRest, theme.rule);
  canvas.fill({ x, y, width: whole, height: 1 }, theme.glyphs.thinBar, style);
  if (halves % 2 === 1) canvas.put(x + whole, y, theme.glyphs.thinHalf, style);
}

function filledEighths(fraction: number, width: number): number {
  const clamped = Math.max(0, Math.min(1, Number.isFinite(fraction) ? fraction : 0));
  const eighths = Math.floor(clamped * width * 8);
  if (clamped > 0 && eighths === 0) return 1;
  return clamped < 1 ? Math.min(eighths, width * 8 - 1) : width * 8;
}

/**
 * The newest `count` values, each the mean of `perColumn` seconds (1 or more, not only whole ones); columns without data
 * are `undefined`. Oldest first.
 */
export function resample(history: readonly number[], count: number, perColumn = 1): readonly (number | undefined)[] {
  const columns: (number | undefined)[] = [];
  for (let column = count - 1; column >= 0; column--) {
    const end = Math.round(history.length - column * perColumn);
    const start = Math.max(0, Math.round(history.length - (column + 1) * perColumn));
    if (end <= start) {
      columns.push(undefined);
      continue;
    }
    let sum = 0;
    for (let i = start; i < end; i++) sum += Math.max(0, history[i] ?? 0);
    columns.push(sum / (end - start));
  }
  return columns;
}

/** One line, one column a second, newest at the right. @param gradient from the lowest to the highest. */
export function drawSparkline(
  d: Drawing,
  x: number,
  y: number,
  width: number,
  history: readonly number[],
  gradient: readonly StyleId[],
): void {
  drawArea(d, { x, y, width, height: 1 }, history, 1, gradient);
}

/**
 * A filled curve, newest at the right; its top is the highest value shown.
 * @returns that highest value.
 */
export function drawArea(
  d: Drawing,
  rect: Rect,
  history: readonly number[],
  perColumn: number,
  gradient: readonly StyleId[],
  peakMin = 1,
): number {
  return drawValues(d, rect, resample(history, rect.width, perColumn), gradient, peakMin);
}

/** As `drawArea`, a value for each column. */
export function drawValues(
  d: Drawing,
  rect: Rect,
  values: readonly (number | null | undefined)[],
  gradient: readonly StyleId[],
  peakMin = 1,
): number {
  const { canvas, theme } = d;
  let peak = peakMin;
  for (const value of values) peak = Math.max(peak, value ?? 0);
  const levels = rect.height * 8;
  values.forEach((value, column) => {
    if (value === undefined || value === null) return;
    // Whatever is not nothing shows at least the lowest level.
    const filled = value < 1 ? 0 : Math.max(1, Math.round((value / peak) * levels));
    for (let row = 0; row < rect.height; row++) {
      const here = Math.min(8, filled - row * 8);
      const y = rect.y + rect.height - 1 - row;
      if (here <= 0) {
        if (row === 0) canvas.put(rect.x + column, y, theme.glyphs.lowerEighths[0] ?? ".", theme.rule);
        break;
      }
      const level = rect.height === 1 ? here - 1 : Math.floor((row / Math.max(1, rect.height - 1)) * 7);
      canvas.put(rect.x + column, y, theme.glyphs.lowerEighths[here - 1] ?? "#", gradient[level] ?? 0);
    }
  });
  return peak;
}
