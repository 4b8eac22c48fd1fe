/**
 * The peers of one torrent as the embedded tracker knows them. Invariants: `#byEndpoint` iterates from the peer that was
 * silent longest to the one heard last; `#peers[p.index] === p` for every peer; the counts agree with the peers.
 *
 * A sample costs time in proportion to the peers looked at: a partial Fisher–Yates shuffle of `#peers`, whose order means
 * nothing.
 */
import type { PeerId } from "../base/ids.ts";
import { type Endpoint, familyOf, formatEndpoint, type Locality, localityOf } from "../base/ip-address.ts";
import { type Random, randomBelow } from "../base/random.ts";

export interface SwarmPeer {
  readonly endpoint: Endpoint;
  readonly peerId: PeerId;
  readonly isSeed: boolean;
}

interface Stored extends SwarmPeer {
  readonly key: string;
  readonly reach: number;
  readonly heardMs: number;
  index: number;
  /** Its `completed` was counted. */
  hasCompleted: boolean;
}

/** How far an address reaches: a peer is only named to askers that are no further away than it reaches. */
const reaches: Readonly<Record<Locality, number>> = { loopback: 0, private: 1, public: 2, unusable: -1 };

/** One would do; not all of them answer. */
const seedsForSeedMax = 5;

export class SwarmStore {
  readonly #byEndpoint = new Map<string, Stored>();
  readonly #peers: Stored[] = [];
  #seeds = 0;
  #completions = 0;

  get size(): number {
    return this.#peers.length;
  }

  get seeds(): number {
    return this.#seeds;
  }

  get leeches(): number {
    return this.#peers.length - this.#seeds;
  }

  /** How many peers said `completed` while we knew them as leeches. */
  get completions(): number {
    return this.#completions;
  }

  /** Remembers the peer, or what is new about it. @returns false where `sizeMax` leaves no room for a new one. */
  put(peer: SwarmPeer, nowMs: number, sizeMax: number): boolean {
    const key = formatEndpoint(peer.endpoint);
    const known = this.#byEndpoint.get(key);
    if (known === undefined && this.#peers.length >= sizeMax) return false;
    const stored: Stored = {
      ...peer,
      key,
      reach: reaches[localityOf(peer.endpoint.address)],
      heardMs: nowMs,
      index: known?.index ?? this.#peers.length,
      hasCompleted: known?.peerId === peer.peerId && known.hasCompleted,
    };
    if (known?.isSeed === true) this.#seeds--;
    if (stored.isSeed) this.#seeds++;
    this.#peers[stored.index] = stored;
    this.#byEndpoint.delete(key);
    this.#byEndpoint.set(key, stored);
    return true;
  }

  countCompletion(endpoint: Endpoint): void {
    const stored = this.#byEndpoint.get(formatEndpoint(endpoint));
    if (stored === undefined || stored.hasCompleted) return;
    stored.hasCompleted = true;
    this.#completions++;
  }

  remove(endpoint: Endpoint): boolean {
    const stored = this.#byEndpoint.get(formatEndpoint(endpoint));
    if (stored === undefined) return false;
    this.#drop(stored);
    return true;
  }

  /** Forgets the peers last heard before `beforeMs`. @returns how many. */
  expire(beforeMs: number): number {
    let count = 0;
    for (const stored of this.#byEndpoint.values()) {
      if (stored.heardMs >= beforeMs) break;
      this.#drop(stored);
      count++;
    }
    return count;
  }

  /**
   * Up to `countMax` peers drawn at random for `asker`: never itself, few seeds for a seed (aria2 says that nothing is left
   * while it has nothing but a magnet link, and needs one), and nobody more local than the asker is: what 127.0.0.1 or 192.168.1.2 names here is another machine, or none, over there.
   * @param family of those that are wanted. Default: both.
   */
  sample(random: Random, asker: SwarmPeer, countMax: number, family?: 4 | 6): SwarmPeer[] {
    const key = formatEndpoint(asker.endpoint);
    const reach = reaches[localityOf(asker.endpoint.address)];
    const chosen: SwarmPeer[] = [];
    const peers = this.#peers;
    let seedsLeft = asker.isSeed ? seedsForSeedMax : countMax;
    for (let at = 0; at < peers.length && chosen.length < countMax; at++) {
      this.#swap(at, at + randomBelow(random, peers.length - at));
      const peer = peers[at];
      if (peer === undefined || peer.reach < reach || peer.key === key) continue;
      if (family !== undefined && familyOf(peer.endpoint.address) !== family) continue;
      if (peer.isSeed && seedsLeft-- <= 0) continue;
      chosen.push(peer);
    }
    return chosen;
  }

  #drop(stored: Stored): void {
    this.#byEndpoint.delete(stored.key);
    this.#swap(stored.index, this.#peers.length - 1);
    this.#peers.pop();
    if (stored.isSeed) this.#seeds--;
  }

  #swap(i: number, j: number): void {
    const a = this.#peers[i];
    const b = this.#peers[j];
    if (a === undefined || b === undefined) return;
    this.#peers[i] = b;
    this.#peers[j] = a;
    b.index = i;
    a.index = j;
  }
}
