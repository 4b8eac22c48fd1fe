/** Where neighbours' time goes: the account by itself, and kept by real swarms. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { HaveRate } from "../../source/swarm/have-rate.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import { NeighbourHistory } from "../../source/swarm/neighbour-history.ts";
import { TimeAccount } from "../../source/swarm/time-account.ts";
import { MemorySwarm, type NodeOptions } from "../support/memory-swarm.ts";
import { SessionWorld } from "../support/session-world.ts";

const states = ["a", "b", "c"] as const;
type State = (typeof states)[number];
const sumOf = (parts: Readonly<Record<string, number>>) => Object.values(parts).reduce((sum, part) => sum + part, 0);

describe("an account of time", () => {
  it("has parts that are together the time there was, and the last minute of it", () => {
    const steps = fc.array(
      fc.record({
        state: fc.constantFrom(...states),
        passMs: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.double({ min: 0, max: 200_000, noNaN: true })),
        isRead: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), steps, (beginMs, all) => {
        const account = new TimeAccount<State>(states, beginMs);
        const spans: { state: State; fromMs: number; toMs: number }[] = [];
        let now = beginMs;
        for (const { state, passMs, isRead } of all) {
          spans.push({ state: account.state, fromMs: now, toMs: now + passMs });
          now += passMs;
          if (isRead) account.lately(now);
          account.enter(state, now);
        }
        const totals = account.totals(now);
        const lately = account.lately(now);
        const sums = new Float64Array([1, 1, 1]);
        account.addLately(sums, now);
        states.forEach((state, index) => {
          expect(sums[index]).toBeCloseTo(1 + lately[state], 3);
        });
        const windowMs = Math.max(beginMs, (Math.floor(now / 5000) - 12) * 5000);
        for (const state of states) {
          const own = spans.filter((span) => span.state === state);
          const within = (since: number) =>
            own.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - Math.max(since, fromMs)), 0);
          expect(totals[state]).toBeCloseTo(within(beginMs), 3);
          expect(Math.abs(lately[state] - within(windowMs))).toBeLessThan(0.05);
        }
        expect(sumOf(totals)).toBeCloseTo(now - beginMs, 3);
      }),
    );
  });
});

describe("the rate at which a neighbour gets pieces", () => {
  it("is not known at first, leaves out what it greets with, and follows its messages", () => {
    const rate = new HaveRate(0);
    for (let i = 0; i < 100; i++) rate.came(1, 1000);
    expect(rate.perSecond(9000)).toBe(undefined);
    for (let second = 6; second <= 300; second++) rate.came(1, second * 1000);
    expect(rate.perSecond(300_000)).toBeCloseTo(1, 1);
    // It stands still.
    expect(rate.perSecond(1_000_000)).toBeLessThan(0.2);
    for (let second = 1000; second <= 1200; second++) for (let i = 0; i < 3; i++) rate.came(1, second * 1000);
    expect(rate.perSecond(1_200_000)).toBeCloseTo(3, 1);
  });
});

describe("a neighbour's history", () => {
  it("knows its best rate from the first seconds on, as it does later", () => {
    const source = { down: { total: 0 }, up: { total: 0 }, pipeline: { window: 7 } };
    const history = new NeighbourHistory(0);
    const best: number[] = [];
    for (let second = 1; second <= 60; second++) {
      source.down.total += second <= 30 ? 200_000 : 0;
      history.sample(source, second * 1000);
      if (second >= 6) best.push(history.bestDown(second * 1000));
    }
    for (const rate of best) expect(rate).toBeGreaterThan(0.95 * 200_000);
    for (const rate of best) expect(rate).toBeLessThan(1.01 * 200_000);
  });

  const moves = fc.array(fc.record({ down: fc.nat(3_000_000), restSeconds: fc.nat(900), isRead: fc.boolean() }), {
    maxLength: 8,
  });

  it("is the same where nothing was sampled while nothing moved", () => {
    fc.assert(
      fc.property(moves, (all) => {
        const source = { down: { total: 0 }, up: { total: 0 }, pipeline: { window: 7 } };
        const [kept, rested] = [new NeighbourHistory(-2000), new NeighbourHistory(-2000)];
        let second = 0;
        const tick = () => {
          second++;
          kept.sample(source, second * 1000);
        };
        for (const { down, restSeconds, isRead } of all) {
          for (let i = 0; i < 4; i++) {
            source.down.total += down;
            tick();
            rested.sample(source, second * 1000);
          }
          while (!rested.isSampled(source)) {
            tick();
            rested.sample(source, second * 1000);
          }
          rested.rest();
          for (let i = 0; i < restSeconds; i++) tick();
          if (!isRead) rested.wake(second * 1000);
          expect(rested.values(second * 1000)).toEqual(kept.values(second * 1000));
          expect(rested.bestDown(second * 1000)).toBeCloseTo(kept.bestDown(second * 1000), 0);
          rested.wake(second * 1000);
        }
      }),
    );
  });
});

let swarm: MemorySwarm | undefined;
afterEach(() => swarm?.close());

/** A seed and a leech, for so many seconds. @returns what each says of the other. */
async function pair(seed: NodeOptions, seconds: number): Promise<{ ofSeed: Neighbour; ofLeech: Neighbour }> {
  swarm = new MemorySwarm({ seed: 3, pieceCount: 400 });
  const giver = swarm.add("seed", { have: "all", ...seed });
  const leech = swarm.add("leech");
  swarm.connect(giver, leech);
  await swarm.clock.run(seconds * 1000);
  const [ofSeed, ofLeech] = [leech.neighbours[0], giver.neighbours[0]];
  if (ofSeed === undefined || ofLeech === undefined) throw new Error("they have parted");
  for (const { time, connectedMs } of [ofSeed, ofLeech]) {
    const now = swarm.clock.nowMs();
    for (const way of [time.down, time.up]) expect(sumOf(way.totals(now))).toBeCloseTo(now - connectedMs, 3);
  }
  return { ofSeed, ofLeech };
}

