/**
 * The peers that others have announced to us (BEP 5 "announce_peer"; BEP 33: one for each address of an info hash, with
 * whether it is a seed). Bounded in info hashes, in peers of each, and in all; what one host can take of it is bounded, too.
 * When it is full the info hashes that are farthest from our id give way: they are least of all ours to keep.
 */
import { bytesToHex } from "../../base/hex.ts";
import { type Endpoint, formatEndpoint, localityOf } from "../../base/ip-address.ts";
import { type Random, randomBelow } from "../../base/random.ts";
import type { Hasher } from "../../ports/hasher.ts";
import { BloomFilter } from "./bloom-filter.ts";
import { compareDistance, type NodeId } from "./node-id.ts";
import { hostOf } from "./routing-table.ts";

const hashesMax = 4_000;
/** Many times what an answer holds; BEP 33 counts to 6,000. */
const peersPerHashMax = 500;
/** Some 150 bytes each. */
const peersMax = 50_000;
/** Peers of one host in all swarms: a client announces to the eight closest nodes, so few of its torrents come to us. */
const countPerHostMax = 200;
/** Clients announce every 15 to 30 minutes. */
const keptMs = 45 * 60_000;
/** BEP 51: a sample is drawn anew no sooner. */
const sampleMs = 10 * 60_000;
const sampleMax = 20;

interface StoredPeer {
  readonly endpoint: Endpoint;
  readonly isSeed: boolean;
  readonly announcedMs: number;
}

interface StoredSwarm {
  readonly infoHash: NodeId;
  /** By address, on loopback by endpoint; those that announced last at the end. */
  readonly peers: Map<string, StoredPeer>;
}

export class PeerStore {
  readonly #hasher: Hasher;
  readonly #random: Random;
  readonly #swarms = new Map<string, StoredSwarm>();
  readonly #countOfHost = new Map<string, number>();
  #peerCount = 0;
  #sample: { readonly hashes: readonly NodeId[]; readonly drawnMs: number } | undefined;

  constructor(hasher: Hasher, random: Random) {
    this.#hasher = hasher;
    this.#random = random;
  }

  get hashCount(): number {
    return this.#swarms.size;
  }

  get peerCount(): number {
    return this.#peerCount;
  }

  /** @param ownId the node's that stores. @returns whether it is kept. */
  announce(ownId: NodeId, infoHash: NodeId, endpoint: Endpoint, isSeed: boolean, nowMs: number): boolean {
    const key = bytesToHex(infoHash);
    const swarm = this.#swarms.get(key) ?? { infoHash, peers: new Map<string, StoredPeer>() };
    const peerKey = keyOfPeer(endpoint);
    if (swarm.peers.delete(peerKey)) this.#uncount(endpoint);
    else if (!this.#makeRoom(ownId, swarm, endpoint)) return false;
    this.#swarms.set(key, swarm);
    swarm.peers.set(peerKey, { endpoint, isSeed, announcedMs: nowMs });
    this.#peerCount++;
    const host = hostOf(endpoint);
    this.#countOfHost.set(host, (this.#countOfHost.get(host) ?? 0) + 1);
    return true;
  }

  /** Some, at random. @param noSeeds only such as are none (BEP 33). */
  peersOf(infoHash: NodeId, max: number, noSeeds: boolean, nowMs: number): readonly Endpoint[] {
    const peers = this.#fresh(infoHash, nowMs).filter(({ isSeed }) => !noSeeds || !isSeed);
    return drawn(this.#random, peers, max).map(({ endpoint }) => endpoint);
  }

  /** BEP 33. `undefined` where nobody has announced it. */
  filtersOf(infoHash: NodeId, nowMs: number): { readonly seeds: Uint8Array; readonly peers: Uint8Array } | undefined {
    const all = this.#fresh(infoHash, nowMs);
    if (all.length === 0) return undefined;
    const [seeds, peers] = [new BloomFilter(), new BloomFilter()];
    for (const { endpoint, isSeed } of all) (isSeed ? seeds : peers).add(this.#hasher, endpoint.address);
    return { seeds: seeds.bytes, peers: peers.bytes };
  }

  /** Info hashes that somebody has announced: the same for a while, so that nobody asks often (BEP 51). */
  sample(max: number, nowMs: number): { readonly hashes: readonly NodeId[]; readonly seconds: number } {
    if (this.#sample === undefined || nowMs - this.#sample.drawnMs >= sampleMs) {
      const all = [...this.#swarms.values()].map(({ infoHash }) => infoHash);
      this.#sample = { hashes: drawn(this.#random, all, sampleMax), drawnMs: nowMs };
    }
    const { hashes, drawnMs } = this.#sample;
    return { hashes: hashes.slice(0, max), seconds: Math.ceil((sampleMs - (nowMs - drawnMs)) / 1000) };
  }

  /** Forgets who has not announced itself for long. */
  expire(nowMs: number): void {
    for (const swarm of this.#swarms.values()) {
      for (const [peerKey, { announcedMs }] of swarm.peers) {
        if (nowMs - announcedMs < keptMs) break;
        this.#drop(swarm, peerKey);
      }
    }
  }

  #fresh(infoHash: NodeId, nowMs: number): StoredPeer[] {
    const all = [...(this.#swarms.get(bytesToHex(infoHash))?.peers.values() ?? [])];
    return all.filter(({ announcedMs }) => nowMs - announcedMs < keptMs);
  }

  /** For one more peer of this swarm. */
  #makeRoom(ownId: NodeId, swarm: StoredSwarm, endpoint: Endpoint): boolean {
    if ((this.#countOfHost.get(hostOf(endpoint)) ?? 0) >= countPerHostMax) return false;
    if (swarm.peers.size >= peersPerHashMax) {
      const [oldest] = swarm.peers.keys();
      if (oldest !== undefined) this.#drop(swarm, oldest);
    }
    const isFull = this.#peerCount >= peersMax || (swarm.peers.size === 0 && this.#swarms.size >= hashesMax);
    return !isFull || this.#dropFarthest(ownId, swarm);
  }

  /** @returns `false` where all that we have is closer to us than this. */
  #dropFarthest(ownId: NodeId, than: StoredSwarm): boolean {
    let farthest = than;
    for (const swarm of this.#swarms.values()) {
      if (compareDistance(ownId, swarm.infoHash, farthest.infoHash) > 0) farthest = swarm;
    }
    if (farthest === than) return false;
    for (const peerKey of [...farthest.peers.keys()]) this.#drop(farthest, peerKey);
    return true;
  }

  #drop({ infoHash, peers }: StoredSwarm, peerKey: string): void {
    const peer = peers.get(peerKey);
    if (peer === undefined) return;
    peers.delete(peerKey);
    this.#uncount(peer.endpoint);
    if (peers.size === 0) this.#swarms.delete(bytesToHex(infoHash));
  }

  #uncount(endpoint: Endpoint): void {
    this.#peerCount--;
    const host = hostOf(endpoint);
    const left = (this.#countOfHost.get(host) ?? 1) - 1;
    if (left === 0) this.#countOfHost.delete(host);
    else this.#countOfHost.set(host, left);
  }
}

function keyOfPeer(endpoint: Endpoint): string {
  return localityOf(endpoint.address) === "loopback" ? formatEndpoint(endpoint) : endpoint.address;
}

/** Of these, so many at random. Changes their order. */
function drawn<T>(random: Random, items: T[], max: number): T[] {
  for (let i = 0; i < Math.min(max, items.length); i++) {
    const j = i + randomBelow(random, items.length - i);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items.slice(0, max);
}
