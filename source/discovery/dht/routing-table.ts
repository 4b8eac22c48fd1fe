/**
 * The nodes that we know, by how close they are to us (BEP 5 "routing table"). Bucket `i` has those that share exactly `i`
 * leading bits with our id, the last one those that share more: a full last bucket is split, any other is not.
 *
 * Only who has answered a query of ours gets in, and one node of each address, so that nobody fills it with inventions. Good
 * nodes keep their places, whoever comes: the table fills with nodes that last (Kademlia 2.4). Who finds no place is
 * a spare, and moves up when a place falls free.
 */
import { networkOf } from "../../base/crowd.ts";
import { type Endpoint, formatEndpoint, localityOf } from "../../base/ip-address.ts";
import type { Random } from "../../base/random.ts";
import type { Contact } from "./contact.ts";
import { compareDistance, idBits, type NodeId, randomIdSharing, sharedBits } from "./node-id.ts";
import { isSecureId } from "./secure-id.ts";

/** Kademlia's k, of buckets and of answers (BEP 5). */
export const bucketSize = 8;
const sparesMax = 8;
const goodForMs = 15 * 60_000;
/** Queries in a row that it left unanswered; BEP 5: try once more before it is given up. */
const badFailures = 2;

export type Standing = "good" | "questionable" | "bad";

interface Entry extends Contact {
  readonly isSecure: boolean;
  answeredMs: number;
  /** It sent us a query. */
  askedMs: number;
  failures: number;
}

interface Bucket {
  entries: Entry[];
  /** The freshest last. */
  spares: Entry[];
  /** Since then nobody of it has answered or come in. */
  changedMs: number;
  /** Nodes for it were looked for: if it has room still, there are no more. */
  isSought: boolean;
}

export class RoutingTable {
  readonly id: NodeId;
  readonly #buckets: Bucket[];
  readonly #byHost = new Map<string, Entry>();

  constructor(id: NodeId, nowMs: number) {
    this.id = id;
    this.#buckets = [{ entries: [], spares: [], changedMs: nowMs, isSought: false }];
  }

  get size(): number {
    return this.#byHost.size;
  }

  /** It has answered. @returns who should be asked whether it is still there, so that this one may have its place. */
  answered(contact: Contact, nowMs: number): Contact | undefined {
    const bucket = this.#bucketOf(contact.id);
    const known = this.#byHost.get(hostOf(contact.endpoint));
    if (known !== undefined) {
      if (isSame(known, contact)) {
        known.answeredMs = nowMs;
        known.failures = 0;
        bucket.changedMs = nowMs;
        return undefined;
      }
      // It calls itself otherwise now, or another has taken its place at this address.
      const isReplaced = isSameEndpoint(known, contact) || standingOf(known, nowMs) === "bad";
      if (!isReplaced) return undefined;
      this.#remove(known);
    }
    if (compareDistance(this.id, contact.id, this.id) === 0) return undefined;
    const namesake = bucket.entries.find(({ id }) => compareDistance(contact.id, id, contact.id) === 0);
    if (namesake !== undefined) {
      // Nobody takes another's id while that one answers.
      if (standingOf(namesake, nowMs) !== "bad") return undefined;
      this.#remove(namesake);
    }
    return this.#enter(newEntry(contact, nowMs), nowMs);
  }

  /** It has left a query unanswered. */
  silent(contact: Contact, nowMs: number): void {
    const entry = this.#find(contact);
    if (entry === undefined) return;
    entry.failures++;
    if (standingOf(entry, nowMs) === "bad") this.#moveUp(entry, nowMs);
  }

  /** It has sent us a query. */
  asked(contact: Contact, nowMs: number): void {
    const entry = this.#find(contact);
    if (entry !== undefined) entry.askedMs = nowMs;
  }

