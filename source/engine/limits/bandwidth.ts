/**
 * A limit on bytes per second that many share. What is taken may overdraw by one item (a block, a read); who comes then
 * waits in line until the debt is paid, so that over a second or more the limit is exact and nobody is starved.
 */
import type { Clock, Timer } from "../../ports/clock.ts";

/**
 * Portions are given out at the multiples of this on the clock, and no oftener: forty in any second, which is then as exact as
 * the clock is. Each costs a wake-up or two of the process.
 */
const portionMs = 25;
/** A timer may come so much before its time, in the clock's fine measure. */
const earlyMs = 2;
/** Unused allowance is kept for a quarter of a second, so that a pause is not followed by a flood. */
const burstSeconds = 0.25;

/** What a transfer asks before and after it moves bytes. */
export interface RateLimit {
  /** @returns whether the bytes may go now. If not, wait with `wait` and ask again. */
  take(bytes: number): boolean;
  /** Books bytes that have come already. @returns whether more may be read now. */
  spend(bytes: number): boolean;
  /** Calls `again` once, when it is its turn. The same function waits once however often it is given. */
  wait(again: () => void): void;
  forget(again: () => void): void;
}

export class Bandwidth implements RateLimit {
  readonly #clock: Clock;
  #bytesPerSecond: number;
  #balance = 0;
  #filledMs: number;
  /** In the order they came; a waiter stands in line once. */
  readonly #waiting = new Set<() => void>();
  #timer: Timer | undefined;
  /** The multiple of `portionMs` whose portion was given out last. */
  #served = Number.NEGATIVE_INFINITY;
  #isServing = false;

  /** @param bytesPerSecond 0 means no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#filledMs = clock.nowMs();
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  setLimit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#balance = 0;
    this.#filledMs = this.#clock.nowMs();
    this.#serve();
  }

  /** Calls those in line, each in its turn. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Whether bytes may go now. @param hasTurn who asks has stood in line. */
  isOpen(hasTurn: boolean): boolean {
    if (this.#bytesPerSecond === 0) return true;
    this.#refill();
    // Nobody passes those who stand in line.
    return this.#balance > 0 && (this.#waiting.size === 0 || hasTurn);
  }

  take(bytes: number): boolean {
    if (this.#bytesPerSecond === 0) return true;
    if (!this.isOpen(this.#isServing)) return false;
    this.#balance -= bytes;
    return true;
  }

  spend(bytes: number): boolean {
    if (this.#bytesPerSecond === 0) return true;
    this.#refill();
    this.#balance -= bytes;
    // Given back: who waits need not wait as long.
    if (bytes < 0 && this.#timer !== undefined) {
      this.#timer.cancel();
      this.#timer = undefined;
      this.#serveLater();
    }
    return this.#balance > 0;
  }

  wait(again: () => void): void {
    this.#waiting.add(again);
    this.#serveLater();
  }

  forget(again: () => void): void {
    this.#waiting.delete(again);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #refill(): void {
    const now = this.#clock.nowMs();
    const earned = ((now - this.#filledMs) / 1000) * this.#bytesPerSecond;
    this.#balance = Math.min(this.#balance + earned, this.#bytesPerSecond * burstSeconds);
    this.#filledMs = now;
  }

  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#refill();
    this.#served = Math.floor((this.#clock.nowMs() + earlyMs) / portionMs);
    this.#isServing = true;
    try {
      // One turn each; who still has work stands in line again, behind the others.
      for (const again of [...this.#waiting]) {
        if (this.#bytesPerSecond > 0 && this.#balance <= 0) break;
        // Another one's turn may have ended this one's wait.
        if (this.#waiting.delete(again)) again();
      }
    } finally {
      this.#isServing = false;
      if (this.#waiting.size > 0) this.#serveLater();
    }
  }

  /** When the debt is paid: at a low rate a block takes its time, and nobody is woken in vain. */
  #serveLater(): void {
    if (this.#timer !== undefined) return;
    const paidMs = this.#bytesPerSecond === 0 ? 0 : Math.floor((1000 * -this.#balance) / this.#bytesPerSecond) + 1;
    const now = this.#clock.nowMs();
    const nextMs = portionMs * (Math.max(this.#served, Math.floor(now / portionMs)) + 1);
    this.#timer = this.#clock.after(Math.max(nextMs - now, paidMs), () => this.#serve());
  }
}
