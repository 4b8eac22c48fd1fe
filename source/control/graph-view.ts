/** How much flowed over time, as it is shown. Reads only. */
import { historySeconds } from "../engine/rate-history.ts";
import type { Session } from "../engine/session.ts";
import type { Graph } from "./insight.ts";
import type { GraphTopic } from "./protocol.ts";

/** `undefined` where there is no such torrent. */
export function graphOf(session: Session, { infoHash, span }: GraphTopic): Graph | undefined {
  const torrent = infoHash === null ? undefined : session.torrents.get(infoHash);
  if (infoHash !== null && torrent === undefined) return undefined;
  const { graphs } = session.house;
  if (span !== "5m") return { infoHash, span, ...graphs.rates(infoHash, span) };
  const { downHistory, upHistory } = torrent ?? graphs;
  const newestWallMs = Math.floor(session.clock.wallMs() / 1000) * 1000;
  return {
    infoHash,
    span,
    stepSeconds: 1,
    newestWallMs,
    down: filled(downHistory.values),
    up: filled(upHistory.values),
  };
}

/** Each to the same length: before its first value nothing flowed. */
function filled(values: readonly number[]): number[] {
  return [...new Array<number>(historySeconds - values.length).fill(0), ...values];
}