  /** Whether an answer would make it good: one that we do not know and have room for, or that has been silent. */
  isWorthAsking(contact: Contact, nowMs: number): boolean {
    const known = this.#byHost.get(hostOf(contact.endpoint));
    if (known !== undefined) return isSame(known, contact) && known.failures > 0;
    const shared = sharedBits(this.id, contact.id);
    if (shared === idBits) return false;
    const { entries } = this.#bucketOf(contact.id);
    const isSplit = shared >= this.#buckets.length - 1;
    return entries.length < bucketSize || isSplit || entries.some((entry) => standingOf(entry, nowMs) === "bad");
  }

  /** The closest to a target, closest first. @param least the worst that will do. Default: any. */
  closest(target: NodeId, count: number, nowMs: number, least: Standing = "bad"): readonly Contact[] {
    const best: Entry[] = [];
    for (const entry of this.#byHost.values()) {
      const standing = standingOf(entry, nowMs);
      if (least !== "bad" && standing !== "good" && standing !== least) continue;
      let at = best.length;
      while (at > 0 && compareDistance(target, entry.id, best[at - 1]?.id ?? entry.id) < 0) at--;
      if (at >= count) continue;
      best.splice(at, 0, entry);
      if (best.length > count) best.pop();
    }
    return best;
  }

  /**
   * To begin a lookup with: the closest, whatever they are, since silence may have been our own fault; and the closest of those
   * that may be there, and that are. Where a whole bucket has gone, as while the machine slept, nobody else would ever be asked.
   */
  startsFor(target: NodeId, nowMs: number): readonly Contact[] {
    const closest = this.closest(target, 2 * bucketSize, nowMs);
    const there = (["questionable", "good"] as const).flatMap((least) =>
      this.closest(target, bucketSize, nowMs, least),
    );
    return [...new Set([...closest, ...there])];
  }

  counts(nowMs: number): Readonly<Record<Standing, number>> {
    const counts = { good: 0, questionable: 0, bad: 0 };
    for (const entry of this.#byHost.values()) counts[standingOf(entry, nowMs)]++;
    return counts;
  }

  /** Who has been silent longest of those that may still be there. */
  stalest(nowMs: number): Contact | undefined {
    let stalest: Entry | undefined;
    for (const entry of this.#byHost.values()) {
      if (standingOf(entry, nowMs) !== "questionable") continue;
      if (stalest === undefined || lastSeenMs(entry) < lastSeenMs(stalest)) stalest = entry;
    }
    return stalest;
  }

  /**
   * An id to look for, so that a bucket in which nothing has happened for 15 minutes, or which has room and was never
   * looked for, is filled. The bucket counts as refreshed from now on.
   */
  staleTarget(random: Random, nowMs: number): NodeId | undefined {
    const last = this.#buckets.length - 1;
    const isStale = ({ changedMs, entries, isSought }: Bucket, index: number): boolean =>
      nowMs - changedMs >= goodForMs || (!isSought && index < last && entries.length < bucketSize);
    const index = this.#buckets.findIndex(isStale);
    const bucket = this.#buckets[index];
    if (bucket === undefined) return undefined;
    bucket.changedMs = nowMs;
    bucket.isSought = true;
    return randomIdSharing(random, this.id, Math.min(index, idBits - 1));
  }

  /** What they left unanswered was not their fault: we were out of reach. */
  forgive(): void {
    for (const entry of this.#byHost.values()) entry.failures = 0;
  }

  /** Those that were there last first. */
  contacts(): readonly Contact[] {
    return [...this.#byHost.values()].sort((a, b) => lastSeenMs(b) - lastSeenMs(a));
  }

  /** The same nodes as another id sees them. */
  rehomed(id: NodeId, nowMs: number): RoutingTable {
    const table = new RoutingTable(id, nowMs);
    for (const entry of this.#byHost.values()) {
      if (compareDistance(id, entry.id, id) !== 0) table.#enter({ ...entry }, nowMs);
    }
    return table;
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #bucketOf(id: NodeId): Bucket {
    const index = Math.min(sharedBits(this.id, id), this.#buckets.length - 1);
    return this.#buckets[index] as Bucket;
  }

  #find(contact: Contact): Entry | undefined {
    const entry = this.#byHost.get(hostOf(contact.endpoint));
    return entry !== undefined && isSame(entry, contact) ? entry : undefined;
  }

  #enter(entry: Entry, nowMs: number): Contact | undefined {
    for (;;) {
      const bucket = this.#bucketOf(entry.id);
      const { entries } = bucket;
      if (entries.length < bucketSize) {
        this.#place(bucket, entry, nowMs);
        return undefined;
      }
      const bad = entries.find((each) => standingOf(each, nowMs) === "bad");
      const replaced = bad ?? (entry.isSecure ? entries.find(({ isSecure }) => !isSecure) : undefined);
      if (replaced !== undefined) {
        this.#remove(replaced);
        this.#place(bucket, entry, nowMs);
        return undefined;
      }
      if (bucket === this.#buckets.at(-1) && this.#buckets.length < idBits) {
        this.#split(bucket);
        continue;
      }
      bucket.spares = [...bucket.spares.filter((spare) => !isSameEndpoint(spare, entry)), entry].slice(-sparesMax);
      const doubtful = entries.filter((each) => standingOf(each, nowMs) === "questionable");
      return doubtful.sort((a, b) => lastSeenMs(a) - lastSeenMs(b))[0];
    }
  }

  #place(bucket: Bucket, entry: Entry, nowMs: number): void {
    bucket.entries.push(entry);
    bucket.changedMs = nowMs;
    this.#byHost.set(hostOf(entry.endpoint), entry);
  }

  #remove(entry: Entry): void {
    const { entries } = this.#bucketOf(entry.id);
    const at = entries.indexOf(entry);
    if (at >= 0) entries.splice(at, 1);
    this.#byHost.delete(hostOf(entry.endpoint));
  }

