/** What the DHT is asked about: torrents and magnet links that are active. Never private torrents (BEP 27). */

import type { Magnets } from "../magnets/magnets.ts";
import type { Torrent } from "../torrent.ts";
import type { DhtSubject } from "./dht-seeker.ts";

export function* dhtSubjects(torrents: Iterable<Torrent>, magnets: Magnets): Generator<DhtSubject> {
  for (const torrent of torrents) {
    const { run, state, summary } = torrent;
    if (summary.isPrivate || run === undefined || (state !== "downloading" && state !== "seeding")) continue;
    const isSeed = torrent.have.isFull;
    yield {
      infoHash: torrent.infoHash,
      isLonely: !isSeed && run.swarm?.neighbours.size === 0,
      isSeed,
      nodes: torrent.metainfo?.nodes ?? [],
      found: (peers) => run.peersCame(peers, { source: "dht", name: "the DHT" }, null),
    };
  }
  for (const fetcher of magnets.fetches) {
    yield {
      infoHash: fetcher.infoHash,
      isLonely: fetcher.connected.size === 0,
      isSeed: false,
      nodes: [],
      found: (peers) => fetcher.add(peers, "dht"),
    };
  }
}
