/** The columns of a neighbours table: in which order, how wide, which matter most; and by which one can sort. Pure. */
import { type NeighbourSort, neighbourSorts } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { type ColumnSize, type PlacedColumn, planColumns, widthBesideScrollbar } from "./table-plan.ts";

/** What it is ordered by has the same name. */
export type NeighbourColumnId = NeighbourSort | "bar" | "reason";

export interface NeighbourColumnSize extends ColumnSize {
  readonly id: NeighbourColumnId;
}

const size = (id: NeighbourColumnId, widthMin: number, widthMax: number, priority: number): NeighbourColumnSize => ({
  id,
  widthMin,
  widthMax,
  priority,
});

/** Beside other things. */
const partColumns: readonly NeighbourColumnSize[] = [
  size("endpoint", 21, 21, 0),
  size("client", 9, 14, 4),
  size("flags", 5, 7, 1),
  size("downRate", 8, 9, 0),
  size("upRate", 8, 9, 1),
  size("bar", 8, 14, 8),
  size("progress", 4, 5, 3),
  size("requestsOut", 7, 7, 5),
  size("requestsIn", 4, 4, 6),
  // The word in full, or its short form: nothing between.
  size("slot", 5, 5, 2),
  size("reason", 22, 60, 7),
];

/** For the view that has the screen to itself. */
const wholeColumns: readonly NeighbourColumnSize[] = [
  size("endpoint", 21, 21, 0),
  size("client", 9, 18, 4),
  size("flags", 5, 7, 1),
  size("downRate", 8, 9, 0),
  size("upRate", 8, 9, 1),
  size("lost", 10, 24, 7),
  size("progress", 4, 5, 3),
  size("requestsOut", 7, 7, 5),
  size("requestsIn", 4, 4, 6),
  size("downloaded", 8, 9, 9),
  size("uploaded", 8, 9, 9),
  size("roundTrip", 6, 7, 10),
  size("connected", 7, 7, 11),
  size("slot", 5, 12, 2),
  // The panel beside tells it of the selected one in full.
  size("reason", 22, 60, 12),
];

/** From here on names of clients are shown whole: a figure less may be shown for that. */
const namesWidth = 120;

function withNames(column: NeighbourColumnSize): NeighbourColumnSize {
  return column.id === "client" ? { ...column, widthMin: column.widthMax } : column;
}

/** @param rect of the table. Neighbours come and go, and the scrollbar with them: its place is kept. */
export function planNeighbourColumns(rect: Rect, isWhole: boolean): readonly PlacedColumn<NeighbourColumnSize>[] {
  const width = widthBesideScrollbar(rect);
  const columns = isWhole ? wholeColumns : partColumns;
  return planColumns(width < namesWidth ? columns : columns.map(withNames), width);
}

/** What a column is ordered by when its heading is clicked; `undefined` for what is no column of neighbours. */
export function sortOf(column: string): NeighbourSort | undefined {
  if (column === "bar") return "progress";
  if (column === "reason") return "slot";
  return neighbourSorts.find((sort) => sort === column);
}
