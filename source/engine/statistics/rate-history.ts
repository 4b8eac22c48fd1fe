/** One rate a second for the last five minutes. */
export const historySeconds = 300;

export class RateHistory {
  #values: number[] = [];
  /** In a row, to the end. */
  #zeros = 0;

  add(rate: number): void {
    const value = Math.round(rate);
    if (value === 0 && this.#values.length === 0) return;
    this.#zeros = value === 0 ? this.#zeros + 1 : 0;
    this.#values.push(value);
    // Thousands of torrents at rest keep no zeros.
    if (this.#zeros >= historySeconds) this.#values = [];
    else if (this.#values.length > historySeconds) this.#values.shift();
  }

  /** Oldest first; empty where nothing flowed for five minutes. */
  get values(): readonly number[] {
    return this.#values;
  }
}