/** Which of its states it was in most of the last minute, and for what part of it. */
function most(account: Neighbour["time"]["down"] | Neighbour["time"]["up"]): [string, number] {
  const parts = Object.entries<number>(account.lately(swarm?.clock.nowMs() ?? 0));
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  const [name, ms] = parts.reduce((a, b) => (b[1] > a[1] ? b : a));
  return [name, ms / total];
}

describe("a neighbour's time", () => {
  it("goes into waiting for its line where that is the limit, and into its line on the other side", async () => {
    const { ofSeed, ofLeech } = await pair({ lineBytesPerSecond: 100_000 }, 100);
    expect(most(ofSeed.time.down)).toEqual(["waiting", expect.closeTo(1, 1)]);
    expect(most(ofLeech.time.up)).toEqual(["line", expect.closeTo(1, 1)]);
    expect(most(ofLeech.time.down)).toEqual(["uninterested", 1]);
    expect(most(ofSeed.time.up)).toEqual(["unwanted", 1]);
  });

  it("goes into our upload limit where that holds it up", async () => {
    const { ofLeech } = await pair({ uploadLimit: 30_000, lineBytesPerSecond: 1_000_000 }, 100);
    expect(most(ofLeech.time.up)).toEqual(["limited", expect.closeTo(1, 1)]);
  });

  it("goes into our disk where reading takes long", async () => {
    const { ofLeech } = await pair({ readMs: 300, lineBytesPerSecond: 1_000_000 }, 100);
    expect(most(ofLeech.time.up)).toEqual(["disk", expect.closeTo(1, 1)]);
  });

  it("goes into its silence once it is snubbed", async () => {
    const { ofSeed } = await pair({ isSilent: true }, 120);
    expect(most(ofSeed.time.down)).toEqual(["snubbed", 1]);
  });

  it("goes into its choking us and our choking it where there are more than there are slots", async () => {
    swarm = new MemorySwarm({ seed: 5, pieceCount: 400 });
    const giver = swarm.add("seed", { have: "all", lineBytesPerSecond: 20_000, hasFast: false });
    const leeches = Array.from({ length: 12 }, (_, i) => swarm?.add(`leech ${i}`));
    for (const leech of leeches) if (leech !== undefined) swarm.connect(giver, leech);
    await swarm.clock.run(60_000);
    const now = swarm.clock.nowMs();
    expect(giver.neighbours).toHaveLength(12);
    for (const neighbour of giver.neighbours) {
      const other = leeches.find((leech) => leech?.endpoint.address === neighbour.info.endpoint.address);
      // Five of twelve are served at a time.
      expect(neighbour.time.up.totals(now).choking).toBeGreaterThan(15_000);
      expect(other?.neighbours[0]?.time.down.totals(now).choked).toBeGreaterThan(15_000);
    }
    const served = giver.neighbours.filter(({ amChoking }) => !amChoking);
    expect(served.length).toBeGreaterThan(0);
    for (const { time } of served) expect(time.up.totals(now).choking).toBeLessThan(56_000);
  });

  it("is booked, and its line watched, though it rests while there is nothing to do", async () => {
    swarm = new MemorySwarm({ seed: 3, pieceCount: 400 });
    const [one, two] = [swarm.add("leech"), swarm.add("other leech")];
    swarm.connect(one, two);
    await swarm.clock.run(400_000);
    // Neither has anything, and they are still together.
    const [neighbour] = one.neighbours;
    expect(neighbour?.restsUntilMs).toBeGreaterThan(swarm.clock.nowMs());
    expect(neighbour?.time.down.totals(swarm.clock.nowMs()).uninterested).toBe(400_000);
    expect(neighbour?.time.up.totals(swarm.clock.nowMs()).unwanted).toBe(400_000);
  });

  it("goes into our download limit where we may not read", async () => {
    const world = new SessionWorld();
    try {
      const content = world.torrent("film", 50_000_000);
      const seed = await world.start("10.0.0.1", { isSeed: true });
      const leech = await world.start("10.0.0.2", { maxDownRate: 50_000 });
      await world.add(seed, content);
      await world.add(leech, content, [seed]);
      await world.run(60);
      const [neighbour] = leech.torrent(content.infoHash).swarm?.neighbours.values() ?? [];
      const parts = neighbour?.time.down.lately(world.clock.nowMs());
      expect(parts?.limited).toBeGreaterThan(40_000);
    } finally {
      await world.close();
    }
  });
});
