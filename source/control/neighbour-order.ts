/**
 * The neighbours that are asked for, in order. There may be thousands, of whom a screen has room for fifty: the order is found
 * from what it goes by alone, and rows are made of those only that are seen.
 */
import { formatEndpoint } from "../base/ip-address.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import { clientOf, flagsIn, grantOf, neighbourRow } from "./neighbour-row.ts";
import { neighbourTimes } from "./neighbour-view.ts";
import type { NeighbourRow, NeighbourSort, TorrentTopic } from "./protocol.ts";

/** What a neighbour goes by, as its row shows it. */
type Key = (torrent: Torrent, neighbour: Neighbour, nowMs: number) => number | string;

const keys: Readonly<Record<NeighbourSort, Key>> = {
  downRate: (_, { down }, nowMs) => Math.round(down.rate(nowMs)),
  upRate: (_, { up }, nowMs) => Math.round(up.rate(nowMs)),
  progress: (_, { field }) => field.count,
  endpoint: (_, { info }) => formatEndpoint(info.endpoint),
  client: (_, neighbour) => clientOf(neighbour),
  downloaded: (_, { down }) => down.total,
  uploaded: (_, { up }) => up.total,
  flags: flagsIn,
  requestsOut: (_, { pipeline }) => pipeline.outstanding,
  requestsIn: (_, { uploads }) => uploads.length,
  roundTrip: (_, { pipeline }) => pipeline.roundTripMs ?? -1,
  connected: (_, { connectedMs }, nowMs) => Math.round((nowMs - connectedMs) / 1000),
  slot: slotRank,
  lost: lostTime,
};

/** @param connected all neighbours of the torrent. */
export function neighbourWindow(
  torrent: Torrent,
  connected: readonly Neighbour[],
  { offset, limit, sort, isDescending }: TorrentTopic["neighbours"],
  nowMs: number,
): readonly NeighbourRow[] {
  if (limit === 0) return [];
  const key = keys[sort];
  const sign = isDescending ? -1 : 1;
  return connected
    .map((neighbour) => ({ neighbour, key: key(torrent, neighbour, nowMs) }))
    .sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.neighbour.id - b.neighbour.id))
    .slice(offset, offset + limit)
    .map(({ neighbour }) => neighbourRow(torrent, neighbour, nowMs));
}

function slotRank(torrent: Torrent, neighbour: Neighbour): number {
  const slot = grantOf(torrent, neighbour)?.slot;
  return slot === "regular" ? 3 : slot === "optimistic" ? 2 : neighbour.peerInterested ? 1 : 0;
}

/** Where we want nothing more, it is lost on the way up. */
function lostTime({ isFinished }: Torrent, neighbour: Neighbour, nowMs: number): number {
  const { down, up } = neighbourTimes(neighbour, nowMs);
  return isFinished
    ? up.choking + up.limited + up.disk
    : down.choked + down.snubbed + down.limited + down.held + down.disk;
}
