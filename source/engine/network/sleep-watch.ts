/**
 * Notices that time passed in which we did not run: the machine slept, or the process was stopped. The monotonic clock
 * stands still in a sleep on most systems, so the wall clock runs ahead of it; where it does not stand still, we are asked late.
 * A wall clock that is set back says nothing; one that is set forward cannot be told from a sleep, and costs as much.
 */
import type { Clock } from "../../ports/clock.ts";

/** Less is a correction of the clock, or a busy machine. */
const sleepMinMs = 60_000;

export class SleepWatch {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #nowMs: number;
  #wallMs: number;

  /** @param everyMs how often it is asked. */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#nowMs = clock.nowMs();
    this.#wallMs = clock.wallMs();
  }

  /** @returns milliseconds slept since it was last asked; 0 for none. */
  look(): number {
    const passedMs = this.#clock.nowMs() - this.#nowMs;
    const wallPassedMs = this.#clock.wallMs() - this.#wallMs;
    this.#nowMs += passedMs;
    this.#wallMs += wallPassedMs;
    const sleptMs = Math.max(wallPassedMs - passedMs, passedMs - this.#everyMs);
    return sleptMs > sleepMinMs ? sleptMs : 0;
  }
}
