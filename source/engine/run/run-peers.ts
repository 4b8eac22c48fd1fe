/** Which peers of a torrent's run are dialled, and which become neighbours. */
import { ProtocolError } from "../../base/errors.ts";
import { type Endpoint, formatEndpoint } from "../../base/ip-address.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import { listeningAt } from "../../swarm/listening-at.ts";
import type { Neighbour } from "../../swarm/neighbour.ts";
import type { NeighbourInfo, NeighbourLink } from "../../swarm/neighbour-owner.ts";
import { PeerExchange } from "../../swarm/peer-exchange.ts";
import type { NamingSource } from "../../swarm/peer-source.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import { uploadQueueMax } from "../../swarm/upload-queue.ts";
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
  extensionIds,
  type OurExtensionHandshake,
} from "../../wire/extension-handshake.ts";
import type { RunLimits } from "../limits/run-limits.ts";
import type { PeerConnection, PeerTorrent } from "../network/peer-connection.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { MetadataService } from "./metadata-service.ts";
import type { RunOwner } from "./run-owner.ts";

const dialingMax = 16;
/**
 * Who is complete dials so many at once, and then one in so long: those that want something of it dial it themselves, unless they
 * can't know of it. When most of a swarm are complete, all would try all others, to find that they want nothing or have enough
 * neighbours. But at first a seed is to be among the neighbours of many, before these have enough.
 */
const seedDialsAtOnce = 50;
const seedDialMs = 1000;
/** Named while the files are still looked at. */
const earlyMax = 200;

/** What a connection ends with that turned out to be to ourselves. */
const selfReason = "we reached ourselves";

/** Who names peers: `name` for people. */
export interface PeersFrom {
  readonly source: NamingSource;
  readonly name: string;
}

export class RunPeers {
  readonly #services: TorrentServices;
  readonly #owner: RunOwner;
  readonly #limits: RunLimits;
  readonly #metadata = new MetadataService();
  readonly #exchange = new PeerExchange();
  readonly #early: { readonly endpoint: Endpoint; readonly source: NamingSource }[] = [];
  /** What each neighbour was told of us last. */
  readonly #told = new WeakMap<Neighbour, OurExtensionHandshake>();
  #isUploadOnly = false;
  /** Connections that are no neighbours yet. */
  readonly #dialing = new Set<NeighbourLink>();
  /** Dials of a seed that are due. */
  #seedDials = seedDialsAtOnce;
  #seedDialsMs = 0;

  constructor(services: TorrentServices, owner: RunOwner, limits: RunLimits) {
    this.#services = services;
    this.#owner = owner;
    this.#limits = limits;
  }

