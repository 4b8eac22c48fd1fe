/** The scales of the lectures' figure, on a terminal and on paper: N to the right, times in F/u upwards. */
import type { Figure } from "../simulator/figure.ts";

export interface FigureAxes {
  /** Where the right and upper ends are. */
  readonly xMax: number;
  readonly yMax: number;
  readonly xMarks: readonly number[];
  readonly yMarks: readonly number[];
}

/** Marks on each axis, at most. */
const marksMax = 8;

export function axesOf(figure: Figure): FigureAxes {
  const { bounds, simulated, unitSeconds } = figure;
  const xMax = Math.max(1, ...bounds.map(({ peers }) => peers));
  const seconds = [
    ...bounds.flatMap((point) => [point.clientServerSeconds, point.boundSeconds]),
    ...simulated.map(({ lastSeconds }) => lastSeconds ?? 0),
  ];
  const highest = Math.max(...seconds) / unitSeconds;
  const yStep = stepFor(highest);
  const yMax = Math.ceil(highest / yStep - 1e-9) * yStep;
  return { xMax, yMax, xMarks: marks(Math.max(1, stepFor(xMax)), xMax), yMarks: marks(yStep, yMax) };
}

/** 1, 2 or 5 times a power of ten. */
function stepFor(max: number): number {
  const power = 10 ** Math.floor(Math.log10(max / marksMax));
  return power * ([1, 2, 5, 10].find((factor) => factor * power * marksMax >= max) ?? 10);
}

function marks(step: number, max: number): readonly number[] {
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}
