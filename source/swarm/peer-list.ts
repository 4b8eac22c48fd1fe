/**
 * The addresses we know for one torrent and when each may be dialled next. Bounded: a tracker or neighbour that names
 * thousands fills it with nothing that we would ever dial.
 */
import type { PeerId } from "../base/ids.ts";
import { type Endpoint, formatEndpoint, localityOf } from "../base/ip-address.ts";
import { type Random, randomFraction } from "../base/random.ts";
import { type NamingSource, type PeerSource, peerSources, sourceBit } from "./peer-source.ts";

export interface KnownPeer {
  readonly endpoint: Endpoint;
  /** Who named it first. */
  readonly source: NamingSource;
  /** All who have named it (`sourceBit`). */
  namedBy: number;
  /** See `rankOf`. */
  rank: number;
  isConnected: boolean;
  /** It is, by a connection that it opened. */
  hasCome: boolean;
  /** We let it go because it had every piece and we wanted none. */
  isSeed: boolean;
  /** Dials in a row that came to nothing. */
  failures: number;
  nextDialMs: number;
}

/** Far more than will be dialled; about 200 bytes each. */
const knownMax = 2000;
const retryMs = 15_000;
const retryMaxMs = 30 * 60_000;
/** Somebody who was named by hand is waited for: a few addresses, and often the only ones. */
const manualRetryMaxMs = 60_000;
/** Due since ever, so that of those that are new the rank decides. */
const neverDialled = Number.NEGATIVE_INFINITY;
/** After this many failures in a row a peer makes room for others when the list is full. */
const hopelessFailures = 3;
/** Peers that are not to be dialled for a while: somebody lets go of a few by hand. */
const heldMax = 500;

export class PeerList {
  readonly #random: Random;
  readonly #rankOf: (endpoint: Endpoint) => number;
  readonly #peers = new Map<string, KnownPeer>();
  readonly #banned = new Set<string>();
  /** By endpoint or address: not to be dialled before this moment, the oldest first. */
  readonly #held = new Map<string, number>();

