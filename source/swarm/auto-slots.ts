/**
 * How many regular upload slots, where nobody says: four, and more the more we upload, such that each neighbour would get as
 * many times 8 KiB/s as there are slots. Their number so grows with the root of the rate: a line of 10 MB/s has 35, and fills
 * although each taker's line is narrow (to those that take 200 KiB/s each there go 5 MB/s, 800 kB/s to four). Fewer than four
 * help nobody: in the lectures' swarm with 18 kB/s a peer, two slots ended 1 % later than four, one slot 3 %, for want of
 * somebody who needs something just now (N = 30, 256 pieces of 256 KiB).
 */
const slotsMin = 4;
/** Beyond that each gets so much that a hundred more would find no faster takers. */
const slotsMax = 50;
const shareBytesPerSecond = 8192;
/** What was once taken may be taken again: it counts half after so long. */
const halfMs = 300_000;

export class AutoSlots {
  #peak = 0;
  #seenMs = 0;

  /** @param rate bytes per second that we upload now. @returns slots. */
  see(rate: number, nowMs: number): number {
    this.#peak = Math.max(rate, this.#peak * 0.5 ** ((nowMs - this.#seenMs) / halfMs));
    this.#seenMs = nowMs;
    const slots = Math.floor(Math.sqrt(this.#peak / shareBytesPerSecond));
    return Math.min(slotsMax, Math.max(slotsMin, slots));
  }
}
