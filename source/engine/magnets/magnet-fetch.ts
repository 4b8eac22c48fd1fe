/**
 * Finds peers of a magnet link and has them send the torrent's metadata, many at once. Ends with `found`, or when it is
 * stopped; then its connections are closed, and whoever goes on with the torrent may dial the same peers.
 */
import { ProtocolError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../base/ip-address.ts";
import { Announcer } from "../../discovery/announcer.ts";
import type { Magnet } from "../../metainfo/magnet.ts";
import { MetadataDownload } from "../../swarm/metadata-download.ts";
import type { NeighbourInfo, NeighbourLink } from "../../swarm/neighbour-owner.ts";
import { PeerExchange } from "../../swarm/peer-exchange.ts";
import { PeerList } from "../../swarm/peer-list.ts";
import type { NamedPeer, NamingSource } from "../../swarm/peer-source.ts";
import type { PeerConnection, PeerTorrent } from "../network/peer-connection.ts";
import { PeersByHand } from "../network/peers-by-hand.ts";
import type { EventLog } from "../statistics/event-log.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { MagnetPeer, type MagnetPeerOwner } from "./magnet-peer.ts";

const peersMax = 40;
const dialingMax = 16;
/** Who was asked for the metadata and has sent nothing for so long makes room, where all places are taken. */
const silentMs = 60_000;
/** Who has no metadata yet may be fetching it, too: it is asked again after so long at most. */
const askAgainMs = 60_000;
/** What is left is not known, and 0 would say that we are a seed. */
const someLeft = 16_384;
const stopAnnounceMs = 3_000;

export interface MagnetFetchOptions {
  readonly magnet: Magnet;
  readonly log: EventLog;
  /** The info dictionary's bytes, once; and who has the torrent. */
  readonly found: (infoBytes: Uint8Array, peers: readonly NamedPeer[]) => void;
}

export class MagnetFetch implements PeerTorrent<MagnetPeer>, MagnetPeerOwner {
  readonly infoHash: InfoHash;
  readonly isPrivate = false;
  readonly bitfieldLength = undefined;
  readonly limits: PeerTorrent<MagnetPeer>["limits"];
  readonly download: MetadataDownload;
  readonly peers: PeerList;
  readonly announcer: Announcer;
  readonly #services: TorrentServices;
  readonly #options: MagnetFetchOptions;
  readonly #connected = new Map<number, MagnetPeer>();
  readonly #dialing = new Set<NeighbourLink>();
  readonly #byHand: PeersByHand;
  readonly #exchange = new PeerExchange();
  #isStopped = false;

  constructor(services: TorrentServices, options: MagnetFetchOptions) {
    const { magnet, log } = options;
    const { ports } = services;
    this.#services = services;
    this.#options = options;
    this.infoHash = magnet.infoHash;
    this.limits = { down: services.downLimit, takePaid: () => 0, isHeldBack: () => false };
    this.download = new MetadataDownload(magnet.infoHash, ports.hasher);
    this.peers = new PeerList(ports.random, services.rankOf);
    this.#byHand = new PeersByHand(ports, magnet.peers, {
      found: (peer) => this.add([peer], "manual"),
      log: (text) => log.add(text),
    });
    this.announcer = new Announcer(
      ports,
      {
        infoHash: magnet.infoHash,
        peerId: services.peerId,
        listenPort: services.listenPort,
        totals: () => ({ uploaded: 0, downloaded: 0, left: someLeft }),
        // Not by how many are known: most of them may be gone, and who has the metadata may come last.
        wantedPeers: () => (this.#connected.size + this.#dialing.size < peersMax ? 2 * peersMax : 0),
        onPeers: (peers) => this.add(peers, "tracker"),
        log: (text) => log.add(text),
      },
      {
        tiers: magnet.trackers.map((url) => [url]),
        key: services.trackerKey,
        trackers: services.trackers,
        isAllTiers: services.rules().trackers.allTiers,
      },
    );
  }

  get connected(): ReadonlyMap<number, MagnetPeer> {
    return this.#connected;
  }

  start(): void {
    this.announcer.start();
    void this.#byHand.look();
  }

  /** Closes its connections and tells the trackers. Idempotent. */
  async stop(reason: string): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const peer of [...this.#connected.values()]) peer.close(reason);
    for (const link of [...this.#dialing]) link.close(reason);
    await this.announcer.stop(stopAnnounceMs);
  }

  add(endpoints: readonly Endpoint[], source: NamingSource): void {
    const { isSelf, admittance } = this.#services;
    for (const endpoint of endpoints) {
      if (!isSelf(endpoint) && !admittance.refuses(endpoint.address)) this.peers.add(endpoint, source, this.nowMs());
    }
    this.#dial();
  }

  networkChanged(): void {
    this.announcer.networkChanged();
    this.peers.forgive(this.nowMs());
    void this.#byHand.look();
  }

  /** About once a second. */
  tick(): void {
    const nowMs = this.nowMs();
    this.announcer.setAllTiers(this.#services.rules().trackers.allTiers);
    this.#makeRoom(nowMs);
    for (const peer of [...this.#connected.values()]) peer.tick(nowMs);
    this.download.tick(nowMs);
    this.#byHand.tick(nowMs);
    this.#dial();
    if (this.#connected.size + this.#dialing.size === 0) this.announcer.needPeers();
  }

  // ── PeerTorrent ────────────────────────────────────────────────────────────────────────────────────────────────

  admit(link: NeighbourLink, info: NeighbourInfo): MagnetPeer {
    this.#dialing.delete(link);
    if (this.#isStopped) throw new ProtocolError("inactive", "the torrent is not active");
    if (this.#connected.size >= peersMax) throw new ProtocolError("refused", "there is no room for more");
    if (this.peers.isBanned(info.endpoint, info.peerId)) throw new ProtocolError("banned", "it is banned");
    if (!info.hasExtensions) throw new ProtocolError("no-extensions", "it cannot send the metadata");
    const port = this.#services.listenPort();
    const peer = new MagnetPeer(this, link, info, {
      extensions: ["ut_metadata", "ut_pex"],
      client: this.#services.userAgent.replace("/", " "),
      port: port === 0 ? undefined : port,
      requestQueue: 0,
      isUploadOnly: undefined,
      yourAddress: info.endpoint.address,
    });
    this.#connected.set(info.id, peer);
    return peer;
  }

  ended(connection: PeerConnection, peer: MagnetPeer | undefined, reason: string): void {
    this.#dialing.delete(connection);
    if (peer !== undefined) {
      this.#connected.delete(peer.id);
      this.download.leave(peer.id, this.nowMs());
      this.#options.log.add(`${formatEndpoint(connection.remote)} left: ${reason}`);
    }
    const known = connection.isIncoming ? undefined : this.peers.get(connection.remote);
    if (known !== undefined) {
      const hasNone = peer !== undefined && peer.length === 0;
      this.peers.disconnected(known, false, this.nowMs(), hasNone ? askAgainMs : undefined);
    }
    if (!this.#isStopped) this.#dial();
  }

  // ── MagnetPeerOwner ────────────────────────────────────────────────────────────────────────────────────────────

  nowMs(): number {
    return this.#services.ports.clock.nowMs();
  }

  came(): void {
    const { result } = this.download;
    if (result === undefined || this.#isStopped) return;
    const peers = [...this.#connected.values()]
      .filter(({ info, length }) => !info.isIncoming && length > 0)
      .map(({ info: { endpoint } }) => ({ endpoint, source: this.peers.get(endpoint)?.source ?? "tracker" }));
    this.#options.found(result, peers);
  }

  named(peer: MagnetPeer, payload: Uint8Array): void {
    this.add(this.#exchange.came(peer, payload, true, this.nowMs()), "pex");
  }

  convicted(peer: MagnetPeer): void {
    this.peers.ban(peer.info.endpoint, peer.info.peerId);
    peer.close("the metadata it sent is not the torrent's");
  }

  /** Peers that say they have the metadata, and never send it, would keep everybody else out. One goes at a time. */
  #makeRoom(nowMs: number): void {
    if (this.#connected.size + this.#dialing.size < peersMax) return;
    const silent = this.download.silentSince(nowMs - silentMs);
    if (silent !== undefined) this.#connected.get(silent)?.close("it does not send the metadata");
  }

  #dial(): void {
    if (this.#isStopped) return;
    while (this.#dialing.size < dialingMax && this.#connected.size + this.#dialing.size < peersMax) {
      const peer = this.peers.next(this.nowMs(), false);
      if (peer === undefined) return;
      const connection = this.#services.dial(this, peer.endpoint);
      if (connection === undefined) return;
      if (typeof connection === "string") {
        this.peers.notDialled(peer, connection, this.nowMs());
        continue;
      }
      this.peers.connected(peer);
      this.#dialing.add(connection);
    }
  }
}