  /** A spare takes the place of one that has gone. Where there is none it stays: it may come back. */
  #moveUp(gone: Entry, nowMs: number): void {
    const bucket = this.#bucketOf(gone.id);
    for (let spare = bucket.spares.pop(); spare !== undefined; spare = bucket.spares.pop()) {
      if (this.#byHost.has(hostOf(spare.endpoint))) continue;
      this.#remove(gone);
      this.#place(bucket, spare, nowMs);
      return;
    }
  }

  #split(last: Bucket): void {
    const depth = this.#buckets.length - 1;
    const isDeeper = ({ id }: Contact): boolean => sharedBits(this.id, id) > depth;
    this.#buckets.push({
      entries: last.entries.filter(isDeeper),
      spares: last.spares.filter(isDeeper),
      changedMs: last.changedMs,
      isSought: false,
    });
    last.entries = last.entries.filter((entry) => !isDeeper(entry));
    last.spares = last.spares.filter((entry) => !isDeeper(entry));
  }
}

function newEntry({ id, endpoint }: Contact, nowMs: number): Entry {
  const isSecure = isSecureId(id, endpoint.address);
  return { id, endpoint, isSecure, answeredMs: nowMs, askedMs: Number.NEGATIVE_INFINITY, failures: 0 };
}

function lastSeenMs({ answeredMs, askedMs }: Entry): number {
  return Math.max(answeredMs, askedMs);
}

/** All that are in the table have answered once; since then it counts that they ask, too (BEP 5). */
function standingOf(entry: Entry, nowMs: number): Standing {
  if (entry.failures >= badFailures) return "bad";
  return entry.failures === 0 && nowMs - lastSeenMs(entry) < goodForMs ? "good" : "questionable";
}

function isSame(a: Contact, b: Contact): boolean {
  return isSameEndpoint(a, b) && compareDistance(a.id, b.id, a.id) === 0;
}

function isSameEndpoint({ endpoint: a }: Contact, { endpoint: b }: Contact): boolean {
  return a.port === b.port && a.address === b.address;
}

/** What gets one place: an address, for IPv6 a network; on loopback, where one address is many programs, an endpoint. */
export function hostOf(endpoint: Endpoint): string {
  return localityOf(endpoint.address) === "loopback" ? formatEndpoint(endpoint) : networkOf(endpoint.address);
}
