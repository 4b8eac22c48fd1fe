/** What of the open torrent's log is shown. Pure. */
import type { LogLine } from "../../control/protocol.ts";
import { logRows } from "../layout/log-rows.ts";
import { contentOf, planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "./app-state.ts";

/** The lines that have the text of the filter in them, oldest first. */
export function shownLog({ detail, logFilter }: OpenTorrent): readonly LogLine[] {
  const lines = detail?.log ?? [];
  const needle = logFilter.toLowerCase();
  return needle === "" ? lines : lines.filter(({ text }) => text.toLowerCase().includes(needle));
}

/** Nothing is counted while the newest is shown: that needs no end. */
export function logRowCount({ columns, rows }: AppState, open: OpenTorrent): number {
  if (open.logBack === 0) return 0;
  const { log, hasBorders } = planLog(columns, rows);
  return logRows(shownLog(open), contentOf(log, hasBorders).width).length;
}

/** The number of the newest line that is known; -1 for none. */
export function newestLine({ detail }: OpenTorrent): number {
  return detail?.log.at(-1)?.number ?? -1;
}

/** What is there when the log is looked at for the first time is not new. */
export function withSeen(open: OpenTorrent): OpenTorrent {
  return open.logSeen === null ? { ...open, logSeen: newestLine(open) } : open;
}

/** Row by row; may go beyond the oldest. */
export function scrollLog(
  state: AppState,
  open: OpenTorrent,
  move: "up" | "down" | "pageUp" | "pageDown" | "first" | "last" | "left" | "right",
): AppState {
  const { logBack } = open;
  const page = planLog(state.columns, state.rows).pageSize;
  const to: Readonly<Record<typeof move, number>> = {
    up: logBack + 1,
    down: logBack - 1,
    pageUp: logBack + page,
    pageDown: logBack - page,
    first: Number.MAX_SAFE_INTEGER,
    last: 0,
    left: logBack,
    right: logBack,
  };
  return { ...state, open: { ...open, logBack: to[move] } };
}
