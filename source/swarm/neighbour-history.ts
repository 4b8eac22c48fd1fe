/** How a neighbour's rates and our request window went, a value every two seconds for five minutes. */

export const historyStepMs = 2000;
export const historyLength = 150;
/** Ticks come about once a second: one that is a little early counts. */
const nearlyMs = 0.75 * historyStepMs;
/** Steps over which the best rate is a mean; and how much of it is left after one: half after ten minutes. */
const smoothing = 5;
/** The mean of so few steps may be a burst: until there are as many, the best is what it is now. */
const settledCount = 3;
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
  /** A mean in which each step counts for less than the one after; and how much of it is of steps that there were. */
  #lately = 0;
  #weight = 0;
  #best = 0;
  #isResting = false;

  constructor(nowMs: number) {
    this.#sampledMs = nowMs;
  }

  /** To be called about once a second, unless it rests. */
  sample({ down, up, pipeline }: HistorySource, nowMs: number): void {
    const seconds = (nowMs - this.#sampledMs) / 1000;
    if (seconds * 1000 < nearlyMs) return;
    this.#push((down.total - this.#downTotal) / seconds, (up.total - this.#upTotal) / seconds, pipeline.window);
    this.#downTotal = down.total;
    this.#upTotal = up.total;
    this.#sampledMs = nowMs;
  }

  /** Nothing has moved since it was sampled. */
  isSampled({ down, up }: HistorySource): boolean {
    return down.total === this.#downTotal && up.total === this.#upTotal;
  }

  /** Nothing will move, and nobody samples it, until it is woken. */
  rest(): void {
    this.#isResting = true;
  }

  wake(nowMs: number): void {
    this.#catchUp(nowMs);
    this.#isResting = false;
  }

  /** Bytes a second that came from it at its best over some ten seconds; what was long ago is slowly forgotten. */
  bestDown(nowMs: number): number {
    this.#catchUp(nowMs);
    return this.#best;
  }

  #push(down: number, up: number, window: number): void {
    const at = this.#count++ % historyLength;
    this.#down[at] = down;
    this.#up[at] = up;
    this.#window[at] = window;
    this.#lately += (down - this.#lately) / smoothing;
    this.#weight += (1 - this.#weight) / smoothing;
    const mean = this.#lately / this.#weight;
    this.#best = this.#count < settledCount ? mean : Math.max(this.#best * forgetting, mean);
  }

  /** What samples would have been taken while it rests: nothing moved. */
  #catchUp(nowMs: number): void {
    if (!this.#isResting) return;
    const steps = Math.max(0, Math.floor((nowMs - this.#sampledMs) / historyStepMs));
    this.#sampledMs += steps * historyStepMs;
    const unseen = Math.max(0, steps - historyLength);
    this.#best *= forgetting ** unseen;
    this.#lately *= (1 - 1 / smoothing) ** unseen;
    this.#weight = 1 - (1 - this.#weight) * (1 - 1 / smoothing) ** unseen;
    const window = this.#window[(this.#count - 1) % historyLength] ?? 0;
    for (let step = unseen; step < steps; step++) this.#push(0, 0, window);
  }

  values(nowMs: number): HistoryValues {
    this.#catchUp(nowMs);
    const inOrder = (ring: Float32Array | Uint16Array): number[] => {
      const at = this.#count % historyLength;
      return this.#count <= historyLength
        ? [...ring.subarray(0, this.#count)]
        : [...ring.subarray(at), ...ring.subarray(0, at)];
    };
    return { down: inOrder(this.#down), up: inOrder(this.#up), window: inOrder(this.#window) };
  }
}