  /** Peers of private torrents come from their trackers alone (BEP 27). */
  get #mayExchange(): boolean {
    return !this.#owner.summary.isPrivate;
  }

  get isDialing(): boolean {
    return this.#dialing.size > 0;
  }

  /** What is named before there is a swarm waits for it. */
  add(swarm: Swarm | undefined, endpoints: readonly Endpoint[], source: NamingSource): void {
    if (swarm === undefined) {
      for (const endpoint of endpoints) if (this.#early.length < earlyMax) this.#early.push({ endpoint, source });
      return;
    }
    const now = this.#services.ports.clock.nowMs();
    for (const endpoint of endpoints) {
      const { isSelf, admittance } = this.#services;
      if (!isSelf(endpoint) && !admittance.refuses(endpoint.address)) swarm.peers.add(endpoint, source, now);
    }
  }

  /** About once a second. */
  tick(swarm: Swarm): void {
    this.#tellWhetherUploadOnly(swarm);
    if (this.#mayExchange) this.#exchange.tick(swarm.neighbours, this.#services.ports.clock.nowMs());
  }

  /**
   * BEP 21: who has what it wants of us lets go of those that want nothing, so it has to know when we do again, and when no more.
   * That somebody has everything is seen by what it has. A handshake is said whole, since what is left out is gone for some.
   */
  #tellWhetherUploadOnly(swarm: Swarm): void {
    const isUploadOnly = swarm.chokerMode === "seed";
    if (isUploadOnly === this.#isUploadOnly) return;
    this.#isUploadOnly = isUploadOnly;
    if (swarm.have.isFull) return;
    for (const neighbour of swarm.neighbours.values()) this.#tellUploadOnly(neighbour, isUploadOnly);
  }

  /** Who has not said what it speaks is told as soon as it does. */
  #tellUploadOnly(neighbour: Neighbour, isUploadOnly: boolean): void {
    const told = this.#told.get(neighbour);
    const { extensions } = neighbour;
    if (told === undefined || !extensions.isKnown || (told.isUploadOnly ?? false) === isUploadOnly) return;
    const handshake = { ...told, isUploadOnly };
    this.#told.set(neighbour, handshake);
    if (extensions.speaks("upload_only")) extensions.send("upload_only", Uint8Array.of(isUploadOnly ? 1 : 0));
    else extensions.introduce(encodeExtensionHandshake(handshake));
  }

  /** @returns whether somebody was named before. */
  joined(swarm: Swarm): boolean {
    const early = this.#early.splice(0);
    for (const { endpoint, source } of early) this.add(swarm, [endpoint], source);
    return early.length > 0;
  }

  named(swarm: Swarm, endpoints: readonly Endpoint[], { source, name }: PeersFrom): void {
    const before = swarm.peers.size;
    this.add(swarm, endpoints, source);
    const fresh = swarm.peers.size - before;
    if (fresh > 0) this.#owner.log(`${fresh} new ${fresh === 1 ? "peer" : "peers"} from ${name}`);
  }

  /** How many more neighbours are sought. */
  soughtBy(swarm: Swarm, dialing = 0): number {
    return swarm.admission.room(this.#limits.neighboursSought, dialing);
  }

  /** Dials as many as are sought and known. @returns whether nobody is there and nobody is being dialled. */
  dial(swarm: Swarm, torrent: PeerTorrent): boolean {
    const now = this.#services.ports.clock.nowMs();
    // Whoever wants something again lets those know that are there, before it looks for others.
    this.#tellWhetherUploadOnly(swarm);
    while (this.#dialing.size < dialingMax && this.soughtBy(swarm, this.#dialing.size) > 0) {
      if (swarm.isFinished && !this.#isSeedDialDue(now)) return false;
      const peer = swarm.peers.next(now, swarm.isFinished);
      if (peer === undefined) break;
      // It came to us from another port of its own.
      if (isNeighbour(swarm, peer.endpoint)) {
        swarm.peers.came(peer);
        continue;
      }
      const connection = this.#services.dial(torrent, peer.endpoint);
      if (connection === undefined) break;
      if (typeof connection === "string") {
        swarm.peers.notDialled(peer, connection, now);
        continue;
      }
      swarm.peers.connected(peer);
      this.#dialing.add(connection);
      this.#seedDials--;
    }
    return swarm.neighbours.size === 0 && this.#dialing.size === 0;
  }

  #isSeedDialDue(nowMs: number): boolean {
    const earned = (nowMs - this.#seedDialsMs) / seedDialMs;
    this.#seedDials = Math.min(seedDialsAtOnce, Math.max(0, this.#seedDials) + earned);
    this.#seedDialsMs = nowMs;
    return this.#seedDials >= 1;
  }

  /** @throws ProtocolError where it may not be a neighbour. */
  admit(swarm: Swarm | undefined, link: NeighbourLink, info: NeighbourInfo, metainfo: Metainfo | undefined): Neighbour {
    this.#dialing.delete(link);
    if (swarm === undefined) throw new ProtocolError("inactive", "the torrent is not active");
    if (swarm.peers.isBanned(info.endpoint, info.peerId)) throw new ProtocolError("banned", "it is banned");
    const refusal = swarm.admission.refusal(info, this.#services.peerId, this.#services.ports.clock.nowMs());
    if (refusal !== undefined) throw new ProtocolError("refused", refusal);
    const port = this.#services.listenPort();
    const handshake: OurExtensionHandshake = {
      extensions: this.#mayExchange ? ["ut_metadata", "ut_pex"] : ["ut_metadata"],
      metadataLength: metainfo?.infoBytes.length,
      client: this.#services.userAgent.replace("/", " "),
      port: port === 0 ? undefined : port,
      requestQueue: uploadQueueMax,
      // A super-seed says that it has nothing.
      isUploadOnly: swarm.chokerMode === "seed" ? true : undefined,
      yourAddress: info.endpoint.address,
    };
    const neighbour = swarm.addNeighbour(link, info, encodeExtensionHandshake(handshake));
    this.#told.set(neighbour, handshake);
    return neighbour;
  }

  /** A message of the extension protocol. @param metainfo of the torrent, while that is in memory. @returns whether it named peers. */
  extended(
    swarm: Swarm | undefined,
    neighbour: Neighbour,
    extendedId: number,
    payload: Uint8Array,
    metainfo: Metainfo | undefined,
  ): boolean {
    if (extendedId === extensionIds.ut_metadata) this.#metadata.answer(neighbour, payload, metainfo);
    if (extendedId === extensionIds.ut_pex && this.#mayExchange && swarm !== undefined) {
      const nowMs = this.#services.ports.clock.nowMs();
      const named = this.#exchange.came(neighbour, payload, !swarm.isFinished, nowMs);
      this.add(swarm, named, "pex");
      return named.length > 0;
    }
    if (extendedId !== 0) return false;
    const handshake = decodeExtensionHandshake(payload);
    neighbour.extensions.introduced(handshake);
    this.#exchange.met();
    if (swarm?.have.isFull === false) this.#tellUploadOnly(neighbour, swarm.chokerMode === "seed");
    if (handshake.ourAddress !== undefined) {
      this.#services.sawUs(neighbour.info.endpoint.address, handshake.ourAddress);
    }
    if (handshake.requestQueue !== undefined) neighbour.pipeline.setReqq(handshake.requestQueue);
    return false;
  }

  /** A connection is over. */
  ended(swarm: Swarm | undefined, peer: PeerConnection, neighbour: Neighbour | undefined, reason: string): void {
    this.#dialing.delete(peer);
    if (swarm === undefined) {
      neighbour?.closed();
      return;
    }
    if (neighbour !== undefined) {
      this.#owner.log(`${formatEndpoint(peer.remote)} left: ${reason}`);
      swarm.removeNeighbour(neighbour);
      this.#limits.left(neighbour);
    }
    const known = peer.isIncoming ? swarm.peers.at(neighbour && listeningAt(neighbour)) : swarm.peers.get(peer.remote);
    if (known === undefined) return;
    // Seeds that we let go of are as good as any other when something is wanted again.
    const wasUseful = known.isSeed || (neighbour !== undefined && neighbour.down.total + neighbour.up.total > 0);
    if (peer.isIncoming) swarm.peers.went(known);
    else swarm.peers.disconnected(known, wasUseful, this.#services.ports.clock.nowMs());
    if (reason === selfReason) swarm.peers.forget(peer.remote);
    if (!swarm.isFinished) swarm.peers.seedsAreWanted(this.#services.ports.clock.nowMs());
  }

  /** Those that are still on their way. */
  close(reason: string): void {
    for (const link of [...this.#dialing]) link.close(reason);
  }
}

function isNeighbour(swarm: Swarm, { address, port }: Endpoint): boolean {
  for (const neighbour of swarm.neighbours.values()) {
    const at = listeningAt(neighbour);
    if (at?.port === port && at.address === address) return true;
  }
  return false;
}
