/**
 * The embedded tracker without I/O: announces and scrapes in, answers out (BEP 3, 7, 23, 24, 48). Knows nothing of HTTP and UDP, see
 * `tracker-http.ts` and `tracker-udp.ts`.
 *
 * A peer is an address and port; the address is the one it asks from. A peer that asks from loopback runs on the tracker's
 * own machine and may say under which other address (`ip`) it is reached; from anywhere else `ip` is ignored, or anybody
 * could have a swarm dial a third party.
 *
 * Everything kept is bounded. Torrents and peers are kept in the order they were last heard, so that what expires is always
 * in front and forgetting costs nothing per request. When there is no room, what is known stays: a flood of invented
 * torrents or peers cannot drive out real ones.
 */
import type { InfoHash, PeerId } from "../base/ids.ts";
import { type Endpoint, localityOf } from "../base/ip-address.ts";
import type { Random } from "../base/random.ts";
import { type SwarmPeer, SwarmStore } from "./swarm-store.ts";

export interface TrackerOptions {
  /** Seconds between a peer's announces, 60 … 86400. Default 300: these swarms are small and come and go. */
  readonly intervalSeconds?: number;
  /** The least seconds between a peer's announces. Default 30. */
  readonly minIntervalSeconds?: number;
  /** Default 10,000. */
  readonly torrentsMax?: number;
  /** Default 10,000. */
  readonly peersPerTorrentMax?: number;
  /** Peers of all torrents together, about 500 bytes each. Default 200,000. */
  readonly peersMax?: number;
  /** Only these torrents are tracked; the owner may change the set at any time. Default: all. */
  readonly allowed?: ReadonlySet<InfoHash>;
}

export interface TrackerAnnounce {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** 1 … 65535. */
  readonly port: number;
  readonly left: number;
  readonly event: "started" | "completed" | "stopped" | undefined;
  /** Peers wanted; `undefined` for as many as the tracker likes. */
  readonly numwant: number | undefined;
  /** Only peers of this family are wanted. Default: both. */
  readonly family?: 4 | 6;
  /** The address it says it has, canonical. See above for when that counts. */
  readonly ip: string | undefined;
}

export type TrackerAnnounceResult =
  | { readonly kind: "failure"; readonly reason: string }
  | {
      readonly kind: "success";
      readonly intervalSeconds: number;
      readonly minIntervalSeconds: number;
      readonly seeds: number;
      readonly leeches: number;
      readonly completions: number;
      readonly peers: readonly SwarmPeer[];
      /** As the tracker sees it (BEP 24). */
      readonly externalAddress: string;
    };

export interface TrackerScrapeRow {
  readonly infoHash: InfoHash;
  readonly seeds: number;
  readonly leeches: number;
  readonly completions: number;
}

export interface TrackerStatistics {
  readonly torrents: number;
  readonly peers: number;
  readonly seeds: number;
  readonly announces: number;
  readonly scrapes: number;
  /** Requests answered with a failure. */
  readonly failures: number;
}

const numwantDefault = 50;
/** 200 peers are 1.2 kB (3.6 kB in IPv6): one answer stays within a few packets. */
const numwantMax = 200;

export class Tracker {
  readonly #random: Random;
  readonly #intervalSeconds: number;
  readonly #minIntervalSeconds: number;
  readonly #torrentsMax: number;
  readonly #peersPerTorrentMax: number;
  readonly #peersMax: number;
  readonly #allowed: ReadonlySet<InfoHash> | undefined;
  /** From the torrent that was silent longest to the one heard last. */
  readonly #torrents = new Map<InfoHash, { readonly swarm: SwarmStore; heardMs: number }>();
  #peers = 0;
  #announces = 0;
  #scrapes = 0;
  #failures = 0;

  constructor(random: Random, options: TrackerOptions = {}) {
    this.#random = random;
    this.#intervalSeconds = Math.min(86_400, Math.max(60, Math.round(options.intervalSeconds ?? 300)));
    this.#minIntervalSeconds = Math.min(this.#intervalSeconds, Math.max(1, options.minIntervalSeconds ?? 30));
    this.#torrentsMax = options.torrentsMax ?? 10_000;
    this.#peersPerTorrentMax = options.peersPerTorrentMax ?? 10_000;
    this.#peersMax = options.peersMax ?? 200_000;
    this.#allowed = options.allowed;
  }

