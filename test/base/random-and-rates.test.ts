import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pick, randomBelow, randomBytes, randomFraction, SeededRandom, shuffle } from "../../source/base/random.ts";
import { RateMeter } from "../../source/base/rate-meter.ts";

describe("seeded randomness", () => {
  it("is the same for the same seed and another for another", () => {
    const first = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(first(a)).toEqual(first(a));
        if (a !== b) expect(first(a)).not.toEqual(first(b));
      }),
    );
  });

  it("draws every 32-bit value alike", () => {
    const random = new SeededRandom(1);
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const value = random.uint32();
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
      counts[value >>> 26] = (counts[value >>> 26] ?? 0) + 1;
    }
    // Chi-square with 63 degrees of freedom: above 120 once in 100,000 seeds, and the seed is fixed.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(120);
  });

  it("forks into sequences of their own", () => {
    const random = new SeededRandom(7);
    const forks = Array.from({ length: 100 }, () => random.fork().uint32());
    expect(new Set(forks).size).toBe(100);
  });

  it("stays within its bounds", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const random = new SeededRandom(seed);
        for (let i = 0; i < 20; i++) {
          const value = randomBelow(random, bound);
          expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
          const fraction = randomFraction(random);
          expect(fraction >= 0 && fraction < 1).toBe(true);
        }
      }),
    );
    const largest = { uint32: () => 2 ** 32 - 1 };
    expect(randomBelow(largest, 3)).toBe(2);
    expect(randomBelow(largest, 2 ** 32)).toBe(2 ** 32 - 1);
    expect(randomBytes(largest, 3)).toEqual(Uint8Array.of(255, 255, 255));
  });

  it("shuffles to every order and loses nothing", () => {
    const random = new SeededRandom(3);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffle(random, [1, 2, 3]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(), (items, seed) => {
        const shuffled = shuffle(new SeededRandom(seed), [...items]);
        expect(shuffled.sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });

  it("picks from what there is", () => {
    const random = new SeededRandom(5);
    expect(pick(random, [])).toBeUndefined();
    expect(new Set(Array.from({ length: 200 }, () => pick(random, ["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
  });
});

describe("a rate meter", () => {
  it("shows a steady rate, from its second second on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 50 }), (startMs, perTick) => {
        const meter = new RateMeter();
        for (let ms = 0; ms <= 30_000; ms += 50) {
          meter.add(perTick, startMs + ms);
          if (ms >= 1000) expect(meter.rate(startMs + ms) / (perTick * 20)).toBeCloseTo(1, 0);
          if (ms >= 15_000) expect(Math.abs(meter.rate(startMs + ms) / (perTick * 20) - 1)).toBeLessThan(0.02);
        }
        expect(meter.total).toBe(perTick * 601);
      }),
      { numRuns: 20 },
    );
  });

  it("shows what came in its first second as that second's", () => {
    const meter = new RateMeter();
    meter.add(5000, 123);
    expect(meter.rate(123)).toBe(5000);
    expect(meter.rate(900)).toBe(5000);
    expect(meter.rate(2123)).toBe(2500);
  });

  it("falls to nothing ten seconds after the last byte and starts afresh", () => {
    const meter = new RateMeter();
    meter.add(1000, 0);
    expect(meter.rate(9999)).toBeGreaterThan(0);
    expect(meter.rate(10_000)).toBe(0);
    expect(meter.rate(1e9)).toBe(0);
    meter.add(700, 1e9);
    expect(meter.rate(1e9 + 500)).toBe(700);
    expect(meter.total).toBe(1700);
  });

  it("is never negative and never counts a byte twice, whenever it is asked", () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.nat(100_000), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const meter = new RateMeter();
        let nowMs = 0;
        let total = 0;
        const added: { readonly ms: number; readonly bytes: number }[] = [];
        for (const [waitMs, bytes, isAsked] of steps) {
          nowMs += waitMs;
          if (isAsked) meter.rate(nowMs);
          meter.add(bytes, nowMs);
          total += bytes;
          added.push({ ms: nowMs, bytes });
          const inWindow = added.filter(({ ms }) => ms > nowMs - 10_000).reduce((sum, each) => sum + each.bytes, 0);
          const rate = meter.rate(nowMs);
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(inWindow + 1e-6);
          expect(rate).toBeGreaterThanOrEqual(bytes / 10 - 1e-6);
        }
        expect(meter.total).toBe(total);
      }),
    );
  });
});
