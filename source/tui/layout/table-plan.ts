/** Tables: which columns fit, and how wide they are. */
import type { Rect } from "../format/canvas.ts";

export interface ColumnSize {
  /** Columns of the terminal it needs at least. */
  readonly widthMin: number;
  /** It grows up to here where there is room. */
  readonly widthMax: number;
  /** 0 matters most. */
  readonly priority: number;
}

export interface PlacedColumn<Column> {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** Tables narrower than this stand closer. */
const roomyWidth = 96;

/**
 * Which columns fit into `width`, and where: the order stays, what matters least is left out, the rest grow.
 * @param isStrict where one is left out, so are all that matter less, and the rest grow by that too. Default: false.
 */
export function planColumns<Column extends ColumnSize>(
  columns: readonly Column[],
  width: number,
  isStrict = false,
): readonly PlacedColumn<Column>[] {
  const columnGap = width < roomyWidth ? 1 : 2;
  const byImportance = [...columns].sort((a, b) => a.priority - b.priority);
  const chosen = new Set<Column>();
  let spare = width + columnGap;
  for (const column of byImportance) {
    const needed = column.widthMin + columnGap;
    if (needed > spare && chosen.size > 0) {
      if (isStrict) break;
      continue;
    }
    chosen.add(column);
    spare -= needed;
  }
  const kept = columns.filter((column) => chosen.has(column));
  const widths = kept.map((column) => Math.min(column.widthMin, width));
  // What matters most is shown whole first.
  const byPriority = kept.map((column, i) => ({ column, i })).sort((a, b) => a.column.priority - b.column.priority);
  for (const { column, i } of byPriority) {
    const extra = Math.max(0, Math.min(spare, column.widthMax - (widths[i] ?? 0)));
    widths[i] = (widths[i] ?? 0) + extra;
    spare -= extra;
  }
  let x = 0;
  return kept.map((column, i) => {
    const placed = { column, x, width: widths[i] ?? 0 };
    x += placed.width + columnGap;
    return placed;
  });
}

/** The selection's mark and the marks stand before the first column. */
export const marksWidth = 2;

export interface TablePlan {
  readonly bodyHeight: number;
  readonly hasScrollbar: boolean;
  /** For the columns. */
  readonly width: number;
}

/** @param total rows there are. */
export function planTable(rect: Rect, total: number, hasHeading: boolean): TablePlan {
  const bodyHeight = rect.height - (hasHeading ? 1 : 0);
  const hasScrollbar = total > bodyHeight;
  return { bodyHeight, hasScrollbar, width: hasScrollbar ? widthBesideScrollbar(rect) : rect.width - marksWidth };
}

/** For the columns, where there is a scrollbar. */
export function widthBesideScrollbar(rect: Rect): number {
  return rect.width - marksWidth - 2;
}
