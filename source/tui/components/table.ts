/** Tables: their headings and rows. Cells never leave their columns. */
import type { Rect } from "../format/canvas.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncate } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { type ColumnSize, marksWidth, planColumns, planTable, widthBesideScrollbar } from "../layout/table-plan.ts";
import { type Drawing, drawScrollbar, type Zone } from "./drawing.ts";

export interface Column<Row> extends ColumnSize {
  readonly id: string;
  readonly title: string;
  readonly alignment: "left" | "right";
  /** `undefined` where `draw` does it all. */
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => StyleId;
  /** Draws instead of `text`. */
  readonly draw?: (d: Drawing, x: number, y: number, width: number, row: Row) => void;
  /** The table is ordered by it: the title carries an arrow. */
  readonly order?: "ascending" | "descending" | undefined;
}

/** A column of figures, on the right; what is nothing is a faint dot. */
export function figure<Row>(
  theme: Theme,
  column: Pick<Column<Row>, "id" | "title" | "widthMin" | "widthMax" | "priority">,
  text: (row: Row) => string,
  style: StyleId,
): Column<Row> {
  return {
    ...column,
    alignment: "right",
    text: (row) => text(row) || theme.glyphs.none,
    style: (row) => (text(row) === "" ? theme.rule : style),
  };
}

export interface TableOptions<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** How many rows there are in all, of which `rows` begins at `offset`. */
  readonly total: number;
  readonly offset: number;
  /** Index among all, -1 for none. */
  readonly selected: number;
  readonly hasHeading: boolean;
  /** The columns stay where they are when the scrollbar comes or goes. Default: they take its place. */
  readonly isScrollbarAwaited?: boolean;
  /** What a click on a row means. Default: the row of the screen's table. */
  readonly rowTarget?: (index: number) => Zone["target"];
  /** Default: none is. */
  readonly isMarked?: (row: Row) => boolean;
}

/** Draws a heading and as many rows as fit. The first column of the area is the selection's mark. */
export function drawTable<Row>(d: Drawing, rect: Rect, options: TableOptions<Row>): void {
  if (rect.height <= 0 || rect.width < 4) return;
  const { canvas, theme } = d;
  const { bodyHeight, hasScrollbar, width } = planTable(rect, options.total, options.hasHeading);
  const innerWidth = options.isScrollbarAwaited === true ? widthBesideScrollbar(rect) : width;
  const innerX = rect.x + marksWidth;
  const placed = planColumns(options.columns, innerWidth);
  if (options.hasHeading) {
    for (const { column, x, width } of placed) {
      const arrow = column.order === "descending" ? theme.glyphs.sortDown : theme.glyphs.sortUp;
      const title = column.order === undefined ? column.title : `${column.title} ${arrow}`;
      const style = column.order === undefined ? theme.dim : theme.accent;
      putAligned(d, innerX + x, rect.y, width, title, column.alignment, style);
      const target = { kind: "heading", column: column.id } as const;
      d.zones?.push({ rect: { x: innerX + x, y: rect.y, width, height: 1 }, target });
    }
  }
  const top = rect.y + (options.hasHeading ? 1 : 0);
  for (let i = 0; i < bodyHeight; i++) {
    const row = options.rows[i];
    if (row === undefined) break;
    const y = top + i;
    for (const { column, x, width } of placed) {
      if (column.draw !== undefined) column.draw(d, innerX + x, y, width, row);
      else putAligned(d, innerX + x, y, width, column.text(row), column.alignment, column.style?.(row) ?? theme.text);
    }
    const index = options.offset + i;
    const target = options.rowTarget?.(index) ?? { kind: "row", index };
    d.zones?.push({ rect: { ...rect, y, height: 1 }, target });
    if (options.isMarked?.(row) === true) canvas.put(rect.x + 1, y, theme.glyphs.marked, theme.accentStrong);
    if (options.offset + i === options.selected) {
      canvas.put(rect.x, y, theme.glyphs.marker, theme.accentStrong);
      canvas.restyle({ x: rect.x, y, width: rect.width - (hasScrollbar ? 2 : 0), height: 1 }, theme.selected);
    }
  }
  if (hasScrollbar) drawScrollbar(d, rect.x + rect.width - 1, top, bodyHeight, options.offset, options.total);
}

export function putAligned(
  d: Drawing,
  x: number,
  y: number,
  width: number,
  text: string,
  alignment: "left" | "right",
  style: StyleId,
): void {
  const shown = truncate(text, width, d.theme.glyphs.ellipsis);
  const start = alignment === "left" ? x : x + width - displayWidth(shown);
  d.canvas.put(start, y, shown, style, x + width - start);
}
