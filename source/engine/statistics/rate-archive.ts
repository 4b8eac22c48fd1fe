/**
 * How much was downloaded and uploaded over hours, a week and a month, by each torrent and by all together; kept over
 * restarts in one record that is at most five minutes old. Times in which the engine did not run are known as such.
 *
 * A torrent costs nothing before its first byte, then 10 kB; of more than a thousand, those that were still for longest
 * are forgotten.
 */
import { fieldsOf, listOf, naturalOf, textOf } from "../../base/json-fields.ts";
import type { Clock } from "../../ports/clock.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../profile/profile-record.ts";
import { RateHistory } from "./rate-history.ts";
import {
  bucketAt,
  lastBucketOf,
  type PackedRing,
  type RingSpan,
  Rings,
  ringSpanNames,
  ringSpans,
} from "./rate-rings.ts";

const saveMs = 300_000;
/** So long a record that is ahead of the clock is not replaced. */
const aheadMs = 3_600_000;
/** Between two ticks more cannot have been seen: the machine slept. */
const tickMaxMs = 5000;
const shortestSpan: RingSpan = "3h";
export const archivedTorrentsMax = 1000;

/** What counts bytes. */
export interface CountedTorrent {
  readonly infoHash: string;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
}

/** Means over each bucket, bytes per second, oldest first; `null` where the engine did not run. */
export interface ArchivedRates {
  readonly stepSeconds: number;
  /** When the last bucket begins. */
  readonly newestWallMs: number;
  readonly down: readonly (number | null)[];
  readonly up: readonly (number | null)[];
}

/** Of a torrent: the bytes that were seen, and those of them that wait to be booked. */
class Counted {
  readonly infoHash: string;
  seenDown: number;
  seenUp: number;
  down = 0;
  up = 0;

  constructor({ infoHash, downloadedBytes, uploadedBytes }: CountedTorrent) {
    this.infoHash = infoHash;
    this.seenDown = downloadedBytes;
    this.seenUp = uploadedBytes;
  }
}

class Traffic {
  readonly down = new Rings();
  readonly up = new Rings();
  /** As in the record, while nothing has changed since. */
  packed: PackedTraffic | undefined;
}

type PackedRings = Readonly<Record<RingSpan, PackedRing | null>>;
interface PackedTraffic {
  readonly down: PackedRings;
  readonly up: PackedRings;
}
interface ArchiveRecord {
  /** Seconds that the engine ran. */
  readonly ran: PackedRings;
  readonly session: PackedTraffic;
  /** Those that were still for longest first. */
  readonly torrents: Readonly<Record<string, PackedTraffic>>;
}

const recordKind: RecordKind<ArchiveRecord> = {
  name: "graphs",
  what: "the graphs of earlier runs",
  version: 1,
  lengthMax: 32_000_000,
  read: readRecord,
};

export class RateArchive {
  /** A second each, for five minutes. */
  readonly downHistory = new RateHistory();
  readonly upHistory = new RateHistory();
  readonly #clock: Clock;
  readonly #record: ProfileRecord<ArchiveRecord>;
  readonly #ran = new Rings();
  readonly #session = new Traffic();
  /** In the order of their last bytes. */
  readonly #torrents = new Map<string, Traffic>();
  readonly #counted = new WeakMap<CountedTorrent, Counted>();
  /** What was seen since the newest bucket began, and is booked when the next one begins or somebody looks. */
  readonly #waiting = new Set<Counted>();
  readonly #sessionWaiting = { down: 0, up: 0 };
  #ranWaitingSeconds = 0;
  readonly #newest: Record<RingSpan, number>;
  #tickMs: number;
  #savedMs: number;
  /** Of earlier runs, where the clock is behind them: on a machine whose clock stands still without power it will soon be set. */
  #ahead: ArchiveRecord | undefined;
  readonly #startedMs: number;

  constructor(clock: Clock, place: RecordPlace | undefined) {
    this.#clock = clock;
    this.#record = new ProfileRecord(place, recordKind);
    const wallMs = clock.wallMs();
    this.#newest = { "3h": bucketAt("3h", wallMs), week: bucketAt("week", wallMs), month: bucketAt("month", wallMs) };
    this.#tickMs = clock.nowMs();
    this.#savedMs = this.#tickMs;
    this.#startedMs = this.#tickMs;
  }

