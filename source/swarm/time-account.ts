/**
 * Where time goes: something is in one of a few states at each moment, and the account says for how long it was in which,
 * since its beginning and over the last minute. To enter the state one is in costs a comparison.
 */
const bucketMs = 5000;
/** A whole minute, and the bucket that is being filled. */
const bucketCount = 13;

export class TimeAccount<State extends string> {
  readonly #states: readonly State[];
  /** Milliseconds by state. Made, as the buckets are, when there is something to book. */
  #totals: number[] | undefined;
  /** Milliseconds by bucket and state; bucket `b` of all time is at `b % bucketCount`. */
  #buckets: Float32Array | undefined;
  #state: State;
  /** Up to then all is booked. */
  #bookedMs: number;

  /** @param states all there are, each once; the first is that of the beginning. */
  constructor(states: readonly [State, ...State[]], nowMs: number) {
    this.#states = states;
    this.#state = states[0];
    this.#bookedMs = nowMs;
  }

  get state(): State {
    return this.#state;
  }

  /** It is in this state from now on. */
  enter(state: State, nowMs: number): void {
    if (state === this.#state) return;
    this.#book(nowMs);
    this.#state = state;
  }

  /** Milliseconds in each state since the beginning; together they are the time since then. */
  totals(nowMs: number): Readonly<Record<State, number>> {
    this.#book(nowMs);
    return this.#named((index) => this.#totals?.[index] ?? 0);
  }

  /** Milliseconds in each state over the last 60 to 65 seconds, or since the beginning where that is less. */
  lately(nowMs: number): Readonly<Record<State, number>> {
    const sums = new Float64Array(this.#states.length);
    this.addLately(sums, nowMs);
    return this.#named((index) => sums[index] ?? 0);
  }

  /** As `lately`, added to `sums` by the index of the state: for whoever adds up many. */
  addLately(sums: Float64Array, nowMs: number): void {
    this.#book(nowMs);
    const { length } = this.#states;
    const buckets = this.#buckets ?? [];
    for (let at = 0; at < buckets.length; at += length) {
      for (let index = 0; index < length; index++) sums[index] = (sums[index] ?? 0) + (buckets[at + index] ?? 0);
    }
  }

  #named(value: (index: number) => number): Readonly<Record<State, number>> {
    const named: Partial<Record<State, number>> = {};
    this.#states.forEach((state, index) => {
      named[state] = value(index);
    });
    return named as Record<State, number>;
  }

  #book(nowMs: number): void {
    const fromMs = this.#bookedMs;
    if (nowMs <= fromMs) return;
    this.#bookedMs = nowMs;
    const { length } = this.#states;
    this.#totals ??= new Array<number>(length).fill(0);
    this.#buckets ??= new Float32Array(length * bucketCount);
    const [totals, buckets] = [this.#totals, this.#buckets];
    const index = this.#states.indexOf(this.#state);
    totals[index] = (totals[index] ?? 0) + nowMs - fromMs;
    const begun = Math.floor(fromMs / bucketMs);
    const last = Math.floor(nowMs / bucketMs);
    for (let bucket = Math.max(begun, last - bucketCount + 1); bucket <= last; bucket++) {
      const at = (bucket % bucketCount) * length;
      if (bucket > begun) buckets.fill(0, at, at + length);
      const startMs = Math.max(fromMs, bucket * bucketMs);
      const endMs = Math.min(nowMs, (bucket + 1) * bucketMs);
      buckets[at + index] = (buckets[at + index] ?? 0) + endMs - startMs;
    }
  }
}
