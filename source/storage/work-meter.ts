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

/** What was hashed is booked when it comes to so much: a block takes some microseconds, and booking must not take as long. */
const bookedMs = 5;

export class WorkMeter {
  readonly #clock: Pick<Clock, "nowMs">;
  /** Milliseconds in each second. */
  readonly #hashing = new RateMeter();
  readonly #writing = new RateMeter();
  /** Not booked yet. */
  #hashedMs = 0;

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  get shares(): WorkShares {
    const nowMs = this.#clock.nowMs();
    this.#bookHashing(nowMs);
    const share = (meter: RateMeter): number => Math.min(1, meter.rate(nowMs) / 1000);
    return { hashing: share(this.#hashing), writing: share(this.#writing) };
  }

  /** The thread has written from then until now. */
  wrote(fromMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#writing.add(nowMs - fromMs, nowMs);
  }

  /** The thread has hashed from then until now. */
  hashed(fromMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#hashedMs += nowMs - fromMs;
    if (this.#hashedMs >= bookedMs) this.#bookHashing(nowMs);
  }

  /** The same hasher, whose time is booked. */
  metered(hasher: Hasher): Hasher {
    return {
      begin: () => new MeteredHash(hasher.begin(), this.#clock, this),
      sha1: (bytes) => {
        const fromMs = this.#clock.nowMs();
        const digest = hasher.sha1(bytes);
        this.hashed(fromMs);
        return digest;
      },
    };
  }

  #bookHashing(nowMs: number): void {
    if (this.#hashedMs === 0) return;
    this.#hashing.add(this.#hashedMs, nowMs);
    this.#hashedMs = 0;
  }
}

class MeteredHash implements RunningHash {
  readonly #hash: RunningHash;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #meter: WorkMeter;

  constructor(hash: RunningHash, clock: Pick<Clock, "nowMs">, meter: WorkMeter) {
    this.#hash = hash;
    this.#clock = clock;
    this.#meter = meter;
  }

  update(bytes: Uint8Array): void {
    const fromMs = this.#clock.nowMs();
    this.#hash.update(bytes);
    this.#meter.hashed(fromMs);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }
}
