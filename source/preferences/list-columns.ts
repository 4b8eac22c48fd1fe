/** The columns that the list of torrents can have, by the names that the settings give them. */
export const listColumns = [
  "queue",
  "name",
  "labels",
  "state",
  "size",
  "bar",
  "progress",
  "left",
  "down",
  "up",
  "eta",
  "seeds",
  "peers",
  "swarm",
  "ratio",
  "downloaded",
  "uploaded",
  "wasted",
  "tracker",
  "path",
  "added",
  "completed",
] as const;

export type ListColumn = (typeof listColumns)[number];

/** The bar shows what `progress` says. */
export type ListSort = Exclude<ListColumn, "bar">;

export function isSortable(column: ListColumn): column is ListSort {
  return column !== "bar";
}

export const listSorts: readonly ListSort[] = listColumns.filter(isSortable);

/** An order of the list: `name`, or `-name` the other way round. */
export type SortWord = ListSort | `-${ListSort}`;

export const sortWords: readonly SortWord[] = listSorts.flatMap((sort): SortWord[] => [sort, `-${sort}`]);
