/** The lectures' figure on a terminal: lines of braille dots (full stops where there is only ASCII) with letters on them. */
import { formatDuration } from "../base/units.ts";
import type { Figure } from "../simulator/figure.ts";
import { Canvas } from "../tui/format/canvas.ts";
import { tableText } from "./ctl/table.ts";
import { axesOf, type FigureAxes } from "./figure-axes.ts";

export interface FigureLook {
  readonly columns: number;
  readonly hasUnicode: boolean;
}

/** The plot within the axes, in cells. */
const widthMax = 100;
const widthMin = 20;
const height = 20;
/** ` 3.5 ┤` */
const axisWidth = 7;
/** Columns between two letters for a third. */
const roomMin = 6;
/** Dots of a cell. */
const dotsAcross = 2;
const dotsDown = 4;
const brailleBase = 0x2800;
/** Bits of a cell's dots, row by row. */
const brailleBits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

export function figureText(figure: Figure, { columns, hasUnicode }: FigureLook): string {
  const axes = axesOf(figure);
  const plot = new Plot(axes, Math.max(widthMin, Math.min(widthMax, columns - axisWidth - 1)), hasUnicode);
  const { bounds, simulated, unitSeconds, seedFactor } = figure;
  const server = bounds.map((point) => [point.peers, point.clientServerSeconds / unitSeconds] as const);
  const swarm = bounds.map((point) => [point.peers, point.boundSeconds / unitSeconds] as const);
  plot.line(server, 1);
  plot.line(swarm, 3);
  for (const point of simulated) {
    plot.letter(point.peers, point.clientServerSeconds / unitSeconds, "C");
    if (point.lastSeconds !== null) plot.letter(point.peers, point.lastSeconds / unitSeconds, "S");
  }
  // Halfway between the swarm's letters, which lie nearly on the line.
  simulated.slice(1).forEach((point, i) => {
    const left = simulated[i]?.peers ?? point.peers;
    const middle = (left + point.peers) / 2;
    if (plot.hasRoom(left, point.peers)) plot.letter(middle, valueAt(swarm, middle) ?? 0, "P");
  });
  const unit = formatDuration(unitSeconds);
  return [
    `Minimum distribution time in units of F/u = ${unit}, against the number of peers N; u_s = ${seedFactor} u, d_min >= u_s\n`,
    "C  client and server: max(N F/u_s, F/d_min)\n",
    "P  a swarm at best: max(F/u_s, F/d_min, N F/(u_s + sum of u_i))\n",
    `S  this client, simulated from seed ${figure.seed}: until the last peer is complete\n\n`,
    ...plot.text(),
    "\n",
    numbersText(figure, hasUnicode),
  ].join("");
}

function numbersText({ simulated, unitSeconds }: Figure, hasUnicode: boolean): string {
  const inUnits = (seconds: number | null): string =>
    seconds === null ? (hasUnicode ? "–" : "-") : (seconds / unitSeconds).toFixed(4);
  return tableText(
    { isOutTerminal: false, outColumns: () => 0 },
    [
      { title: "N", isRight: true, text: ({ peers }) => String(peers) },
      { title: "C", isRight: true, text: (point) => inUnits(point.clientServerSeconds) },
      { title: "P", isRight: true, text: (point) => inUnits(point.boundSeconds) },
      { title: "S (last)", isRight: true, text: (point) => inUnits(point.lastSeconds) },
      { title: "mean", isRight: true, text: (point) => inUnits(point.meanSeconds) },
      { title: "S/P", text: ({ ratio }) => (ratio === null ? "" : ratio.toFixed(3)) },
    ],
    simulated,
  );
}

class Plot {
  readonly #axes: FigureAxes;
  readonly #canvas: Canvas;
  readonly #width: number;
  readonly #hasUnicode: boolean;
  readonly #dots: Uint8Array;

  constructor(axes: FigureAxes, width: number, hasUnicode: boolean) {
    this.#axes = axes;
    this.#width = width;
    this.#hasUnicode = hasUnicode;
    // Below the plot: the axis, its marks, its name.
    this.#canvas = new Canvas(axisWidth + width + 1, height + 2);
    this.#dots = new Uint8Array(width * height);
    this.#drawAxes();
  }

