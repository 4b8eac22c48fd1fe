/**
 * How many blocks a neighbour is asked for at once, and what is on its way. The window holds what the line carries
 * while an answer travels: it starts at four blocks, doubles each round trip while that makes the neighbour faster (slow
 * start), and then follows rate × (half a second + twice the shortest answer time), but never more than three seconds of
 * the rate. Without that bound a slow line's own queue looks like a long path, and the window feeds on itself: peers of a
 * swarm with 4 KB/s a slot had asked each other for minutes of blocks, so that half of a torrent was promised by neighbours
 * that did not send it, and 5 % of all that was sent came twice (`p2p-tui sim lecture`).
 *
 * Of the half second no more than 8 MiB are asked for: where a line is that fast, a longer queue makes nobody faster, and some
 * seeds pay for it. rTorrent looks through all of it with each new request: with 2,000 in place of 500 it took 1.2 to 1.4 times
 * the processor time for the same gigabyte, and a download over loopback was 5 % slower.
 */
import { blockLength } from "../metainfo/geometry.ts";
import type { ActivePiece } from "./block-ledger.ts";
import { RequestList } from "./request-list.ts";

const windowStart = 4;
/** One that is being sent and one that waits: keeps a slow neighbour busy without holding blocks from others. */
const windowMin = 2;
/** Beyond this the queue is longer than any path: 64 MiB on its way. Also the most that libtorrent's seeds take. */
const windowMax = 2000;
/** What a neighbour takes that does not say (BEP 10 `reqq`): the lowest default among the clients in use. */
const reqqDefault = 250;
const queueTimeMs = 500;
const queueTimeMaxMs = 3000;
/** So much may wait at the neighbour besides what is on the line: 512 blocks. */
const queueBytesMax = 8 * 1024 * 1024;
/** A neighbour that unchoked us, is asked, and sends nothing for so long is snubbed (BEP 3 clients use 60 s). */
const snubMs = 60_000;
/** Sooner where it has never sent anything: somebody else may be better placed. */
const firstBlockMs = 30_000;

export interface OutstandingRequest {
  /** Of its block, as in `BlockLedger.keyOf`. */
  readonly key: number;
  readonly active: ActivePiece;
  readonly block: number;
  readonly sentMs: number;
  /** It was given up, and nobody counts on this neighbour for it any more. */
  readonly isLate: boolean;
}

/** For who was never asked for anything: most neighbours of a large swarm. Never written to. */
const noRequests = new RequestList();
const noneLate = new Map<number, OutstandingRequest>();

