/** Choosing the columns of the list: which, and in which order. Each change holds at once. Pure. */
import type { CommandId } from "../../preferences/commands.ts";
import { type ListColumn, listColumns } from "../../preferences/list-columns.ts";
import { usualColumns } from "../layout/list-columns-plan.ts";
import { clampIndex } from "../layout/scroll.ts";
import { moveIndex } from "./list-reducer.ts";
import type { ColumnsOverlay } from "./overlay.ts";

/** @param chosen as in the preferences. Those that are shown come first, in their order. */
export function openColumns(chosen: readonly ListColumn[]): ColumnsOverlay {
  const shown = chosen.length === 0 ? usualColumns() : [...new Set<ListColumn>([...chosen, "name"])];
  const others = listColumns.filter((column) => !shown.includes(column));
  return { kind: "columns", columns: [...shown, ...others], shown: new Set(shown), cursor: 0 };
}

/** As in the preferences: empty where it is as usual. */
export function chosenColumns({ columns, shown }: ColumnsOverlay): readonly ListColumn[] {
  const chosen = columns.filter((column) => shown.has(column));
  const usual = usualColumns();
  return chosen.length === usual.length && chosen.every((column, i) => column === usual[i]) ? [] : chosen;
}

/** @returns `undefined` where the dialog closes. */
export function reduceColumns(
  overlay: ColumnsOverlay,
  command: CommandId,
  pageSize: number,
): ColumnsOverlay | undefined {
  const { columns, shown, cursor } = overlay;
  switch (command) {
    case "up":
    case "down":
    case "pageUp":
    case "pageDown":
    case "first":
    case "last":
      return moveColumnsCursor(overlay, moveIndex(cursor, command, pageSize, columns.length));
    case "dialogToggle": {
      const column = columns[cursor];
      // A list without names tells nothing.
      if (column === undefined || column === "name") return overlay;
      const next = new Set(shown);
      if (!next.delete(column)) next.add(column);
      return { ...overlay, shown: next };
    }
    case "dialogEarlier":
      return swapped(overlay, -1);
    case "dialogLater":
      return swapped(overlay, 1);
    case "dialogReset":
      return { ...openColumns([]), cursor };
    case "cancel":
      return undefined;
    default:
      return overlay;
  }
}

/** Why a key changes nothing; "" where it does. */
export function columnsRefusal(overlay: ColumnsOverlay, command: CommandId): string {
  const { columns, cursor } = overlay;
  switch (command) {
    case "dialogToggle":
      return columns[cursor] === "name" ? "a list without names tells nothing" : "";
    case "dialogReset":
      return chosenColumns(overlay).length === 0 ? "the columns are as usual already" : "";
    case "dialogEarlier":
      return cursor === 0 ? "it is the first already" : "";
    case "dialogLater":
      return cursor === columns.length - 1 ? "it is the last already" : "";
    default:
      return "";
  }
}

export function moveColumnsCursor(overlay: ColumnsOverlay, cursor: number): ColumnsOverlay {
  return { ...overlay, cursor: clampIndex(cursor, overlay.columns.length) };
}

/** The column under the cursor changes places with the next one, and the cursor goes with it. */
function swapped(overlay: ColumnsOverlay, step: 1 | -1): ColumnsOverlay {
  const { columns, cursor } = overlay;
  const [column, other] = [columns[cursor], columns[cursor + step]];
  if (column === undefined || other === undefined) return overlay;
  return { ...overlay, columns: columns.with(cursor, other).with(cursor + step, column), cursor: cursor + step };
}