  async restore(): Promise<void> {
    await this.#record.load((record) => {
      if (this.#isAhead(record)) this.#ahead = record;
      else this.#unpackAll(record);
    });
  }

  /** About once a second. @param onFailure of the record, which is tried again in five minutes. */
  tick(torrents: Iterable<CountedTorrent>, onFailure: (error: unknown) => void): void {
    const now = this.#clock.nowMs();
    const passedMs = now - this.#tickMs;
    this.#tickMs = now;
    this.#turnAll(this.#clock.wallMs());
    this.#catchUp(now);
    this.#ranWaitingSeconds += Math.min(passedMs, tickMaxMs) / 1000;
    let down = 0;
    let up = 0;
    for (const torrent of torrents) {
      const counted = this.#countedOf(torrent);
      const movedDown = torrent.downloadedBytes - counted.seenDown;
      const movedUp = torrent.uploadedBytes - counted.seenUp;
      if (movedDown === 0 && movedUp === 0) continue;
      counted.seenDown += movedDown;
      counted.seenUp += movedUp;
      counted.down += movedDown;
      counted.up += movedUp;
      this.#waiting.add(counted);
      down += movedDown;
      up += movedUp;
    }
    this.#sessionWaiting.down += down;
    this.#sessionWaiting.up += up;
    const seconds = Math.max(0.001, passedMs / 1000);
    this.downHistory.add(down / seconds);
    this.upHistory.add(up / seconds);
    if (now - this.#savedMs >= saveMs) this.save().catch(onFailure);
  }

  /** @param infoHash `null`: all together. */
  rates(infoHash: string | null, span: RingSpan): ArchivedRates {
    this.#bookAll();
    const traffic = infoHash === null ? this.#session : this.#torrents.get(infoHash);
    const { stepSeconds, steps } = ringSpans[span];
    const newest = this.#newest[span];
    const values = (rings: Rings | undefined): (number | null)[] =>
      Array.from({ length: steps }, (_, i) => {
        const bucket = newest - steps + 1 + i;
        const seconds = this.#ran.of(span, bucket);
        return seconds === 0 ? null : Math.round((rings?.of(span, bucket) ?? 0) / Math.max(1, seconds));
      });
    return {
      stepSeconds,
      newestWallMs: newest * stepSeconds * 1000,
      down: values(traffic?.down),
      up: values(traffic?.up),
    };
  }

  forget(infoHash: string): void {
    this.#torrents.delete(infoHash);
    for (const counted of this.#waiting) if (counted.infoHash === infoHash) this.#waiting.delete(counted);
  }

  save(): Promise<void> {
    this.#savedMs = this.#clock.nowMs();
    return this.#ahead === undefined ? this.#record.save(() => this.#packed()) : Promise.resolve();
  }

  #packed(): ArchiveRecord {
    // Found only now.
    if (this.#ahead !== undefined) return this.#ahead;
    this.#bookAll();
    const torrents: Record<string, PackedTraffic> = {};
    for (const [infoHash, traffic] of this.#torrents) {
      traffic.packed ??= this.#pack(traffic);
      torrents[infoHash] = traffic.packed;
    }
    return { ran: this.#packRings(this.#ran), session: this.#pack(this.#session), torrents };
  }

  #countedOf(torrent: CountedTorrent): Counted {
    const known = this.#counted.get(torrent);
    if (known !== undefined) return known;
    const counted = new Counted(torrent);
    this.#counted.set(torrent, counted);
    return counted;
  }

  #bookAll(): void {
    for (const span of ringSpanNames) this.#ran.add(span, this.#newest[span], this.#ranWaitingSeconds);
    this.#ranWaitingSeconds = 0;
    for (const counted of this.#waiting) {
      this.#book(this.#trafficOf(counted.infoHash), counted);
      counted.down = 0;
      counted.up = 0;
    }
    this.#waiting.clear();
    if (this.#sessionWaiting.down + this.#sessionWaiting.up > 0) this.#book(this.#session, this.#sessionWaiting);
    this.#sessionWaiting.down = 0;
    this.#sessionWaiting.up = 0;
  }

  #trafficOf(infoHash: string): Traffic {
    const traffic = this.#torrents.get(infoHash) ?? new Traffic();
    this.#torrents.delete(infoHash);
    this.#torrents.set(infoHash, traffic);
    for (const stillest of this.#torrents.keys()) {
      if (this.#torrents.size <= archivedTorrentsMax) break;
      this.#torrents.delete(stillest);
    }
    return traffic;
  }

  #book(traffic: Traffic, moved: { readonly down: number; readonly up: number }): void {
    traffic.packed = undefined;
    for (const span of ringSpanNames) {
      if (moved.down > 0) traffic.down.add(span, this.#newest[span], moved.down);
      if (moved.up > 0) traffic.up.add(span, this.#newest[span], moved.up);
    }
  }

  #turnAll(wallMs: number): void {
    // The other spans' buckets begin when one of the shortest does.
    if (bucketAt(shortestSpan, wallMs) === this.#newest[shortestSpan]) return;
    this.#bookAll();
    for (const span of ringSpanNames) this.#turn(span, bucketAt(span, wallMs));
  }

  /** It is another bucket's time. Where the clock was set back, what would be in the future goes. */
  #turn(span: RingSpan, bucket: number): void {
    const newest = this.#newest[span];
    if (bucket === newest) return;
    const first = Math.min(bucket, newest) + 1;
    const last = Math.max(bucket, newest);
    const all = [this.#session, ...this.#torrents.values()].flatMap(({ down, up }) => [down, up]);
    for (const rings of [this.#ran, ...all]) rings.clear(span, first, last);
    this.#newest[span] = bucket;
  }

  #isAhead({ ran }: ArchiveRecord): boolean {
    const ring = ran[shortestSpan];
    return ring !== null && lastBucketOf(ring) > this.#newest[shortestSpan];
  }

  /** The clock may have been set: what was ahead of it is not any more. What still is after an hour was of a wrong clock. */
  #catchUp(nowMs: number): void {
    const ahead = this.#ahead;
    if (ahead === undefined || (this.#isAhead(ahead) && nowMs - this.#startedMs < aheadMs)) return;
    this.#ahead = undefined;
    this.#unpackAll(ahead);
  }

  #pack({ down, up }: Traffic): PackedTraffic {
    return { down: this.#packRings(down), up: this.#packRings(up) };
  }

  #packRings(rings: Rings): PackedRings {
    const pack = (span: RingSpan) => rings.pack(span, this.#newest[span]);
    return { "3h": pack("3h"), week: pack("week"), month: pack("month") };
  }

  #unpackAll(record: ArchiveRecord): void {
    this.#unpack(this.#ran, record.ran);
    this.#unpackTraffic(this.#session, record.session);
    for (const [infoHash, packed] of Object.entries(record.torrents)) {
      const traffic = this.#torrents.get(infoHash) ?? new Traffic();
      this.#unpackTraffic(traffic, packed);
      traffic.packed = undefined;
      this.#torrents.set(infoHash, traffic);
    }
  }

  #unpackTraffic({ down, up }: Traffic, packed: PackedTraffic): void {
    this.#unpack(down, packed.down);
    this.#unpack(up, packed.up);
  }

  #unpack(rings: Rings, packed: PackedRings): void {
    for (const span of ringSpanNames) {
      const ring = packed[span];
      if (ring !== null) rings.unpack(span, this.#newest[span], ring);
    }
  }
}

function readRecord(value: unknown): ArchiveRecord {
  const { ran, session, torrents } = fieldsOf<ArchiveRecord>(value);
  return {
    ran: readRings(ran),
    session: readTraffic(session),
    torrents: Object.fromEntries(
      Object.entries(fieldsOf<Record<string, unknown>>(torrents))
        .slice(-archivedTorrentsMax)
        .map(([infoHash, traffic]) => [infoHash, readTraffic(traffic)]),
    ),
  };
}

function readTraffic(value: unknown): PackedTraffic {
  const { down, up } = fieldsOf<PackedTraffic>(value);
  return { down: readRings(down), up: readRings(up) };
}

function readRings(value: unknown): PackedRings {
  const rings = fieldsOf<PackedRings>(value);
  return { "3h": readRing(rings["3h"]), week: readRing(rings.week), month: readRing(rings.month) };
}

function readRing(value: unknown): PackedRing | null {
  if (value === null) return null;
  const [first, codes] = listOf(value);
  const text = textOf(codes);
  // Throws where it is not base64.
  atob(text);
  return [naturalOf(first), text];
}
