/**
 * Looks for the peers of all active torrents and magnet links in the DHT, again and again, and announces us there on the way.
 * Private torrents (BEP 27) are never looked for. Who downloads and has nobody comes first, and more often; the others take
 * their turns, one a second at most, so that thousands of torrents are no flood.
 */
import type { InfoHash } from "../../base/ids.ts";
import { infoHashToBytes } from "../../base/ids.ts";
import type { Endpoint } from "../../base/ip-address.ts";
import { type Random, randomFraction } from "../../base/random.ts";
import type { Dht } from "../../discovery/dht/dht.ts";
import type { NodeId } from "../../discovery/dht/node-id.ts";
import type { PeersFound } from "../../discovery/dht/searches.ts";
import type { NamedNode } from "../../metainfo/metainfo-nodes.ts";
import type { Clock } from "../../ports/clock.ts";

/** What is looked for, as it is now. */
export interface DhtSubject {
  readonly infoHash: InfoHash;
  /** It downloads, and nobody is connected. */
  readonly isLonely: boolean;
  readonly isSeed: boolean;
  /** Nodes that its .torrent file names. */
  readonly nodes: readonly NamedNode[];
  found(peers: readonly Endpoint[]): void;
}

/** Of one torrent or link, for people to see. */
export interface DhtSearch {
  readonly isUnderWay: boolean;
  /** Of the last search that went through. */
  readonly last: PeersFound | undefined;
  /** When that was over, and when the next is due. */
  readonly lastMs: number;
  readonly dueMs: number;
}

interface Sought {
  /** When the nodes that it names were last asked. */
  metMs: number;
  isUnderWay: boolean;
  /** The network has changed since the search under way began. */
  isOvertaken: boolean;
  last: PeersFound | undefined;
  lastMs: number;
  dueMs: number;
  /** Searches in a row that found nobody new while it was lonely. */
  emptyCount: number;
  isPresent: boolean;
}

interface Due {
  readonly subject: DhtSubject;
  readonly sought: Sought;
}

/** Others keep an announcement for half an hour or more. */
const intervalMs = 15 * 60_000;
const lonelyMs = 20_000;
const meetMs = 60_000;
/** Each has four queries under way. */
const searchesMax = 8;
/** Of those that are in no hurry, so many at a time. */
const calmSearchesMax = 4;
/** More than so many are looked at every few seconds only. */
const crowd = 1_000;
const crowdMs = 5_000;

export class DhtSeeker {
  /** Of all torrents, in all searches; some of them more than once. */
  peersFound = 0;
  searches = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listenPort: () => number;
  readonly #sought = new Map<InfoHash, Sought>();
  #running = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param listenPort 0 where nobody can connect to us: then we look, and announce nothing. */
  constructor(clock: Clock, random: Random, listenPort: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#listenPort = listenPort;
  }

  get underWay(): number {
    return this.#running;
  }

  searchOf(infoHash: InfoHash): DhtSearch | undefined {
    return this.#sought.get(infoHash);
  }

  /** About once a second. @param dht `undefined` while there is none. */
  tick(subjects: () => Iterable<DhtSubject>, dht: Dht | undefined): void {
    if (dht === undefined && this.#sought.size === 0) return;
    const now = this.#clock.nowMs();
    if (this.#sought.size > crowd && now - this.#lookedMs < crowdMs) return;
    const calmCount = Math.max(1, Math.min(crowdMs, now - this.#lookedMs) / 1000);
    this.#lookedMs = now;
    const knowsSomebody = dht !== undefined && dht.goodCount > 0;
    for (const sought of this.#sought.values()) sought.isPresent = false;
    const calm: Due[] = [];
    for (const subject of subjects()) {
      const sought = this.#soughtFor(subject, now);
      sought.isPresent = true;
      if (!knowsSomebody) {
        if (dht !== undefined && now - sought.metMs >= meetMs) this.#meetNodes(dht, subject, sought);
        continue;
      }
      if (sought.isUnderWay || now < this.#dueMs(subject, sought)) continue;
      if (subject.isLonely) this.#begin(dht, subject, sought, searchesMax);
      else calm.push({ subject, sought });
    }
    if (dht !== undefined) {
      const first = calm.sort(bySoonest).slice(0, Math.round(calmCount));
      for (const { subject, sought } of first) this.#begin(dht, subject, sought, calmSearchesMax);
    }
    for (const [infoHash, { isPresent }] of this.#sought) if (!isPresent) this.#sought.delete(infoHash);
  }

  /** Everything is due at once: others should know where we are now. */
  networkChanged(): void {
    for (const sought of this.#sought.values()) {
      sought.dueMs = 0;
      sought.isOvertaken = sought.isUnderWay;
    }
  }

  /** One that was active before, or is from now on. */
  #soughtFor({ infoHash }: DhtSubject, now: number): Sought {
    const known = this.#sought.get(infoHash);
    if (known !== undefined) return known;
    const sought: Sought = {
      metMs: Number.NEGATIVE_INFINITY,
      isUnderWay: false,
      isOvertaken: false,
      last: undefined,
      lastMs: Number.NEGATIVE_INFINITY,
      dueMs: now,
      emptyCount: 0,
      isPresent: true,
    };
    this.#sought.set(infoHash, sought);
    return sought;
  }

  /** They are a way into the network. */
  #meetNodes(dht: Dht, { nodes }: DhtSubject, sought: Sought): void {
    sought.metMs = this.#clock.nowMs();
    dht.meetHosts(nodes);
  }

  #dueMs({ isLonely }: DhtSubject, { dueMs, lastMs, emptyCount }: Sought): number {
    return isLonely ? Math.min(dueMs, lastMs + lonelyMs * 2 ** Math.max(0, emptyCount - 1)) : dueMs;
  }

  #begin(dht: Dht, subject: DhtSubject, sought: Sought, max: number): void {
    if (this.#running >= max) return;
    const port = this.#listenPort();
    const { infoHash, isSeed, isLonely } = subject;
    this.#running++;
    this.searches++;
    sought.isUnderWay = true;
    sought.isOvertaken = false;
    dht.findPeers({
      infoHash: infoHashToBytes(infoHash) as NodeId,
      // We speak TCP alone, so it is the port of that which counts, not that of our datagrams.
      announce: port === 0 ? undefined : { port, isPortImplied: false, isSeed },
      noSeeds: isSeed,
      onPeers: (peers) => {
        this.peersFound += peers.length;
        subject.found(peers);
      },
      onDone: (found) => {
        const now = this.#clock.nowMs();
        this.#running--;
        sought.isUnderWay = false;
        // A socket was lost: it says nothing of who is there, and is done again as soon as there is a way.
        if (found.isCutShort) {
          sought.dueMs = now;
          return;
        }
        sought.last = found;
        sought.lastMs = now;
        sought.emptyCount = isLonely ? sought.emptyCount + 1 : 0;
        if (!sought.isOvertaken) sought.dueMs = now + intervalMs * (0.9 + randomFraction(this.#random) / 5);
      },
    });
  }
}

/** Leeches before seeds, then who waits longer. */
function bySoonest(a: Due, b: Due): number {
  return Number(a.subject.isSeed) - Number(b.subject.isSeed) || a.sought.dueMs - b.sought.dueMs;
}
