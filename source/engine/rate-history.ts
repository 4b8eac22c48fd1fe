/** One rate a second for the last five minutes. */
export const historySeconds = 300;

export class RateHistory {
  readonly #values: number[] = [];

  add(rate: number): void {
    this.#values.push(Math.round(rate));
    if (this.#values.length > historySeconds) this.#values.shift();
  }

  /** Oldest first. */
  get values(): readonly number[] {
    return this.#values;
  }
}
