/**
 * How much of the engine's thread goes into hashing and into writing what is downloaded: of all torrents together, since they
 * share the thread.
 */
import { RateMeter } from "../base/rate-meter.ts";
import type { Clock } from "../ports/clock.ts";
import type { Hasher, RunningHash } from "../ports/hasher.ts";

/** Parts of the last ten seconds, 0 … 1. */
export interface WorkShares {
  readonly hashing: number;
  readonly writing: number;
}

export class WorkMeter {
  readonly #clock: Pick<Clock, "nowMs">;
  /** Milliseconds in each second. */
  readonly #hashing = new RateMeter();
  readonly #writing = new RateMeter();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  get shares(): WorkShares {
    const nowMs = this.#clock.nowMs();
    const share = (meter: RateMeter): number => Math.min(1, meter.rate(nowMs) / 1000);
    return { hashing: share(this.#hashing), writing: share(this.#writing) };
  }

  /** The thread has written from then until now. */
  wrote(fromMs: number): void {
    this.#book(this.#writing, fromMs);
  }

  /** The same hasher, whose time is booked. */
  metered(hasher: Hasher): Hasher {
    const clock = this.#clock;
    const book = (fromMs: number): void => this.#book(this.#hashing, fromMs);
    return {
      begin: () => new MeteredHash(hasher.begin(), clock, book),
      sha1: (bytes) => {
        const fromMs = clock.nowMs();
        const digest = hasher.sha1(bytes);
        book(fromMs);
        return digest;
      },
    };
  }

  #book(meter: RateMeter, fromMs: number): void {
    const nowMs = this.#clock.nowMs();
    meter.add(nowMs - fromMs, nowMs);
  }
}

class MeteredHash implements RunningHash {
  readonly #hash: RunningHash;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #book: (fromMs: number) => void;

  constructor(hash: RunningHash, clock: Pick<Clock, "nowMs">, book: (fromMs: number) => void) {
    this.#hash = hash;
    this.#clock = clock;
    this.#book = book;
  }

  update(bytes: Uint8Array): void {
    const fromMs = this.#clock.nowMs();
    this.#hash.update(bytes);
    this.#book(fromMs);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }
}
