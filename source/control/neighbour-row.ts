/** One neighbour as it is shown, and the parts of it that neighbours are ordered by. Reads only. */
import { formatEndpoint } from "../base/ip-address.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Decision } from "../swarm/choker.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import { type PeerSource, sourcesIn } from "../swarm/peer-source.ts";
import { clientName } from "../wire/peer-id.ts";
import { neighbourTimes } from "./neighbour-view.ts";
import type { NeighbourRow } from "./protocol.ts";

export function neighbourRow(torrent: Torrent, neighbour: Neighbour, nowMs: number): NeighbourRow {
  const { info, pipeline } = neighbour;
  const grant = grantOf(torrent, neighbour);
  return {
    id: neighbour.id,
    endpoint: formatEndpoint(info.endpoint),
    client: clientOf(neighbour),
    isIncoming: info.isIncoming,
    source: info.isIncoming ? "incoming" : (torrent.swarm?.peers.get(info.endpoint)?.source ?? "tracker"),
    amChoking: neighbour.amChoking,
    amInterested: neighbour.amInterested,
    peerChoking: neighbour.peerChoking,
    peerInterested: neighbour.peerInterested,
    isSnubbed: pipeline.isSnubbed,
    isSeed: neighbour.isSeed,
    flags: flagsIn(torrent, neighbour),
    downRate: Math.round(neighbour.down.rate(nowMs)),
    upRate: Math.round(neighbour.up.rate(nowMs)),
    downloaded: neighbour.down.total,
    uploaded: neighbour.up.total,
    progress: neighbour.field.count / neighbour.field.length,
    requestsOut: pipeline.outstanding,
    requestWindow: pipeline.window,
    requestsIn: neighbour.uploads.length,
    slot: grant?.slot ?? null,
    slotReason: grant?.reason ?? chokedReason(neighbour),
    roundTripMs: pipeline.roundTripMs ?? null,
    time: neighbourTimes(neighbour, nowMs),
    connectedSeconds: Math.round((nowMs - neighbour.connectedMs) / 1000),
  };
}

export function clientOf({ extensions, info }: Neighbour): string {
  return extensions.client || clientName(info.peerId);
}

/** The slot that it has, and why; `undefined` while we choke it. */
export function grantOf({ swarm }: Torrent, neighbour: Neighbour): Decision | undefined {
  return neighbour.amChoking ? undefined : swarm?.choker.decisionOf(neighbour.id);
}

export function flagsIn(torrent: Torrent, neighbour: Neighbour): string {
  const namedBy = torrent.swarm?.peers.get(neighbour.info.endpoint)?.namedBy ?? 0;
  return flagsOf(neighbour, grantOf(torrent, neighbour)?.slot === "optimistic", namedBy);
}

const sourceFlags: Readonly<Record<PeerSource, string>> = {
  tracker: "",
  dht: "H",
  pex: "X",
  lsd: "L",
  incoming: "",
  manual: "",
};

/** qBittorrent's letters; see `flagLegend`. @param namedBy a set of sources. */
export function flagsOf(neighbour: Neighbour, isOptimistic: boolean, namedBy: number): string {
  let flags = "";
  if (neighbour.amInterested) flags += neighbour.peerChoking ? "d" : "D";
  else if (!neighbour.peerChoking) flags += "K";
  if (neighbour.peerInterested) flags += neighbour.amChoking ? "u" : "U";
  else if (!neighbour.amChoking) flags += "?";
  if (isOptimistic) flags += "O";
  if (neighbour.pipeline.isSnubbed) flags += "S";
  if (neighbour.info.isIncoming) flags += "I";
  for (const source of sourcesIn(namedBy)) flags += sourceFlags[source];
  return flags;
}

function chokedReason(neighbour: Neighbour): string {
  if (neighbour.isSeed) return "a seed wants nothing from us";
  if (!neighbour.peerInterested) return "it wants nothing that we have";
  if (neighbour.pipeline.isSnubbed) return "it snubs us: only an optimistic unchoke may find it";
  return "others rank higher; it waits for its turn or a lucky draw";
}
