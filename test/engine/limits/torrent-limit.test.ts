import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Bandwidth, type RateLimit } from "../../../source/engine/limits/bandwidth.ts";
import { TorrentLimit } from "../../../source/engine/limits/torrent-limit.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const blockBytes = 16_384;
const open: { close(): void }[] = [];
afterEach(() => {
  for (const limit of open.splice(0)) limit.close();
});

class World {
  readonly clock = new VirtualClock();
  readonly all: Bandwidth;

  constructor(allRate: number) {
    this.all = new Bandwidth(this.clock, allRate);
    open.push(this.all);
  }

  torrent(rate: number): TorrentLimit {
    const limit = new TorrentLimit(this.clock, this.all, rate);
    open.push(limit);
    return limit;
  }
}

/** Always has more to send. */
class Sender {
  readonly limit: RateLimit;
  bytes = 0;
  readonly go = () => {
    while (this.limit.take(blockBytes)) this.bytes += blockBytes;
    this.limit.wait(this.go);
  };

  constructor(limit: RateLimit) {
    this.limit = limit;
    this.go();
  }
}

/** Is sent to without end; reads as a connection does: pays a block, reads what is there, waits for its turn. */
class Receiver {
  readonly limit: RateLimit;
  bytes = 0;
  readonly #readBytes: number;
  readonly go = () => {
    let prepaid = blockBytes;
    for (let mayRead = this.limit.take(blockBytes); mayRead; prepaid = 0) {
      this.bytes += this.#readBytes;
      mayRead = this.limit.spend(this.#readBytes - prepaid);
    }
    this.limit.wait(this.go);
  };

  constructor(limit: RateLimit, readBytes: number) {
    this.limit = limit;
    this.#readBytes = readBytes;
    this.go();
  }
}

const sum = (all: readonly { readonly bytes: number }[]) => all.reduce((total, { bytes }) => total + bytes, 0);
const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe("a torrent's own limit", () => {
  it.each([
    [64_000, 10],
    [1_000_000, 10],
    [5_000_000, 1],
    [50_000_000, 1],
  ])("is kept to three in a hundred: %i bytes a second, in any %i seconds", (rate, seconds) => {
    for (const make of [(limit: RateLimit) => new Sender(limit), (limit: RateLimit) => new Receiver(limit, 16_384)]) {
      const world = new World(0);
      const limit = world.torrent(rate);
      const transfers = many(5, () => make(limit));
      world.clock.advance(1000);
      for (let i = 0; i < 20; i++) {
        const before = sum(transfers);
        world.clock.advance(seconds * 1000);
        const got = (sum(transfers) - before) / seconds;
        expect(Math.abs(got / rate - 1)).toBeLessThan(0.03);
        world.clock.advance(137);
      }
    }
  });

  it("holds its torrent alone, and leaves the rest of all to the others", () => {
    const world = new World(1_000_000);
    const slow = world.torrent(100_000);
    const [held, others] = [many(3, () => new Sender(slow)), many(3, () => new Sender(world.torrent(0)))];
    world.clock.advance(60_000);
    expect(sum(held) / 60).toBeGreaterThan(97_000);
    expect(sum(held) / 60).toBeLessThan(103_000);
    expect((sum(held) + sum(others)) / 60).toBeGreaterThan(970_000);
    expect((sum(held) + sum(others)) / 60).toBeLessThan(1_010_000);
  });

  it("does not let a torrent have more than its part of a narrower limit of all", () => {
    const world = new World(100_000);
    const senders = many(4, () => new Sender(world.torrent(80_000)));
    world.clock.advance(120_000);
    for (const { bytes } of senders) expect(Math.abs(bytes / 120 / 25_000 - 1)).toBeLessThan(0.1);
  });

  it("starves nobody, whatever the limits are and however many share them", () => {
    const torrents = fc.array(
      fc.record({
        rate: fc.constantFrom(0, 20_000, 60_000, 150_000, 2_000_000),
        senders: fc.integer({ min: 1, max: 6 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.constantFrom(0, 50_000, 300_000), torrents, (allRate, plan) => {
        // Somebody without any limit would send for ever in one turn.
        fc.pre(allRate > 0 || plan.every(({ rate }) => rate > 0));
        const world = new World(allRate);
        const groups = plan.map(({ rate, senders }) => {
          const limit = world.torrent(rate);
          return { rate, senders: many(senders, () => new Sender(limit)) };
        });
        world.clock.advance(120_000);
        const all = groups.flatMap(({ senders }) => senders);
        if (allRate > 0) expect(sum(all)).toBeLessThanOrEqual(allRate * 120.25 + blockBytes);
        for (const { rate, senders } of groups) {
          if (rate > 0) expect(sum(senders)).toBeLessThanOrEqual(rate * 120.25 + blockBytes);
          const evenly = allRate > 0 ? (allRate * 120) / all.length : Number.POSITIVE_INFINITY;
          const least = Math.min(evenly, rate > 0 ? (rate * 120) / senders.length : Number.POSITIVE_INFINITY);
          for (const { bytes } of senders) expect(bytes).toBeGreaterThan(0.7 * least - 2 * blockBytes);
        }
        for (const limit of open.splice(0)) limit.close();
      }),
      { numRuns: 60 },
    );
  });

  it("is taken up at once, changed and given up, also by those who wait", () => {
    const world = new World(0);
    const limit = world.torrent(10_000);
    const senders = many(3, () => new Sender(limit));
    const rateOver = (seconds: number): number => {
      const before = sum(senders);
      world.clock.advance(seconds * 1000);
      return (sum(senders) - before) / seconds;
    };
    expect(rateOver(100)).toBeLessThan(10_500);
    limit.setLimit(1_000_000);
    expect(rateOver(10)).toBeGreaterThan(970_000);
    world.all.setLimit(50_000);
    limit.setLimit(0);
    expect(Math.abs(rateOver(100) / 50_000 - 1)).toBeLessThan(0.03);
    limit.setLimit(5000);
    rateOver(20);
    expect(Math.abs(rateOver(100) / 5000 - 1)).toBeLessThan(0.1);
  });

  it("leaves nobody in any line who was forgotten, and no timer when closed", () => {
    const world = new World(10);
    const limit = world.torrent(10);
    const calls: string[] = [];
    const own = () => calls.push("own");
    const all = () => calls.push("all");
    world.clock.advance(1000);
    world.all.spend(100);
    limit.wait(all);
    limit.spend(100);
    limit.wait(own);
    limit.forget(own);
    limit.forget(all);
    world.clock.advance(60_000);
    expect(calls).toEqual([]);
    limit.wait(own);
    limit.close();
    world.all.close();
    expect(world.clock.pendingTimers).toBe(0);
  });
});
