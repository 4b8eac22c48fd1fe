/** The columns of the torrent list: how wide each is, and which are shown. Pure. */
import type { ListColumn } from "../../preferences/list-columns.ts";
import type { Rect } from "../format/canvas.ts";
import { type ColumnSize, type PlacedColumn, planColumns, widthBesideScrollbar } from "./table-plan.ts";

type Widths = Pick<ColumnSize, "widthMin" | "widthMax">;

const widths: Readonly<Record<ListColumn, Widths>> = {
  queue: { widthMin: 3, widthMax: 5 },
  name: { widthMin: 18, widthMax: 64 },
  labels: { widthMin: 14, widthMax: 24 },
  state: { widthMin: 12, widthMax: 12 },
  size: { widthMin: 8, widthMax: 8 },
  bar: { widthMin: 8, widthMax: 24 },
  progress: { widthMin: 6, widthMax: 6 },
  left: { widthMin: 8, widthMax: 8 },
  down: { widthMin: 8, widthMax: 9 },
  up: { widthMin: 8, widthMax: 9 },
  eta: { widthMin: 7, widthMax: 7 },
  seeds: { widthMin: 5, widthMax: 7 },
  peers: { widthMin: 5, widthMax: 7 },
  swarm: { widthMin: 9, widthMax: 13 },
  ratio: { widthMin: 6, widthMax: 7 },
  downloaded: { widthMin: 8, widthMax: 10 },
  uploaded: { widthMin: 8, widthMax: 10 },
  wasted: { widthMin: 8, widthMax: 8 },
  tracker: { widthMin: 12, widthMax: 28 },
  path: { widthMin: 12, widthMax: 40 },
  added: { widthMin: 10, widthMax: 16 },
  completed: { widthMin: 10, widthMax: 16 },
};

/** Where nothing is chosen: in this order. 0 matters most, and is left out last where it is narrow. */
const usual: readonly (readonly [column: ListColumn, priority: number])[] = [
  ["queue", 10],
  ["name", 0],
  ["labels", 9],
  ["state", 7],
  ["size", 6],
  ["bar", 5],
  ["progress", 1],
  ["down", 2],
  ["up", 3],
  ["eta", 4],
  ["seeds", 8],
  ["peers", 5],
  ["ratio", 9],
];

/** The state's sign comes first, whatever is chosen. */
export type ShownColumn = ListColumn | "sign";

export interface SizedColumn extends ColumnSize {
  readonly id: ShownColumn;
}

const sign: SizedColumn = { id: "sign", widthMin: 1, widthMax: 1, priority: 0 };

/** What is not usual was asked for: it goes before what only fills the room. */
const chosenPriority = 4.5;

/** Of the usual ones the name has so much at least: what says less gives way to it. */
const nameShare = 0.3;
const nameWidthMax = 40;

export interface ListColumnsOptions {
  /** None: the usual ones. The name is shown even where it is not among them. */
  readonly chosen: readonly ListColumn[];
  /** Of the table. As far as the columns go, there is always a scrollbar: they stay where they are when it comes. */
  readonly table: Rect;
  /** Whether any torrent has a label: else their column is none of the usual ones. */
  readonly hasLabels: boolean;
}

export function planListColumns(options: ListColumnsOptions): readonly PlacedColumn<SizedColumn>[] {
  const width = widthBesideScrollbar(options.table);
  return planColumns([sign, ...sizedColumns(options, width)], width, options.chosen.length === 0);
}

function sizedColumns({ chosen, hasLabels }: ListColumnsOptions, width: number): readonly SizedColumn[] {
  const priorities = new Map(usual);
  const sized = (id: ListColumn): SizedColumn => ({
    id,
    priority: priorities.get(id) ?? chosenPriority,
    ...widths[id],
  });
  // Who chooses many columns wants to see them.
  if (chosen.length > 0)
    return [...new Set(chosen.includes("name") ? chosen : (["name", ...chosen] as const))].map(sized);
  const nameMin = Math.max(widths.name.widthMin, Math.min(nameWidthMax, Math.floor(nameShare * width)));
  return usualColumns()
    .filter((id) => id !== "labels" || hasLabels)
    .map((id) => (id === "name" ? { ...sized(id), widthMin: nameMin } : sized(id)));
}

/** In their order, as a choice would have it. */
export function usualColumns(): readonly ListColumn[] {
  return usual.map(([id]) => id);
}
