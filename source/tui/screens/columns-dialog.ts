/** Choosing the columns of the list. */
import type { ListColumn } from "../../preferences/list-columns.ts";
import { type Drawing, drawSpans, span } from "../components/drawing.ts";
import { columnTitle } from "../components/torrent-columns.ts";
import { planListColumns } from "../layout/list-columns-plan.ts";
import { planListDialog } from "../layout/list-dialog-plan.ts";
import { offsetFor } from "../layout/scroll.ts";
import type { AppState } from "../state/app-state.ts";
import { chosenColumns } from "../state/columns-dialog.ts";
import { listColumnsOptions } from "../state/list-reducer.ts";
import type { ColumnsOverlay } from "../state/overlay.ts";
import { drawDialog, drawDialogScrollbar, inDialog } from "./dialog.ts";

const meanings: Readonly<Record<ListColumn, string>> = {
  queue: "place in the queue",
  name: "name, and what it waits for",
  labels: "labels",
  state: "state in a word",
  size: "size of all of it",
  bar: "how far, as a bar",
  progress: "how far, in percent",
  left: "bytes still to come",
  down: "download rate",
  up: "upload rate",
  eta: "when it will be complete",
  seeds: "neighbours that have all",
  peers: "neighbours",
  swarm: "seeds/leeches, as trackers say",
  ratio: "uploaded per downloaded",
  downloaded: "downloaded since it was added",
  uploaded: "uploaded since it was added",
  wasted: "came and was of no use",
  tracker: "its first tracker",
  path: "where it is saved",
  added: "when it was added",
  completed: "when it was complete",
};

const titleWidth = 12;

export function drawColumns(d: Drawing, state: AppState, overlay: ColumnsOverlay): void {
  const { canvas, theme } = d;
  const { columns, shown, cursor } = overlay;
  const plan = planListDialog(state.columns, state.rows, "columns");
  const rect = drawDialog(d, plan.width, plan.height, "Columns of the list", theme.dialogBorder);
  const options = listColumnsOptions(state);
  const visible = new Set<string>(planListColumns(options).map(({ column }) => column.id));
  const whyNot = (column: ListColumn): string =>
    column === "labels" && options.chosen.length === 0 && !options.hasLabels ? "none given yet" : "no room now";
  const list = { ...rect, height: plan.pageSize };
  const offset = offsetFor(cursor, 0, list.height, columns.length);
  columns.slice(offset, offset + list.height).forEach((column, i) => {
    const y = list.y + i;
    const isCursor = offset + i === cursor;
    const isShown = shown.has(column);
    const title = columnTitle(theme, column);
    const line = [
      span(isCursor ? theme.glyphs.marker : " ", theme.accentStrong),
      span(` [${isShown ? theme.glyphs.marked : " "}] `, isShown ? theme.good : theme.dim),
      span((title === "" ? "bar" : title).padEnd(titleWidth), isShown ? theme.strong : theme.text),
      ...(isShown && !visible.has(column) ? [span(`${whyNot(column)}: `, theme.warn)] : []),
      span(meanings[column], theme.dim),
    ];
    drawSpans(d, list.x, y, inDialog(theme, line), list.width - 2);
    if (isCursor) canvas.restyle({ ...list, width: list.width - 2, y, height: 1 }, theme.selected);
    d.zones?.push({ rect: { ...list, y, height: 1 }, target: { kind: "row", index: offset + i } });
  });
  drawDialogScrollbar(d, { ...list, width: rect.width }, offset, columns.length);
  const isUsual = chosenColumns(overlay).length === 0;
  const about = isUsual ? "as usual: what matters most, as many as fit" : "yours, as many as fit";
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, [span(about, theme.dim)]), rect.width);
}
