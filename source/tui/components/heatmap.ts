/**
 * The piece map, cell by cell. A cell that stands for many pieces shows the lowest availability among those that we miss,
 * so one piece that nobody has is never averaged away; what is ours, in flight and missing differ in shape and colour.
 */
import type { PieceMap } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { missingStyle, type Theme } from "../format/theme.ts";
import { heatmapGrid } from "../layout/heatmap-area.ts";
import { type Drawing, drawSpans, fitGroups, type Span, span } from "./drawing.ts";

/** The pieces of cell `index`: `first` … `last`, both included. */
export function piecesOfCell(map: PieceMap, index: number): { readonly first: number; readonly last: number } {
  const first = Math.floor((index * map.pieceCount) / map.cellCount);
  const last = Math.floor(((index + 1) * map.pieceCount) / map.cellCount) - 1;
  return { first, last };
}

export type CellKind =
  | { readonly kind: "have" }
  | { readonly kind: "active" }
  /** Some piece of the cell is missing, and the rarest of those has this many copies. */
  | { readonly kind: "missing"; readonly availability: number; readonly ownFraction: number };

export function cellKind(map: PieceMap, index: number): CellKind {
  const { first, last } = piecesOfCell(map, index);
  const have = map.have[index] ?? 0;
  const count = last - first + 1;
  if (have >= count) return { kind: "have" };
  const ownFraction = have / count;
  const availability = map.minAvailability[index] ?? 0;
  // Also where a block of it is under way: without a neighbour who has it, it will not be finished.
  if (availability <= 0) return { kind: "missing", availability: 0, ownFraction };
  return (map.active[index] ?? 0) > 0 ? { kind: "active" } : { kind: "missing", availability, ownFraction };
}

/** The sign for an availability: a digit, `+` for ten and more. */
export function availabilitySign(theme: Theme, availability: number): string {
  return availability > 9 ? theme.glyphs.many : String(Math.max(0, availability));
}

/** @param cursor the cell that is marked, if any. */
export function drawHeatmap(d: Drawing, area: Rect, map: PieceMap, cursor?: number): void {
  const { canvas, theme } = d;
  const { cellWidth, perRow } = heatmapGrid(area, map.pieceCount);
  if (perRow <= 0) return;
  const command = { kind: "command", command: "viewPieces" } as const;
  d.zones?.push({ rect: area, target: cursor === undefined ? command : { kind: "cells", cellWidth, perRow } });
  for (let index = 0; index < map.cellCount; index++) {
    const row = Math.floor(index / perRow);
    if (row >= area.height) break;
    const x = area.x + (index % perRow) * cellWidth;
    const { glyph, style, isFilled } = cellLook(theme, map, index);
    const text = isFilled ? glyph.repeat(cellWidth) : glyph.padEnd(cellWidth);
    if (index === cursor) canvas.put(x, area.y + row, isFilled ? "X".padEnd(cellWidth) : text, theme.caret);
    else canvas.put(x, area.y + row, text, style);
  }
}

/** With nothing missing, what is left to see is how well our pieces have spread. */
function ownStyle(theme: Theme, map: PieceMap, index: number): StyleId {
  if (map.rarest !== null) return theme.cellHave;
  const level = Math.max(0, Math.min(theme.cellOwned.length - 1, map.minAvailability[index] ?? 0));
  return theme.cellOwned[level] ?? theme.cellHave;
}

interface CellLook {
  readonly glyph: string;
  readonly style: StyleId;
  /** Whether the glyph fills the cell however wide it is. */
  readonly isFilled: boolean;
}

function cellLook(theme: Theme, map: PieceMap, index: number): CellLook {
  const cell = cellKind(map, index);
  switch (cell.kind) {
    case "have":
      return { glyph: theme.glyphs.have, style: ownStyle(theme, map, index), isFilled: true };
    case "active":
      return { glyph: theme.glyphs.inFlight, style: theme.cellActive, isFilled: true };
    case "missing":
      return {
        glyph: availabilitySign(theme, cell.availability),
        style: missingStyle(theme, cell.availability, cell.ownFraction),
        isFilled: false,
      };
  }
}

/** What the signs mean, the most important first; what does not fit is left out. */
export function legendSpans(theme: Theme, width: number, isComplete = false): readonly Span[] {
  const g = theme.glyphs;
  if (isComplete) {
    const shades = theme.cellOwned.map((style) => span(g.have, style));
    const groups = [
      [...shades, span(" ours", theme.dim)],
      [span("the brighter, the more neighbours have it too", theme.dim)],
    ];
    return fitGroups(
      theme.capabilities.colours === "none" ? [[span(g.have.repeat(2)), span(" ours")]] : groups,
      span("  "),
      width,
    );
  }
  const groups: readonly (readonly Span[])[] = [
    [span(g.have.repeat(2), theme.cellHave), span(" ours", theme.dim)],
    [span(g.inFlight.repeat(2), theme.cellActive), span(" in flight", theme.dim)],
    [span("0", missingStyle(theme, 0)), span(" nobody has it", theme.dim)],
    [
      ...[1, 2, 3, 5, 10].map((n) => span(availabilitySign(theme, n), missingStyle(theme, n))),
      span(" missing: copies near", theme.dim),
    ],
  ];
  const whole = fitGroups(groups, span("  "), width);
  if (whole.length >= groups.reduce((sum, group) => sum + group.length + 1, -1)) return whole;
  const short: readonly (readonly Span[])[] = [
    [span(g.have, theme.cellHave), span(" ours", theme.dim)],
    [span(g.inFlight, theme.cellActive), span(" in flight", theme.dim)],
    [span("0", missingStyle(theme, 0)), span(" nobody", theme.dim)],
    [span("1", missingStyle(theme, 1)), span("2", missingStyle(theme, 2)), span(" copies", theme.dim)],
  ];
  return fitGroups(short, span("  "), width);
}

export function drawLegend(d: Drawing, x: number, y: number, width: number, map: PieceMap): void {
  drawSpans(d, x, y, legendSpans(d.theme, width, map.rarest === null), width);
}

/** Rarest and copies, in words, the most important first. */
export function raritySpans(theme: Theme, map: PieceMap, width: number): readonly Span[] {
  const groups: (readonly Span[])[] = [];
  if (map.rarest === null) groups.push([span("all pieces are ours", theme.good)]);
  else if (map.rarest.availability === 0) {
    const { count } = map.rarest;
    groups.push([span(`${formatCount(count)} ${count === 1 ? "piece that" : "pieces that"} nobody has`, theme.bad)]);
  } else {
    const { availability, count } = map.rarest;
    groups.push([
      span("rarest ", theme.dim),
      span(
        availability === 1 ? "1 copy" : `${formatCount(availability)} copies`,
        availability === 1 ? theme.warn : theme.text,
      ),
      span(` ${theme.glyphs.times}${formatCount(count)}`, theme.dim),
    ]);
  }
  groups.push([span(map.copies.toFixed(2)), span(" copies near", theme.dim)]);
  return fitGroups(groups, span(` ${theme.glyphs.dot} `, theme.rule), width);
}
