/**
 * Bytes per second over a sliding window of whole-second buckets. Young meters divide by the time they have seen, so a
 * fast neighbour shows its rate in its first second.
 */
const windowSeconds = 10;

export class RateMeter {
  /** Made with the first byte: most meters of a large swarm never see one. A plain array lies in one piece of memory. */
  #buckets: number[] | undefined;
  #second = -1;
  #sum = 0;
  #firstMs = -1;
  #total = 0;

  /** Bytes since the meter was made. */
  get total(): number {
    return this.#total;
  }

  add(bytes: number, nowMs: number): void {
    this.#buckets ??= new Array<number>(windowSeconds).fill(0);
    this.#advance(this.#buckets, nowMs);
    if (this.#firstMs < 0) this.#firstMs = nowMs;
    const slot = this.#second % windowSeconds;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + bytes;
    this.#sum += bytes;
    this.#total += bytes;
  }

  /** @returns bytes per second, at least 0. */
  rate(nowMs: number): number {
    if (this.#buckets === undefined) return 0;
    this.#advance(this.#buckets, nowMs);
    if (this.#sum <= 0) return 0;
    const partOfThisSecond = (nowMs % 1000) / 1000;
    const seenSeconds = (nowMs - this.#firstMs) / 1000;
    return this.#sum / Math.max(1, Math.min(seenSeconds, windowSeconds - 1 + partOfThisSecond));
  }

  #advance(buckets: number[], nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    if (this.#second < 0) this.#second = second;
    if (second - this.#second >= windowSeconds) {
      buckets.fill(0);
      this.#sum = 0;
      this.#second = second;
      this.#firstMs = -1;
      return;
    }
    while (this.#second < second) {
      this.#second++;
      const slot = this.#second % windowSeconds;
      this.#sum -= buckets[slot] ?? 0;
      buckets[slot] = 0;
    }
  }
}
