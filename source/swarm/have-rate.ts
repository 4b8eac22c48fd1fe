/** How fast a neighbour gets pieces, from anybody: by the `have` messages of one to two minutes. */
const spanMs = 60_000;
/** What it says at first it had before. */
const greetingMs = 5000;

export class HaveRate {
  readonly #connectedMs: number;
  #count = 0;
  /** The counts at two moments, at least `spanMs` apart. */
  #earlier: { readonly ms: number; readonly count: number };
  #later: { readonly ms: number; readonly count: number };

  constructor(nowMs: number) {
    this.#connectedMs = nowMs;
    this.#earlier = { ms: nowMs + greetingMs, count: 0 };
    this.#later = this.#earlier;
  }

  /** It has so many more pieces. */
  came(count: number, nowMs: number): void {
    if (nowMs - this.#connectedMs < greetingMs) return;
    this.#count += count;
    if (nowMs - this.#later.ms < spanMs) return;
    this.#earlier = this.#later;
    this.#later = { ms: nowMs, count: this.#count };
  }

  /** Pieces a second; `undefined` before it can be told: less than ten seconds are known. */
  perSecond(nowMs: number): number | undefined {
    const { ms, count } = this.#earlier;
    return nowMs - ms < 10_000 ? undefined : (1000 * (this.#count - count)) / (nowMs - ms);
  }
}
