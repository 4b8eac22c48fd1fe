/** The announcer of a torrent's run. */
import type { Endpoint } from "../../base/ip-address.ts";
import { Announcer } from "../../discovery/announcer.ts";
import type { TorrentServices } from "../torrent-services.ts";
import type { RunOwner } from "./run-owner.ts";
import type { PeersFrom } from "./run-peers.ts";

export interface AnnouncedRun {
  /** BEP 3 counts what an announce reports from its `started`. */
  readonly transferred: { readonly uploaded: number; readonly downloaded: number };
  wantedPeers(): number;
  peersCame(peers: readonly Endpoint[], from: PeersFrom, leeches: number | null): void;
}

export function announcerOf(services: TorrentServices, owner: RunOwner, run: AnnouncedRun): Announcer {
  const { ports, peerId, trackerKey, trackers } = services;
  const { infoHash, summary } = owner;
  return new Announcer(
    ports,
    {
      infoHash,
      peerId,
      listenPort: services.listenPort,
      // Left of all, wanted or not: who has less than everything is no seed to a tracker (BEP 21).
      totals: () => ({ ...run.transferred, left: summary.totalLength - owner.verifiedLength }),
      wantedPeers: () => run.wantedPeers(),
      onPeers: (peers, url, leeches) => run.peersCame(peers, { source: "tracker", name: url }, leeches),
      onExternalAddress: (voter, address) => services.sawUs(voter, address),
      log: (text) => owner.log(text),
    },
    {
      tiers: summary.trackerTiers,
      key: trackerKey,
      trackers,
      isAllTiers: services.rules().trackers.allTiers,
    },
  );
}