  /** @param remote where the request came from. @param nowMs monotonic. */
  announce(request: TrackerAnnounce, remote: Endpoint, nowMs: number): TrackerAnnounceResult {
    this.#announces++;
    this.expire(nowMs);
    if (this.#allowed !== undefined && !this.#allowed.has(request.infoHash)) {
      return this.fail("this tracker does not track that torrent");
    }
    const asker: SwarmPeer = {
      endpoint: { address: addressOf(request, remote), port: request.port },
      peerId: request.peerId,
      isSeed: request.left === 0,
    };
    const known = this.#torrents.get(request.infoHash);
    if (request.event === "stopped") {
      if (known?.swarm.remove(asker.endpoint) === true) this.#peers--;
      return this.#answer(known?.swarm ?? new SwarmStore(), [], remote);
    }
    if (known === undefined && this.#torrents.size >= this.#torrentsMax) {
      return this.fail("this tracker has no room for another torrent");
    }
    const torrent = known ?? { swarm: new SwarmStore(), heardMs: nowMs };
    torrent.heardMs = nowMs;
    this.#torrents.delete(request.infoHash);
    this.#torrents.set(request.infoHash, torrent);
    const { swarm } = torrent;
    this.#peers -= swarm.expire(nowMs - this.#lifetimeMs);
    const sizeBefore = swarm.size;
    swarm.put(asker, nowMs, Math.min(this.#peersPerTorrentMax, sizeBefore + this.#peersMax - this.#peers));
    this.#peers += swarm.size - sizeBefore;
    if (request.event === "completed") swarm.countCompletion(asker.endpoint);
    const wanted = Math.min(numwantMax, request.numwant ?? numwantDefault);
    return this.#answer(swarm, swarm.sample(this.#random, asker, wanted, request.family), remote);
  }

  /** @returns a row for each torrent that is known. */
  scrape(infoHashes: readonly InfoHash[], nowMs: number): readonly TrackerScrapeRow[] {
    this.#scrapes++;
    this.expire(nowMs);
    const rows: TrackerScrapeRow[] = [];
    for (const infoHash of infoHashes) {
      const swarm = this.#torrents.get(infoHash)?.swarm;
      if (swarm === undefined) continue;
      this.#peers -= swarm.expire(nowMs - this.#lifetimeMs);
      rows.push({ infoHash, seeds: swarm.seeds, leeches: swarm.leeches, completions: swarm.completions });
    }
    return rows;
  }

  /** Counts a request that was refused, here or before it got here. */
  fail(reason: string): { readonly kind: "failure"; readonly reason: string } {
    this.#failures++;
    return { kind: "failure", reason };
  }

  /** Forgets torrents that nobody announced for long. Every request does this; call it before reading `statistics`. */
  expire(nowMs: number): void {
    for (const [infoHash, torrent] of this.#torrents) {
      if (torrent.heardMs >= nowMs - this.#lifetimeMs) break;
      this.#peers -= torrent.swarm.size;
      this.#torrents.delete(infoHash);
    }
  }

  /** A peer that misses two announces is gone. */
  get #lifetimeMs(): number {
    return this.#intervalSeconds * 2_500;
  }

  get statistics(): TrackerStatistics {
    let seeds = 0;
    for (const { swarm } of this.#torrents.values()) seeds += swarm.seeds;
    return {
      torrents: this.#torrents.size,
      peers: this.#peers,
      seeds,
      announces: this.#announces,
      scrapes: this.#scrapes,
      failures: this.#failures,
    };
  }

  #answer(swarm: SwarmStore, peers: readonly SwarmPeer[], remote: Endpoint): TrackerAnnounceResult {
    return {
      kind: "success",
      intervalSeconds: this.#intervalSeconds,
      minIntervalSeconds: this.#minIntervalSeconds,
      seeds: swarm.seeds,
      leeches: swarm.leeches,
      completions: swarm.completions,
      peers,
      externalAddress: remote.address,
    };
  }
}

function addressOf(request: TrackerAnnounce, remote: Endpoint): string {
  if (request.ip === undefined || localityOf(remote.address) !== "loopback") return remote.address;
  const claimed = localityOf(request.ip);
  return claimed === "loopback" || claimed === "unusable" ? remote.address : request.ip;
}
