/** How a piece map is laid out: cells of one or more columns, row by row. */
import type { Rect } from "../format/canvas.ts";

/** With few pieces the cells are drawn this much wider at most. */
const cellWidthMax = 4;

/** The part of a pieces panel's content that is cells; its last line is the legend. */
export function heatmapArea(content: Rect): Rect {
  const legend = content.height >= 2 ? 1 : 0;
  const gap = content.height >= 12 ? 1 : 0;
  return { ...content, height: Math.max(0, content.height - legend - gap) };
}

export interface HeatmapGrid {
  /** Columns of the terminal for one cell. */
  readonly cellWidth: number;
  readonly perRow: number;
  /** As many cells as there is room for; never more than pieces. */
  readonly cellCount: number;
}

/** The widest cells with which all pieces have one; with more pieces than room, the narrowest. */
export function heatmapGrid(area: Rect, pieceCount: number): HeatmapGrid {
  for (let cellWidth = cellWidthMax; cellWidth > 1; cellWidth--) {
    const perRow = Math.floor(area.width / cellWidth);
    if (perRow * area.height >= pieceCount) return { cellWidth, perRow, cellCount: pieceCount };
  }
  return { cellWidth: 1, perRow: area.width, cellCount: Math.min(pieceCount, area.width * area.height) };
}
