/**
 * How often something may happen for each of countless keys, in memory that never grows: keys are hashed to places, and
 * each place has one number, when the next event would be due at an even pace (the generic cell rate algorithm). Keys that
 * share a place share its rate; which do cannot be foreseen.
 */
import type { Random } from "../../base/random.ts";

export interface RateGateOptions {
  readonly perSecond: number;
  /** At once, after a while of nothing. */
  readonly burst: number;
  /** 8 bytes each. */
  readonly places: number;
}

export class RateGate {
  readonly #intervalMs: number;
  readonly #leadMs: number;
  readonly #dueMs: Float64Array;
  readonly #seed: number;

  constructor(random: Random, { perSecond, burst, places }: RateGateOptions) {
    this.#intervalMs = 1000 / perSecond;
    this.#leadMs = (burst - 1) * this.#intervalMs;
    this.#dueMs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    this.#seed = random.uint32();
  }

  /** Whether it may happen now. It then counts as having happened. */
  admits(key: string, nowMs: number): boolean {
    const place = this.#place(key);
    const dueMs = Math.max(nowMs, this.#dueMs[place] ?? nowMs);
    if (dueMs - nowMs > this.#leadMs) return false;
    this.#dueMs[place] = dueMs + this.#intervalMs;
    return true;
  }

  /** In how many milliseconds it may happen; 0 for now. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#dueMs[this.#place(key)] ?? nowMs) - nowMs - this.#leadMs);
  }

  /** FNV-1a from a secret start. */
  #place(key: string): number {
    if (this.#dueMs.length === 1) return 0;
    let hash = this.#seed;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return (hash >>> 0) % this.#dueMs.length;
  }
}
