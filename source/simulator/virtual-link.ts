/** A host's line to the network, and how its connections share what it carries upwards. */
import { blockLength } from "../metainfo/geometry.ts";
import type { VirtualClock, VirtualEvent } from "./virtual-clock.ts";
import type { VirtualConnection } from "./virtual-connection.ts";

export interface LinkOptions {
  /**
   * Bytes of payload per second, 0: none ever leaves. Only what is written in buffers of `freeLength` and more counts, so
   * that capacities are those of the content, as textbooks have them.
   */
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** Milliseconds to the middle of the network, one way. */
  readonly latencyMs: number;
  /** Up to so much more, at random, for each segment. */
  readonly jitterMs: number;
  /** Of all segments, 0 … 1. TCP repairs that: it costs time and speed, no bytes. */
  readonly lossRate: number;
  /** Whether others can connect to it; behind a NAT they can not. */
  readonly isReachable: boolean;
}

/** Below, bytes cost nothing: handshakes, requests, `have` and the headers of blocks. */
export const freeLength = 1024;
/** At most so much is sent at once before another connection has its turn: what is small, and one block. */
export const segmentMax = freeLength + blockLength;

/**
 * Deals the line out among the connections that have something to send, a segment each, in turn. Who says something
 * little and has nothing else under way need not wait: packets of others are short against the delays that matter here.
 */
export class Uplink implements VirtualEvent {
  readonly isCancelled = false;
  readonly #clock: VirtualClock;
  readonly #bytesPerMs: number;
  /** Those with something to send that may be sent now, in their order. */
  #waiting: VirtualConnection[] = [];
  #first = 0;
  #sending: VirtualConnection | undefined;
  /** Payload that has left. */
  sentBytes = 0;
  /** Milliseconds in which something was leaving. */
  busyMs = 0;

  constructor(clock: VirtualClock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** It has something to send. To be called once, until its turn has come. */
  enqueue(connection: VirtualConnection): void {
    this.#waiting.push(connection);
    if (this.#sending === undefined) this.#serveNext();
  }

  /** A segment has left. */
  fire(): boolean {
    const sent = this.#sending;
    this.#sending = undefined;
    const ran = sent?.segmentLeft() ?? false;
    if (this.#sending === undefined) this.#serveNext();
    return ran;
  }

  #serveNext(): void {
    for (;;) {
      const next = this.#waiting[this.#first];
      if (next === undefined) break;
      this.#first++;
      if (this.#first > 64 && this.#first * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#first);
        this.#first = 0;
      }
      const bytes = next.takeSegment();
      if (bytes === undefined) continue;
      const ms = bytes === 0 ? 0 : bytes / this.#bytesPerMs;
      // A line that carries nothing holds what was begun for ever.
      if (!Number.isFinite(ms)) continue;
      this.sentBytes += bytes;
      this.busyMs += ms;
      this.#sending = next;
      this.#clock.at(this.#clock.nowMs() + ms, this);
      return;
    }
    this.#waiting = [];
    this.#first = 0;
  }
}
