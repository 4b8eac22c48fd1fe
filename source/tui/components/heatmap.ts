/**
 * The piece map, cell by cell. A cell that stands for many pieces shows the lowest availability among those that we want
 * and miss, so one piece that nobody has is never averaged away; what is ours, in flight, missing and skipped differ in
 * shape and colour. With nothing missing, the same map shows what the others miss: how many neighbours lack the piece of
 * the cell that most of them lack, and where one lies that only we have.
 */
import { type PieceMap, piecesOfCell } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { missingStyle, type Theme } from "../format/theme.ts";
import { heatmapGrid } from "../layout/heatmap-area.ts";
import type { Drawing } from "./drawing.ts";

export type CellKind =
  | { readonly kind: "have" }
  /** Nothing of it is missing that we want, and some is that we do not. */
  | { readonly kind: "skipped" }
  /** Something of it is missing, and who has it is not known: the torrent is not active. */
  | { readonly kind: "unknown" }
  | { readonly kind: "active" }
  /** Some piece of the cell is missing, and the rarest of those has this many copies. */
  | { readonly kind: "missing"; readonly availability: number; readonly ownFraction: number }
  /** All is ours, and so many neighbours lack some piece of it; `isOnlyOurs`: nobody else has it. */
  | { readonly kind: "spread"; readonly lacking: number; readonly isOnlyOurs: boolean };

/** Whether the map shows what the others miss. */
export function isSpreading({ rarest, neighbours }: PieceMap): boolean {
  return rarest === null && neighbours !== null && neighbours > 0;
}

export function cellKind(map: PieceMap, index: number): CellKind {
  const { first, last } = piecesOfCell(map, index);
  const have = map.have[index] ?? 0;
  const skipped = map.skipped[index] ?? 0;
  const count = last - first + 1;
  const availability = map.minAvailability[index] ?? 0;
  if (have > 0 && have + skipped >= count && isSpreading(map)) {
    return {
      kind: "spread",
      lacking: Math.max(0, (map.neighbours ?? 0) - availability),
      isOnlyOurs: availability === 0,
    };
  }
  if (have >= count) return { kind: "have" };
  if (have + skipped >= count) return { kind: "skipped" };
  if (map.neighbours === null) return { kind: "unknown" };
  const ownFraction = have / count;
  // Also where a block of it is under way: without a neighbour who has it, it will not be finished.
  if (availability <= 0) return { kind: "missing", availability: 0, ownFraction };
  return (map.active[index] ?? 0) > 0 ? { kind: "active" } : { kind: "missing", availability, ownFraction };
}

/** The sign for a number of neighbours: a digit, `+` for ten and more. */
export function countSign(theme: Theme, count: number): string {
  return count > 9 ? theme.glyphs.many : String(Math.max(0, count));
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
    if (index !== cursor) canvas.put(x, area.y + row, text, style);
    // A full block in reverse would be a hole.
    else
      canvas.put(
        x,
        area.y + row,
        glyph === theme.glyphs.have ? theme.glyphs.haveMarked.padEnd(cellWidth) : text,
        theme.caret,
      );
  }
}

export interface CellLook {
  readonly glyph: string;
  readonly style: StyleId;
  /** Whether the glyph fills the cell however wide it is. */
  readonly isFilled: boolean;
}

function cellLook(theme: Theme, map: PieceMap, index: number): CellLook {
  return kindLook(theme, cellKind(map, index), map.neighbours ?? 0);
}

/** @param neighbours how many there are. */
export function kindLook(theme: Theme, cell: CellKind, neighbours: number): CellLook {
  const g = theme.glyphs;
  switch (cell.kind) {
    case "have":
      return { glyph: g.have, style: theme.cellHave, isFilled: true };
    case "skipped":
      return { glyph: g.skipped, style: theme.rule, isFilled: true };
    case "unknown":
      return { glyph: g.unknown, style: theme.dim, isFilled: true };
    case "active":
      return { glyph: g.inFlight, style: theme.cellActive, isFilled: true };
    case "missing":
      return {
        glyph: countSign(theme, cell.availability),
        style: missingStyle(theme, cell.availability, cell.ownFraction),
        isFilled: false,
      };
    case "spread":
      if (cell.lacking === 0) return { glyph: g.have, style: theme.cellHave, isFilled: true };
      if (cell.isOnlyOurs) return { glyph: g.onlyOurs, style: missingStyle(theme, 1), isFilled: false };
      return {
        glyph: countSign(theme, cell.lacking),
        style: lackingStyle(theme, cell.lacking / Math.max(1, neighbours)),
        isFilled: false,
      };
  }
}

/** The more have it too, the brighter. @param part of the neighbours that lacks it, 0 … 1. */
function lackingStyle(theme: Theme, part: number): StyleId {
  const last = theme.cellOwned.length - 1;
  return theme.cellOwned[Math.max(0, Math.min(last, Math.round((1 - part) * last)))] ?? theme.cellHave;
}