  /** @param every draws only one of so many dots. */
  line(points: readonly (readonly [number, number])[], every: number): void {
    const columns = this.#width * dotsAcross;
    let previous: number | undefined;
    for (let column = 0; column < columns; column++) {
      const value = valueAt(points, (column / (columns - 1)) * this.#axes.xMax);
      if (value === undefined) continue;
      const row = Math.round((1 - value / this.#axes.yMax) * (height * dotsDown - 1));
      const from = Math.min(row, (previous ?? row) + Math.sign(row - (previous ?? row)));
      const to = Math.max(row, (previous ?? row) + Math.sign(row - (previous ?? row)));
      if (column % every === 0) for (let dot = from; dot <= to; dot++) this.#dot(column, dot);
      previous = row;
    }
  }

  /** For a letter between these two. */
  hasRoom(left: number, right: number): boolean {
    return ((right - left) / this.#axes.xMax) * this.#width >= roomMin;
  }

  letter(x: number, y: number, letter: string): void {
    const column = Math.floor(((x / this.#axes.xMax) * (this.#width * dotsAcross - 1)) / dotsAcross);
    const row = Math.floor(Math.round((1 - y / this.#axes.yMax) * (height * dotsDown - 1)) / dotsDown);
    this.#dots[row * this.#width + column] = 0;
    this.#canvas.put(axisWidth + column, row, letter);
  }

  text(): readonly string[] {
    this.#dots.forEach((bits, at) => {
      if (bits === 0) return;
      const glyph = this.#hasUnicode ? String.fromCodePoint(brailleBase + bits) : ".";
      const [x, y] = [axisWidth + (at % this.#width), Math.floor(at / this.#width)];
      if (!/[A-Z]/.test(this.#canvas.glyphs[y * this.#canvas.width + x] ?? "")) this.#canvas.put(x, y, glyph);
    });
    return this.#canvas.lines().map((line) => `${line.trimEnd()}\n`);
  }

  #dot(column: number, row: number): void {
    const [x, y] = [Math.floor(column / dotsAcross), Math.floor(row / dotsDown)];
    const bit = brailleBits[(row % dotsDown) * dotsAcross + (column % dotsAcross)] ?? 0;
    const at = y * this.#width + x;
    this.#dots[at] = (this.#dots[at] ?? 0) | bit;
  }

  #drawAxes(): void {
    const [vertical, mark, corner, horizontal, below] = this.#hasUnicode
      ? ["│", "┤", "└", "─", "┬"]
      : ["|", "+", "+", "-", "+"];
    const canvas = this.#canvas;
    const axis = axisWidth - 1;
    for (let y = 0; y < height; y++) canvas.put(axis, y, vertical ?? "");
    canvas.put(axis, height, (corner ?? "") + (horizontal ?? "").repeat(this.#width));
    for (const value of this.#axes.yMarks) {
      const y = Math.floor(Math.round((1 - value / this.#axes.yMax) * (height * dotsDown - 1)) / dotsDown);
      if (value > 0) canvas.put(axis, y, mark ?? "");
      const text = String(value);
      canvas.putEndingAt(axis - 1, value > 0 ? y : height, text, 0, text.length);
    }
    for (const value of this.#axes.xMarks) {
      if (value === 0) continue;
      const x = axisWidth + Math.floor(((value / this.#axes.xMax) * (this.#width * dotsAcross - 1)) / dotsAcross);
      canvas.put(x, height, below ?? "");
      const text = String(value);
      canvas.put(Math.min(x - Math.floor(text.length / 2), canvas.width - text.length), height + 1, text);
    }
    canvas.put(axis, height + 1, "N");
  }
}

/** Between the points as the crow flies; `undefined` beside them. */
function valueAt(points: readonly (readonly [number, number])[], x: number): number | undefined {
  const after = points.findIndex(([at]) => at >= x);
  const [right, left] = [points[after], points[after - 1]];
  if (right === undefined) return undefined;
  if (left === undefined) return right[0] === x ? right[1] : undefined;
  return left[1] + ((x - left[0]) / (right[0] - left[0])) * (right[1] - left[1]);
}
