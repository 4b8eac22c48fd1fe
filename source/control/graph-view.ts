/** How much flowed over time, as it is shown. Reads only. */

import type { Session } from "../engine/session.ts";
import { historySeconds } from "../engine/statistics/rate-history.ts";
import type { Graph } from "./insight.ts";
import type { GraphTopic } from "./protocol.ts";

/** `undefined` where there is no such torrent. */
export function graphOf(session: Session, { infoHash, span }: GraphTopic): Graph | undefined {
  const torrent = infoHash === null ? undefined : session.torrents.get(infoHash);
  if (infoHash !== null && torrent === undefined) return undefined;
  const { graphs } = session.house;
  if (span !== "5m") return { infoHash, span, ...graphs.rates(infoHash, span) };
  const { downHistory, upHistory } = torrent ?? graphs;
  const ranSeconds = Math.floor((session.clock.nowMs() - session.startedMs) / 1000);
  const newestWallMs = Math.floor(session.clock.wallMs() / 1000) * 1000;
  return {
    infoHash,
    span,
    stepSeconds: 1,
    newestWallMs,
    down: filled(downHistory.values, ranSeconds),
    up: filled(upHistory.values, ranSeconds),
  };
}

/** Each to the same length: before its first value nothing flowed, as far back as the engine ran. */
function filled(values: readonly number[], ranSeconds: number): (number | null)[] {
  const before = historySeconds - values.length;
  const unknown = Math.max(0, Math.min(before, historySeconds - ranSeconds));
  return [...new Array<null>(unknown).fill(null), ...new Array<number>(before - unknown).fill(0), ...values];
}
