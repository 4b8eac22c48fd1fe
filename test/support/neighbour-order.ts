/** The orders of neighbours, of rows that are there already. */
import type { NeighbourRow, NeighbourSort } from "../../source/control/protocol.ts";

type Key = (row: NeighbourRow) => number | string;

const keys: Readonly<Record<Exclude<NeighbourSort, "lost">, Key>> = {
  downRate: (row) => row.downRate,
  upRate: (row) => row.upRate,
  progress: (row) => row.progress,
  endpoint: (row) => row.endpoint,
  client: (row) => row.client,
  downloaded: (row) => row.downloaded,
  uploaded: (row) => row.uploaded,
  flags: (row) => row.flags,
  requestsOut: (row) => row.requestsOut,
  requestsIn: (row) => row.requestsIn,
  roundTrip: (row) => row.roundTripMs ?? -1,
  connected: (row) => row.connectedSeconds,
  slot: ({ slot, peerInterested }) => (slot === "regular" ? 3 : slot === "optimistic" ? 2 : peerInterested ? 1 : 0),
};

/** @param isFinished we want nothing more: then what is lost is lost on the way up. */
export function neighbourOrder(sort: NeighbourSort, isFinished: boolean): (a: NeighbourRow, b: NeighbourRow) => number {
  const key = sort === "lost" ? (isFinished ? lostUp : lostDown) : keys[sort];
  return (a, b) => {
    const x = key(a);
    const y = key(b);
    if (typeof x === "number" && typeof y === "number") return x - y;
    return String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
  };
}

function lostDown({ time: { down } }: NeighbourRow): number {
  return down.choked + down.snubbed + down.limited + down.held + down.disk;
}

function lostUp({ time: { up } }: NeighbourRow): number {
  return up.choking + up.limited + up.disk;
}
