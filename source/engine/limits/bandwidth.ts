/**
 * A limit on bytes per second that many share. What is taken may overdraw by one item (a block, a read); who comes then
 * waits in line until the debt is paid, so that over a second or more the limit is exact and nobody is starved.
 */
import type { Clock, Timer } from "../../ports/clock.ts";

/**
 * The allowance comes in portions at the multiples of this on the clock, however late a timer is: forty of the same size in any second.
 * Each costs a wake-up or two of the process.
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
  /** The portion that was given out last, counted on the clock. */
  #portion: number;
  /** In the order they came; a waiter stands in line once. */
  readonly #waiting = new Set<() => void>();
  #timer: Timer | undefined;
  #isServing = false;

  /** @param bytesPerSecond 0 means no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#portion = this.#portionNow;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  setLimit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#balance = 0;
    this.#portion = this.#portionNow;
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

  get #portionNow(): number {
    return Math.floor((this.#clock.nowMs() + earlyMs) / portionMs);
  }

  get #portionBytes(): number {
    return (this.#bytesPerSecond * portionMs) / 1000;
  }

  #refill(): void {
    const now = this.#portionNow;
    const earned = (now - this.#portion) * this.#portionBytes;
    this.#balance = Math.min(this.#balance + earned, this.#bytesPerSecond * burstSeconds);
    this.#portion = now;
  }

  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#refill();
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

  /** With the portion that pays the debt: at a low rate a block takes its time, and nobody is woken in vain. */
  #serveLater(): void {
    if (this.#timer !== undefined) return;
    this.#refill();
    const unpaid = this.#bytesPerSecond === 0 ? 0 : Math.floor(-this.#balance / this.#portionBytes);
    const dueMs = (this.#portion + Math.max(0, unpaid) + 1) * portionMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => {
      // Nothing to cancel, which costs as much as a timer does.
      this.#timer = undefined;
      this.#serve();
    });
  }
}
