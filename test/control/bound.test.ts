import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFraction, SeededRandom } from "../../source/base/random.ts";
import { type BoundInputs, boundOf } from "../../source/control/bound.ts";
import { forecastOf } from "../../source/control/forecast.ts";

const seen = (value: number) => ({ value, isMeasured: true, basis: "seen" });

function inputs(length: number, leeches: number, seed: number, all: number, slowest: number): BoundInputs {
  return {
    length,
    leeches: seen(leeches),
    seedRate: seen(seed),
    leechRate: seen(all),
    slowestDown: seen(slowest),
    projectedSeconds: null,
  };
}

describe("the bound", () => {
  it("is the textbook's: 15 Gbit to 1000 peers of 2 and 0.3 Mbit/s from a server of 30 Mbit/s", () => {
    const mbit = 125_000;
    const F = 15_000 * mbit;
    const each = (N: number) => boundOf(inputs(F, N, 30 * mbit, N * 0.3 * mbit, 2 * mbit));
    expect(each(10)).toMatchObject({
      p2pSeconds: 7500,
      p2pBinds: "slowest",
      serverSeconds: 7500,
      serverBinds: "slowest",
    });
    expect(each(1000)).toMatchObject({ serverSeconds: 500_000, serverBinds: "all", p2pBinds: "all" });
    expect(each(1000).p2pSeconds).toBeCloseTo(45_454.5, 0);
    expect(boundOf(inputs(F, 1, mbit, 50 * mbit, 2 * mbit)).p2pBinds).toBe("seed");
  });

  it("is never longer with the peers' help than without, and says nothing where a rate is nothing", () => {
    const rate = fc.double({ min: 1, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), rate, rate, rate, (N, seed, all, slowest) => {
        const { p2pSeconds, serverSeconds } = boundOf(inputs(1e9, N, seed, all, slowest));
        expect(p2pSeconds).toBeLessThanOrEqual(serverSeconds ?? 0);
      }),
    );
    expect(boundOf(inputs(1e9, 3, 0, 0, 5))).toMatchObject({ p2pSeconds: null, p2pBinds: null, efficiency: null });
  });

  it("says what part of the time it takes is needed, at most all of it", () => {
    const one = inputs(1000, 1, 10, 0, 100);
    expect(boundOf({ ...one, projectedSeconds: 400 }).efficiency).toBe(0.25);
    expect(boundOf({ ...one, projectedSeconds: 50 }).efficiency).toBe(1);
  });
});

/** Rates that scatter around a mean, neighbouring ones alike; smoothed over ten seconds, as a rate meter does. */
function series(random: SeededRandom, length: number, scatter: number, likeness: number): number[] {
  const raw: number[] = [];
  let deviation = 0;
  for (let i = 0; i < length; i++) {
    const noise = (randomFraction(random) + randomFraction(random) + randomFraction(random) - 1.5) * 2;
    deviation = likeness * deviation + Math.sqrt(1 - likeness ** 2) * noise;
    raw.push(Math.max(0, 1000 * (1 + scatter * deviation)));
  }
  return raw;
}

function smoothed(raw: readonly number[]): number[] {
  return raw.map((_, i) => {
    const last = raw.slice(Math.max(0, i - 9), i + 1);
    return last.reduce((sum, rate) => sum + rate, 0) / last.length;
  });
}

describe("the forecast", () => {
  it.each([
    [0.2, 0.5, 100],
    [0.5, 0.9, 300],
    [0.4, 0.9, 1500],
    [0.3, 0.95, 600],
  ])("is right about as often as it says (scatter %f, likeness %f, %i s to go)", (scatter, likeness, toGo) => {
    const random = new SeededRandom(1);
    let byP50 = 0;
    let byP90 = 0;
    const runs = 600;
    for (let run = 0; run < runs; run++) {
      const raw = series(random, 310 + 8 * toGo, scatter, likeness);
      const past = smoothed(raw.slice(0, 310)).slice(10);
      const left = 1000 * toGo;
      const { p50Seconds, p90Seconds } = forecastOf(past, left) ?? { p50Seconds: 0, p90Seconds: 0 };
      let came = 0;
      let seconds = 0;
      while (came < left && 310 + seconds < raw.length) came += raw[310 + seconds++] ?? 0;
      if (seconds <= p50Seconds) byP50++;
      if (seconds <= (p90Seconds ?? Number.POSITIVE_INFINITY)) byP90++;
    }
    expect(byP50 / runs).toBeGreaterThan(0.4);
    expect(byP50 / runs).toBeLessThan(0.6);
    expect(byP90 / runs).toBeGreaterThan(0.83);
    expect(byP90 / runs).toBeLessThan(0.97);
  });

  it("puts P90 after P50, gives none where the rate scatters too much, and says nothing where nothing comes", () => {
    const rates = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 300 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 1e12 }), (all, left) => {
        const forecast = forecastOf(all, left);
        if (forecast === undefined) return;
        expect(forecast.p50Seconds).toBeGreaterThan(0);
        expect(forecast.p90Seconds ?? forecast.p50Seconds).toBeGreaterThanOrEqual(forecast.p50Seconds);
      }),
    );
    expect(forecastOf(new Array<number>(300).fill(0), 1000)).toBe(undefined);
    expect(forecastOf([...new Array<number>(270).fill(0), ...new Array<number>(5).fill(10)], 1000)).toBe(undefined);
    const bursts = Array.from({ length: 300 }, (_, i) => (i >= 270 ? 1000 : 1));
    expect(forecastOf(bursts, 1_000_000_000)?.p90Seconds).toBe(null);
    expect(forecastOf(new Array<number>(300).fill(1000), 60_000)).toMatchObject({ p50Seconds: 60, meanRate: 1000 });
  });
});
