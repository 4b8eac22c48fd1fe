/** The filter of what is on the screen: of the list, or of a torrent's log. Pure. */
import type { AppState } from "./app-state.ts";
import { reorder } from "./list-reducer.ts";

export function filterOf({ open, list }: AppState): string {
  return open === null ? list.filter : open.logFilter;
}

export function withFilter(state: AppState, filter: string): AppState {
  const { open } = state;
  if (open === null) return reorder({ ...state, list: { ...state.list, filter } });
  return { ...state, open: { ...open, logFilter: filter, logBack: 0 } };
}
