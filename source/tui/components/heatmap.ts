/**
 * The piece map, cell by cell. A cell that stands for many pieces shows the lowest availability among those that we want
 * and miss, so one piece that nobody has is never averaged away; what is ours, in flight, missing and skipped differ in
 * shape and colour. With nothing missing, the same map shows what the others miss: how many neighbours lack the piece of
 * the cell that most of them lack, and where one lies that only we have.
 */
import type { PieceMap } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { lackingStyle, missingStyle, type Theme } from "../format/theme.ts";
import { heatmapGrid } from "../layout/heatmap-area.ts";
import { type CellKind, cellKind } from "../state/piece-cells.ts";
import type { Drawing } from "./drawing.ts";

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
    else {
      canvas.put(x, area.y + row, markedGlyph(theme, glyph).padEnd(cellWidth), theme.cellCursor);
      // The eye finds its row from the side.
      canvas.put(area.x - 1, area.y + row, theme.glyphs.arrowRight, theme.accentStrong);
    }
  }
}

function markedGlyph({ glyphs }: Theme, glyph: string): string {
  if (glyph === glyphs.have) return glyphs.haveMarked;
  return glyph === glyphs.unknown ? glyphs.unknownMarked : glyph;
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
      if (cell.isOnlyOurs) return { glyph: g.onlyOurs, style: theme.cellOnlyOurs, isFilled: false };
      return {
        glyph: countSign(theme, cell.lacking),
        style: lackingStyle(theme, cell.lacking / Math.max(1, neighbours)),
        isFilled: false,
      };
  }
}
