/** The lectures' figure as SVG: lines of three kinds with letters on them, so that no colour is needed to tell them apart. */
import { formatDuration } from "../base/units.ts";
import type { Figure } from "../simulator/figure.ts";
import { axesOf } from "./figure-axes.ts";

const size = { width: 760, height: 500 };
const plot = { left: 70, top: 90, right: 715, bottom: 440 };

interface Curve {
  readonly letter: string;
  readonly colour: string;
  readonly words: string;
  readonly attributes: string;
  readonly points: readonly (readonly [peers: number, units: number])[];
}

export function figureSvg(figure: Figure): string {
  const { unitSeconds, bounds, simulated } = figure;
  const axes = axesOf(figure);
  const x = (peers: number): string => (plot.left + (peers / axes.xMax) * (plot.right - plot.left)).toFixed(1);
  const y = (units: number): string => (plot.bottom - (units / axes.yMax) * (plot.bottom - plot.top)).toFixed(1);
  const curves: readonly Curve[] = [
    {
      letter: "C",
      colour: "#b34700",
      words: "client and server: max(N F/u_s, F/d_min)",
      attributes: 'stroke-width="2"',
      points: bounds.map((point) => [point.peers, point.clientServerSeconds / unitSeconds]),
    },
    {
      letter: "P",
      colour: "#0b66b0",
      words: "a swarm at best: max(F/u_s, F/d_min, N F/(u_s + Σu_i))",
      attributes: 'stroke-width="2" stroke-dasharray="8 4"',
      points: bounds.map((point) => [point.peers, point.boundSeconds / unitSeconds]),
    },
    {
      letter: "S",
      colour: "#1a1a1a",
      words: `p2p-tui, simulated from seed ${figure.seed}: until the last peer is complete`,
      attributes: 'stroke-width="1" stroke-dasharray="1 3"',
      points: simulated.flatMap(({ peers, lastSeconds }) =>
        lastSeconds === null ? [] : [[peers, lastSeconds / unitSeconds] as const],
      ),
    },
  ];
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="13">`,
    `<title>Minimum distribution time against the number of peers</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    ...axes.yMarks.map(
      (units) =>
        `<path d="M${plot.left} ${y(units)}H${plot.right}" stroke="#dddddd"/>` +
        `<text x="${plot.left - 8}" y="${y(units)}" dy="4" text-anchor="end">${units}</text>`,
    ),
    ...axes.xMarks.map(
      (peers) =>
        `<path d="M${x(peers)} ${plot.bottom}v5" stroke="#1a1a1a"/>` +
        `<text x="${x(peers)}" y="${plot.bottom + 20}" text-anchor="middle">${peers}</text>`,
    ),
    `<path d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}" fill="none" stroke="#1a1a1a"/>`,
    `<text x="${(plot.left + plot.right) / 2}" y="${size.height - 14}" text-anchor="middle">N, peers that want the file (u_s = ${figure.seedFactor} u, d_min ≥ u_s)</text>`,
    `<text transform="translate(22 ${(plot.top + plot.bottom) / 2}) rotate(-90)" text-anchor="middle">minimum distribution time, F/u = ${formatDuration(unitSeconds)}</text>`,
    ...curves.flatMap((curve, number) => [...legendLine(curve, number), ...curveLines(curve, x, y)]),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

function legendLine({ letter, colour, words, attributes }: Curve, number: number): readonly string[] {
  const at = 24 + 21 * number;
  return [
    `<path d="M${plot.left} ${at}h46" fill="none" stroke="${colour}" ${attributes}/>`,
    ...(letter === "S" ? [`<circle cx="${plot.left + 23}" cy="${at}" r="3.5" fill="${colour}"/>`] : []),
    `<text x="${plot.left + 56}" y="${at}" dy="4"><tspan font-weight="bold" fill="${colour}">${letter}</tspan>  ${words}</text>`,
  ];
}

function curveLines(
  { letter, colour, attributes, points }: Curve,
  x: (peers: number) => string,
  y: (units: number) => string,
): readonly string[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  const path = points.map(([peers, units], i) => `${i === 0 ? "M" : "L"}${x(peers)} ${y(units)}`).join("");
  // No swarm is better than the bound: their letters lie on either side.
  const below = letter === "P" ? 17 : -6;
  return [
    `<path d="${path}" fill="none" stroke="${colour}" ${attributes}/>`,
    ...(letter === "S"
      ? points.map(([peers, units]) => `<circle cx="${x(peers)}" cy="${y(units)}" r="3.5" fill="${colour}"/>`)
      : []),
    `<text x="${x(last[0])}" y="${y(last[1])}" dx="6" dy="${below}" font-weight="bold" fill="${colour}">${letter}</text>`,
  ];
}
