/** How a neighbour's rates and our request window went, a value every two seconds for five minutes. */

export const historyStepMs = 2000;
export const historyLength = 150;
/** Ticks come about once a second: one that is a little early counts. */
const nearlyMs = 0.75 * historyStepMs;
/** Steps over which the best rate is a mean; and how much of it is left after one: half after ten minutes. */
const smoothing = 5;
const forgetting = 0.9977;

export interface HistorySource {
  readonly down: { readonly total: number };
  readonly up: { readonly total: number };
  readonly pipeline: { readonly window: number };
}

/** Each oldest first. Rates are bytes per second, windows blocks. */
export interface HistoryValues {
  readonly down: readonly number[];
  readonly up: readonly number[];
  readonly window: readonly number[];
}

export class NeighbourHistory {
  readonly #down = new Float32Array(historyLength);
  readonly #up = new Float32Array(historyLength);
  readonly #window = new Uint16Array(historyLength);
  #count = 0;
  #sampledMs: number;
  #downTotal = 0;
  #upTotal = 0;
  #lately = 0;
  #best = 0;

  constructor(nowMs: number) {
    this.#sampledMs = nowMs;
  }

  /** To be called about once a second. */
  sample({ down, up, pipeline }: HistorySource, nowMs: number): void {
    const seconds = (nowMs - this.#sampledMs) / 1000;
    if (seconds * 1000 < nearlyMs) return;
    const at = this.#count++ % historyLength;
    this.#down[at] = (down.total - this.#downTotal) / seconds;
    this.#up[at] = (up.total - this.#upTotal) / seconds;
    this.#window[at] = pipeline.window;
    this.#lately += ((this.#down[at] ?? 0) - this.#lately) / smoothing;
    this.#best = Math.max(this.#best * forgetting, this.#lately);
    this.#downTotal = down.total;
    this.#upTotal = up.total;
    this.#sampledMs = nowMs;
  }

  /** Bytes a second that came from it at its best over some ten seconds; what was long ago is slowly forgotten. */
  get bestDown(): number {
    return this.#best;
  }

  get values(): HistoryValues {
    const inOrder = (ring: Float32Array | Uint16Array): number[] => {
      const at = this.#count % historyLength;
      return this.#count <= historyLength
        ? [...ring.subarray(0, this.#count)]
        : [...ring.subarray(at), ...ring.subarray(0, at)];
    };
    return { down: inOrder(this.#down), up: inOrder(this.#up), window: inOrder(this.#window) };
  }
}
