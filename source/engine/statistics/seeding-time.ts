/** How long a torrent has been an active seed, and for how long of that nobody has taken anything. Kept over restarts. */
import type { Clock } from "../../ports/clock.ts";

export class SeedingTime {
  readonly #clock: Clock;
  #seconds: number;
  #idleSeconds: number;
  /** When it was last brought up to date; `undefined` while it does not seed. */
  #seenMs: number | undefined;
  #seenUploaded = 0;

  constructor(clock: Clock, seconds: number, idleSeconds: number) {
    this.#clock = clock;
    this.#seconds = seconds;
    this.#idleSeconds = idleSeconds;
  }

  /** As of the last `see`. */
  get seconds(): number {
    return this.#seconds;
  }

  get idleSeconds(): number {
    return this.#idleSeconds;
  }

  /** Brings it up to date: whenever it begins or ceases to seed, before it is read, and now and then in between. */
  see(isSeeding: boolean, uploadedBytes: number): void {
    const now = this.#clock.nowMs();
    if (this.#seenMs !== undefined) {
      const passed = (now - this.#seenMs) / 1000;
      this.#seconds += passed;
      this.#idleSeconds = uploadedBytes === this.#seenUploaded ? this.#idleSeconds + passed : 0;
    }
    this.#seenMs = isSeeding ? now : undefined;
    this.#seenUploaded = uploadedBytes;
  }
}
