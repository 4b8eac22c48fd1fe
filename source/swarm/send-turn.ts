/**
 * Sending is the work of which there is most, and a hundred neighbours may ask for megabytes at once. So that everything
 * else has its turn, only so much is sent before the event loop has gone round; who is not served then is served in the
 * next turn, in the order in which they came.
 */
import type { Clock } from "../ports/clock.ts";

/** Bytes: some three milliseconds of work. */
const turnBytes = 4 * 1024 * 1024;
/** Where nothing was sent for so long, the event loop has gone round. */
const pauseMs = 5;

export class SendTurn {
  readonly #clock: Clock;
  #leftBytes = turnBytes;
  #lastMs = 0;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nobody is to send more in this turn. */
  get isOver(): boolean {
    if (this.#leftBytes <= 0) this.#seePause(this.#clock.nowMs());
    return this.#leftBytes <= 0;
  }

  /** So much was sent. */
  sent(bytes: number): void {
    const now = this.#clock.nowMs();
    this.#seePause(now);
    this.#leftBytes -= bytes;
    this.#lastMs = now;
  }

  /** @param goOn is called in the next turn, once. */
  await(goOn: () => void): void {
    if (this.#waiting.push(goOn) === 1) this.#clock.after(0, this.#next);
  }

  #seePause(nowMs: number): void {
    if (nowMs - this.#lastMs >= pauseMs && this.#waiting.length === 0) this.#leftBytes = turnBytes;
  }

  readonly #next = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#leftBytes = turnBytes;
    let at = 0;
    try {
      while (at < waiting.length && this.#leftBytes > 0) waiting[at++]?.();
    } finally {
      // Also where one throws, which is nothing to the others.
      this.#putBack(waiting.slice(at));
    }
  };

  /** Before those who stood in line in this turn; whoever is among these has the clock's call already. */
  #putBack(rest: (() => void)[]): void {
    if (rest.length === 0) return;
    if (this.#waiting.length === 0) this.#clock.after(0, this.#next);
    this.#waiting = [...rest, ...this.#waiting];
  }
}
