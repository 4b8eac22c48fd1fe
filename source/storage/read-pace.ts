/**
 * Whether what is read comes from memory, by how long reads took: then reading at once costs half of what it costs behind the
 * thread's back. A disk must never be waited for on the thread, so it begins with reads behind it, and goes back to them
 * after slow ones and after a pause; the more often that happened, the longer the disk is distrusted.
 */

/** A hundred times what 256 KiB of the page cache take; a seek of a disk takes longer. */
const slowMs = 5;
/** By then the disk may sleep, and the pages be others'. */
const pauseMs = 10_000;
/** Quick reads behind the thread's back after which all are trusted again, at most; and how many made at once halve that. */
const neededMax = 1024;
const redeemingReads = 256;
/** One slow read after so many quick ones says nothing: the processor had something else to do. */
const excusedAfterReads = 32;

export class ReadPace {
  #isWarm = false;
  #needed = 1;
  #quickReads = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Whether the next read may be made at once. */
  isWarm(nowMs: number): boolean {
    return this.#isWarm && nowMs - this.#lastMs < pauseMs;
  }

  /** A read was made at once, and took so long until now. */
  readAtOnce(ms: number, nowMs: number): void {
    this.#lastMs = nowMs;
    if (ms >= slowMs) {
      if (this.#quickReads < excusedAfterReads) {
        this.#isWarm = false;
        this.#needed = Math.min(neededMax, 2 * this.#needed);
      }
      this.#quickReads = 0;
    } else if (++this.#quickReads % redeemingReads === 0) {
      this.#needed = Math.max(1, this.#needed / 2);
    }
  }

  /** A read was made behind the thread's back. */
  readLater(ms: number, nowMs: number): void {
    if (this.isWarm(nowMs)) return;
    if (nowMs - this.#lastMs >= pauseMs) this.#quickReads = 0;
    this.#isWarm = false;
    this.#lastMs = nowMs;
    // A slow one says nothing against the disk: on a busy thread it waits for its turn.
    if (ms < slowMs) this.#quickReads++;
    if (this.#quickReads < this.#needed) return;
    this.#isWarm = true;
    this.#quickReads = 0;
  }
}