  /** @param rankOf whom to dial first of those that are equal otherwise: the greater the sooner (BEP 40). */
  constructor(random: Random, rankOf: (endpoint: Endpoint) => number = () => 0) {
    this.#random = random;
    this.#rankOf = rankOf;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** To how many that are not connected the last dial came to nothing. */
  get unreachableCount(): number {
    let count = 0;
    for (const { isConnected, failures } of this.#peers.values()) if (!isConnected && failures > 0) count++;
    return count;
  }

  /** @returns whether the address was new and is kept. */
  add(endpoint: Endpoint, source: NamingSource, nowMs: number): boolean {
    const key = formatEndpoint(endpoint);
    const known = this.#peers.get(key);
    if (known !== undefined) {
      known.namedBy |= sourceBit(source);
      // Asked for by hand: now, whatever was before.
      if (source !== "manual") return false;
      known.nextDialMs = nowMs;
      this.#held.delete(key);
      this.#held.delete(endpoint.address);
      return false;
    }
    if (endpoint.port === 0 || localityOf(endpoint.address) === "unusable") return false;
    if (this.#peers.size >= knownMax && !this.#makeRoom(source)) return false;
    const fresh = { isConnected: false, hasCome: false, isSeed: false, failures: 0, nextDialMs: neverDialled };
    this.#peers.set(key, { endpoint, source, namedBy: sourceBit(source), rank: this.#rankOf(endpoint), ...fresh });
    return true;
  }

  /** Of those in the list, how many each source has named; one that several named counts for each. */
  countsBySource(): ReadonlyMap<PeerSource, number> {
    const counts = new Map<PeerSource, number>();
    for (const source of peerSources) {
      const bit = sourceBit(source);
      let count = 0;
      for (const { namedBy } of this.#peers.values()) if ((namedBy & bit) !== 0) count++;
      counts.set(source, count);
    }
    return counts;
  }

  get(endpoint: Endpoint): KnownPeer | undefined {
    return this.#peers.get(formatEndpoint(endpoint));
  }

  /** @param endpoint `undefined`: nobody knows where it listens. */
  at(endpoint: Endpoint | undefined): KnownPeer | undefined {
    return endpoint === undefined ? undefined : this.get(endpoint);
  }

  /** The best peer to dial now: the fewest failures, then the longest due, then the greatest rank. Marks nothing. */
  next(nowMs: number, skipSeeds: boolean): KnownPeer | undefined {
    let best: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.isConnected || peer.nextDialMs > nowMs || (skipSeeds && peer.isSeed)) continue;
      if (best !== undefined && !isBetter(peer, best)) continue;
      if (!this.isBanned(peer.endpoint, undefined) && !this.#isHeld(peer.endpoint, nowMs)) best = peer;
    }
    return best;
  }

  /** We want something again: the seeds that we let go of may be dialled at once. */
  seedsAreWanted(nowMs: number): void {
    for (const peer of this.#peers.values()) if (peer.isSeed && peer.failures === 0) peer.nextDialMs = nowMs;
  }

  /** Dialling begins. */
  connected(peer: KnownPeer): void {
    peer.isConnected = true;
    peer.hasCome = false;
    peer.isSeed = false;
  }

  /** It is a neighbour that came to us. */
  came(peer: KnownPeer): void {
    peer.isConnected = true;
    peer.hasCome = true;
  }

  /** A connection that it opened is over; one that we opened meanwhile may not be. */
  went(peer: KnownPeer): void {
    if (!peer.hasCome) return;
    peer.hasCome = false;
    peer.isConnected = false;
  }

  /**
   * The connection ended. `wasUseful`: bytes were exchanged, so it deserves another try soon.
   * @param waitMaxMs after which it is tried again at the latest.
   */
  disconnected(peer: KnownPeer, wasUseful: boolean, nowMs: number, waitMaxMs = retryMaxMs): void {
    peer.isConnected = false;
    peer.failures = wasUseful ? 0 : peer.failures + 1;
    const isManual = (peer.namedBy & sourceBit("manual")) !== 0;
    const doubledMs = retryMs * 2 ** Math.max(0, peer.failures - 1);
    const delayMs = Math.min(doubledMs, waitMaxMs, isManual ? manualRetryMaxMs : retryMaxMs);
    peer.nextDialMs = nowMs + delayMs * (0.75 + randomFraction(this.#random) / 2);
  }

  /** Others have their turn: it was not blocked when it was remembered, and where there is no way to it there may be one later. */
  notDialled(peer: KnownPeer, why: "blocked" | "no-way", nowMs: number): void {
    if (why === "blocked") this.forget(peer.endpoint);
    else this.disconnected(peer, false, nowMs);
  }

  /** `rankOf` says other numbers now. */
  rankAgain(): void {
    for (const peer of this.#peers.values()) peer.rank = this.#rankOf(peer.endpoint);
  }

  /** That nobody answered was not their fault: all may be dialled now. */
  forgive(nowMs: number): void {
    for (const peer of this.#peers.values()) {
      peer.failures = 0;
      peer.nextDialMs = Math.min(peer.nextDialMs, nowMs);
    }
  }

  /**
   * It is not dialled before that moment, whatever happens but that somebody asks for it by hand.
   * @param isIncoming where it listens is not known: then nobody at its address is (on loopback, where one address is many
   * programs, all but itself may be).
   */
  hold(endpoint: Endpoint, isIncoming: boolean, untilMs: number): void {
    const isWhole = isIncoming && localityOf(endpoint.address) !== "loopback";
    const key = isWhole ? endpoint.address : formatEndpoint(endpoint);
    this.#held.delete(key);
    this.#held.set(key, untilMs);
    const [oldest] = this.#held.keys();
    if (this.#held.size > heldMax && oldest !== undefined) this.#held.delete(oldest);
  }

  forget(endpoint: Endpoint): void {
    this.#peers.delete(formatEndpoint(endpoint));
  }

  /**
   * Proven to send bad pieces. On the open network the address is banned; on loopback, where one address is many
   * programs, only this peer.
   */
  ban(endpoint: Endpoint, peerId: PeerId): void {
    if (this.#banned.size >= knownMax) return;
    this.#banned.add(hostKey(endpoint.address, peerId));
    this.#banned.add(formatEndpoint(endpoint));
  }

  isBanned(endpoint: Endpoint, peerId: PeerId | undefined): boolean {
    if (this.#banned.size === 0) return false;
    return this.#banned.has(formatEndpoint(endpoint)) || this.#banned.has(hostKey(endpoint.address, peerId));
  }

  #isHeld(endpoint: Endpoint, nowMs: number): boolean {
    if (this.#held.size === 0) return false;
    const untilMs = Math.max(this.#held.get(formatEndpoint(endpoint)) ?? 0, this.#held.get(endpoint.address) ?? 0);
    return untilMs > nowMs;
  }

  /** By one that is hopeless. Else what only neighbours have named gives way to what others name: two may have made it all up. */
  #makeRoom(source: NamingSource): boolean {
    const hearsay = sourceBit("pex");
    let untried: string | undefined;
    for (const [key, peer] of this.#peers) {
      if (peer.isConnected) continue;
      if (peer.failures >= hopelessFailures) return this.#peers.delete(key);
      if (peer.namedBy === hearsay && peer.nextDialMs === neverDialled) untried ??= key;
    }
    return source !== "pex" && untried !== undefined && this.#peers.delete(untried);
  }
}

/**
 * One host in a set of them: an address on the open network, on loopback one of many programs. Never the peer id alone,
 * which anybody may claim.
 */
export function hostKey(address: string, peerId: PeerId | undefined): string {
  return localityOf(address) === "loopback" ? `${address} ${peerId}` : address;
}

function isBetter(a: KnownPeer, b: KnownPeer): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures;
  return a.nextDialMs === b.nextDialMs ? a.rank > b.rank : a.nextDialMs < b.nextDialMs;
}