export class RequestPipeline {
  #requests = noRequests;
  /**
   * What we gave up (snubbed, choked, cancelled) and may yet come, at most `windowMax`: a slow line delivers what it was
   * asked for long ago, and that is as good as any other block.
   */
  #late = noneLate;
  #window = windowStart;
  #reqq = reqqDefault;
  #isSlowStart = true;
  /** Bytes per second, as last taken; NaN before. No whole number even then: a field that becomes a fraction voids what V8 compiled. */
  #lastRate = Number.NaN;
  /** What came since the rate was last taken, and when that was: a slow line is looked at less often than each second. */
  #bytesSince = 0;
  #sinceMs: number;
  /** Shortest answer time seen lately; forgotten slowly, since paths change. */
  #shortestMs = Number.POSITIVE_INFINITY;
  #smoothedMs: number | undefined;
  /** When the neighbour last sent a block, or had its first request after being idle. */
  #aliveMs: number;
  #hasSent = false;
  isSnubbed = false;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#aliveMs = nowMs;
  }

  get window(): number {
    return Math.min(this.#window, this.#reqq, windowMax);
  }

  /** It would be larger if the neighbour, or we, took more at once. */
  get isCapped(): boolean {
    return this.#window >= Math.min(this.#reqq, windowMax);
  }

  get outstanding(): number {
    return this.#requests.size;
  }

  /** Nothing is asked for, and what came is taken into account: a tick would change nothing. */
  get isStill(): boolean {
    return this.#requests.size === 0 && this.#bytesSince === 0;
  }

  /** Smoothed time from request to block, `undefined` before the first. */
  get roundTripMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** How many more requests may go out now. A snubbed neighbour is probed with one. */
  get room(): number {
    return this.isSnubbed ? Math.max(0, 1 - this.#requests.size) : Math.max(0, this.window - this.#requests.size);
  }

  /** Requests that it would still take where we do not mind a longer queue. */
  get urgentRoom(): number {
    return this.isSnubbed ? 0 : Math.max(0, Math.min(this.#reqq, windowMax) - this.#requests.size);
  }

  /** What the neighbour says it queues (BEP 10). */
  setReqq(reqq: number): void {
    this.#reqq = Math.max(1, reqq);
  }

  has(key: number): boolean {
    return this.#requests.has(key);
  }

  sent(key: number, active: ActivePiece, block: number, nowMs: number): void {
    if (this.#requests.size === 0) {
      this.#aliveMs = nowMs;
      if (this.#bytesSince === 0) this.#sinceMs = nowMs;
    }
    if (this.#requests === noRequests) this.#requests = new RequestList();
    this.#requests.add({ key, active, block, sentMs: nowMs, isLate: false });
  }

  /** The block came. @returns the request it answers, late or not, `undefined` if it was not asked for. */
  answered(key: number, bytes: number, nowMs: number): OutstandingRequest | undefined {
    const request = this.#requests.take(key) ?? this.#takeLate(key);
    if (request === undefined) return undefined;
    const tookMs = nowMs - request.sentMs;
    this.#shortestMs = Math.min(this.#shortestMs, tookMs);
    this.#smoothedMs = this.#smoothedMs === undefined ? tookMs : this.#smoothedMs + (tookMs - this.#smoothedMs) / 8;
    this.#aliveMs = nowMs;
    this.#hasSent = true;
    this.isSnubbed = false;
    this.#bytesSince += bytes;
    if (this.#isSlowStart && this.#window < windowMax && !this.#isQueueFull(tookMs)) this.#window++;
    return request;
  }

  /** The request will not be answered. @returns it, `undefined` if there is none or it was given up before. */
  rejected(key: number): OutstandingRequest | undefined {
    this.#late.delete(key);
    return this.#requests.take(key);
  }

  /** We have the block from elsewhere; it may come all the same. @returns whether it was asked for. */
  cancelled(key: number): boolean {
    const request = this.#requests.take(key);
    if (request === undefined) return false;
    this.#giveUp(request);
    return true;
  }

  /** What is asked for now. */
  all(): OutstandingRequest[] {
    return this.#requests.all();
  }

  /** What is asked for of one piece. */
  of(active: ActivePiece): OutstandingRequest[] {
    return this.#requests.all().filter((request) => request.active === active);
  }

  /** All requests are void: choked, snubbed or disconnected. */
  takeAll(): OutstandingRequest[] {
    const all = this.#requests.all();
    for (const request of all) this.#giveUp(request);
    if (all.length > 0) this.#requests.clear();
    return all;
  }

  #takeLate(key: number): OutstandingRequest | undefined {
    const request = this.#late.get(key);
    this.#late.delete(key);
    return request;
  }

  #giveUp(request: OutstandingRequest): void {
    if (this.#late === noneLate) this.#late = new Map();
    this.#late.delete(request.key);
    this.#late.set(request.key, { ...request, isLate: true });
    for (const oldest of this.#late.keys()) {
      if (this.#late.size <= windowMax) break;
      this.#late.delete(oldest);
    }
  }

  /** We do not read what it sends: it cannot be blamed for being late. */
  heldUp(nowMs: number): void {
    this.#aliveMs = nowMs;
    // Nor is a wider window of use.
    this.#isSlowStart = false;
  }

  /**
   * About once a second: sizes the window. @returns true when what is asked of the neighbour is to be given up: it has
   * just become snubbed, or being so has not answered a probe either.
   */
  tick(nowMs: number): boolean {
    const seconds = (nowMs - this.#sinceMs) / 1000;
    // A window can only be judged by a rate it limited: idle seconds say nothing, nor do those between two blocks.
    if (seconds >= 0.5 && this.#bytesSince > 0) {
      const rate = this.#bytesSince / seconds;
      if (this.#isSlowStart && rate < this.#lastRate * 1.1) this.#isSlowStart = false;
      if (!this.#isSlowStart) this.#follow(Math.max(rate, (this.#lastRate || 0) * 0.8));
      this.#lastRate = rate;
      this.#bytesSince = 0;
      this.#sinceMs = nowMs;
      this.#shortestMs *= 1.02;
    }
    const limitMs = this.#hasSent ? snubMs : firstBlockMs;
    if (this.#requests.size > 0 && nowMs - this.#aliveMs > limitMs) {
      this.isSnubbed = true;
      this.#window = windowMin;
      this.#isSlowStart = false;
      return true;
    }
    return false;
  }

  /** Of what is asked for, the part waits that an answer takes longer than the path does. */
  #isQueueFull(tookMs: number): boolean {
    return this.#window * blockLength * (tookMs - this.#shortestMs) > queueBytesMax * tookMs;
  }

  #follow(rate: number): void {
    const answerMs = Number.isFinite(this.#shortestMs) ? this.#shortestMs : 0;
    const waiting = Math.min((rate * queueTimeMs) / 1000, queueBytesMax);
    const bytes = Math.min(waiting + (rate * 2 * answerMs) / 1000, (rate * queueTimeMaxMs) / 1000);
    this.#window = Math.min(windowMax, Math.max(windowMin, Math.ceil(bytes / blockLength)));
  }
}
