/** What is said on the local network: torrents and magnet links that are active. Never private torrents (BEP 27). */
import type { InfoHash } from "../../base/ids.ts";
import type { Endpoint } from "../../base/ip-address.ts";
import type { LsdSubject } from "../../discovery/lsd/lsd-schedule.ts";
import type { Magnets } from "../magnets/magnets.ts";
import type { Torrent } from "../torrent.ts";

export function* lsdSubjects(torrents: Iterable<Torrent>, magnets: Magnets): Generator<LsdSubject> {
  for (const torrent of torrents) {
    if (isSaid(torrent)) yield { infoHash: torrent.infoHash, isSeed: torrent.have.isFull };
  }
  for (const { infoHash } of magnets.fetches) yield { infoHash, isSeed: false };
}

/** @returns whether we are in it, so that he should hear of us. */
export function lsdFound(torrent: Torrent | undefined, magnets: Magnets, infoHash: InfoHash, peer: Endpoint): boolean {
  if (torrent !== undefined) {
    if (!isSaid(torrent)) return false;
    // A seed that rests stays at rest: who wants something hears of it, and comes.
    if (torrent.swarm !== undefined) {
      torrent.run?.peersCame([peer], { source: "lsd", name: "the local network" }, null);
    }
    return true;
  }
  for (const link of magnets.fetches) {
    if (link.infoHash !== infoHash) continue;
    link.add([peer], "lsd");
    return true;
  }
  return false;
}

function isSaid({ run, state, summary }: Torrent): boolean {
  return !summary.isPrivate && run !== undefined && (state === "downloading" || state === "seeding");
}
