/** Randomness as a value that is passed in: seeded in tests and simulations, the system's in the product. */
export interface Random {
  /** Uniform over 0 … 2^32 - 1. */
  uint32(): number;
}

/** xoshiro128** (Blackman and Vigna 2018), seeded through splitmix32: the same seed gives the same sequence. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let x = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = (z ^ (z >>> 15)) >>> 0;
    }
  }

  uint32(): number {
    const s = this.#state;
    const s1 = s[1] ?? 0;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s[2] = (s[2] ?? 0) ^ (s[0] ?? 0);
    s[3] = (s[3] ?? 0) ^ (s[1] ?? 0);
    s[1] = (s[1] ?? 0) ^ (s[2] ?? 0);
    s[0] = (s[0] ?? 0) ^ (s[3] ?? 0);
    s[2] = (s[2] ?? 0) ^ t;
    const s3 = s[3] ?? 0;
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** An independent sequence, for one node of a simulation. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}

/** Uniform over 0 … bound - 1. @param bound 1 … 2^32. */
export function randomBelow(random: Random, bound: number): number {
  return Math.floor((random.uint32() / 0x1_0000_0000) * bound);
}

/** Uniform over [0, 1). */
export function randomFraction(random: Random): number {
  return random.uint32() / 0x1_0000_0000;
}

export function randomBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.uint32() >>> 24;
  return bytes;
}

/** Fisher–Yates, in place; returns its argument. */
export function shuffle<T>(random: Random, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomBelow(random, i + 1);
    const a = items[i] as T;
    items[i] = items[j] as T;
    items[j] = a;
  }
  return items;
}

/** One item drawn at random, `undefined` from an empty list. */
export function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[randomBelow(random, items.length)];
}
