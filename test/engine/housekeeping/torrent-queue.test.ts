import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movedInQueue, type QueueMove } from "../../../source/engine/housekeeping/queue-order.ts";
import {
  decideQueue,
  type QueueItem,
  type QueueLimits,
  SlowWatch,
  turnMinMs,
} from "../../../source/engine/housekeeping/torrent-queue.ts";

const minute = 60_000;

type Item = QueueItem<string>;
const waiting = (id: string, more: Partial<Item> = {}): Item => ({
  id,
  kind: "download",
  isForced: false,
  activeSinceMs: undefined,
  isChecking: false,
  isSlow: false,
  swarmSeeds: null,
  swarmLeeches: null,
  ...more,
});
/** Active since so long that others may take its place. */
const active = (id: string, more: Partial<Item> = {}): Item => waiting(id, { activeSinceMs: -turnMinMs, ...more });
const seed = (id: string, swarmSeeds: number | null, swarmLeeches: number | null, more: Partial<Item> = {}): Item =>
  waiting(id, { kind: "seed", swarmSeeds, swarmLeeches, ...more });

const two: QueueLimits = { downloads: 2, seeds: 2 };
const decide = (items: readonly Item[], limits = two, nowMs = 0) => {
  const { start, stop } = decideQueue(items, limits, nowMs);
  return { start, stop };
};

describe("the queue", () => {
  it("starts the first of those that wait, as many as may be active", () => {
    expect(decide([waiting("a"), waiting("b"), waiting("c")])).toEqual({ start: ["a", "b"], stop: [] });
  });

  it("without limits starts all", () => {
    const items = [waiting("a"), seed("b", 1, 1), active("c")];
    expect(decide(items, { downloads: 0, seeds: 0 })).toEqual({ start: ["a", "b"], stop: [] });
  });

  it("counts downloads and seeds each for themselves", () => {
    const items = [waiting("a"), waiting("b"), waiting("c"), seed("x", 1, 1), seed("y", 1, 1), seed("z", 1, 1)];
    expect(decide(items, { downloads: 1, seeds: 2 }).start).toEqual(["a", "x", "y"]);
  });

  it("neither counts nor holds back those that are forced", () => {
    const items = [waiting("a", { isForced: true }), active("b"), active("c"), waiting("d", { isForced: true })];
    expect(decide(items)).toEqual({ start: ["a", "d"], stop: [] });
  });

  it("gives the place of a slow one to the next, and lets the slow one go on", () => {
    const items = [active("a", { isSlow: true }), active("b"), waiting("c"), waiting("d")];
    expect(decide(items)).toEqual({ start: ["c"], stop: [] });
  });

  it("counts those that are checked, and does not interrupt them", () => {
    const items = [waiting("a"), waiting("b"), active("c", { isChecking: true, isSlow: true })];
    expect(decide(items)).toEqual({ start: ["a"], stop: [] });
  });

  it("replaces the last by one that was moved before it, after five minutes", () => {
    const items = [waiting("new"), active("a"), active("b", { activeSinceMs: 0 })];
    const before = decideQueue(items, two, turnMinMs - 1);
    expect(before).toEqual({ start: [], stop: [], reviewMs: turnMinMs });
    expect(decide(items, two, turnMinMs)).toEqual({ start: ["new"], stop: ["b"] });
  });

  it("replaces at once where the limits were changed", () => {
    const items = [active("a", { activeSinceMs: 0 }), active("b", { activeSinceMs: 0 })];
    expect(decideQueue(items, { downloads: 1, seeds: 0 }, 1, 0).stop).toEqual(["b"]);
  });

  it("bears one too many when a slow one is fast again, until the newcomer has had its five minutes", () => {
    const items = [active("a"), active("b"), active("c", { activeSinceMs: 0 }), waiting("d")];
    expect(decide(items, two, minute)).toEqual({ start: [], stop: [] });
    expect(decide(items, two, turnMinMs)).toEqual({ start: [], stop: ["c"] });
  });

  it("seeds first where leeches have the fewest seeds", () => {
    const items = [seed("rich", 100, 10), seed("poor", 1, 50), seed("none", 0, 3), seed("dead", 2, 0)];
    expect(decide(items).start).toEqual(["none", "poor"]);
    expect(decide(items, { downloads: 0, seeds: 3 }).start).toEqual(["none", "poor", "rich"]);
  });

  it("takes equally needed seeds by their places, and supposes as many seeds as leeches where it knows nothing", () => {
    const items = [seed("unknown", null, null), seed("even", 4, 4), seed("rich", 5, 4), seed("poor", 3, 4)];
    expect(decide(items, { downloads: 0, seeds: 4 }).start).toEqual(["poor", "unknown", "even", "rich"]);
  });

  it("replaces an active seed only by one that is needed twice as much", () => {
    const limits = { downloads: 0, seeds: 1 };
    const running = seed("a", 10, 10, { activeSinceMs: -turnMinMs });
    expect(decide([running, seed("b", 6, 10)], limits)).toEqual({ start: [], stop: [] });
    expect(decide([running, seed("b", 4, 10)], limits)).toEqual({ start: ["b"], stop: ["a"] });
  });

  const anItem = fc.record({
    kind: fc.constantFrom("download" as const, "seed" as const),
    isForced: fc.boolean(),
    activeSinceMs: fc.option(fc.integer({ min: -10 * minute, max: 0 }), { nil: undefined }),
    isChecking: fc.boolean(),
    isSlow: fc.boolean(),
    swarmSeeds: fc.option(fc.nat({ max: 50 })),
    swarmLeeches: fc.option(fc.nat({ max: 50 })),
  });
  const someItems = fc
    .array(anItem, { maxLength: 30 })
    .map((items) => items.map((item, index): Item => ({ ...item, id: String(index) })));
  const someLimits = fc.record({ downloads: fc.nat({ max: 5 }), seeds: fc.nat({ max: 5 }) });

  /** What has become of them. */
  function applied(items: readonly Item[], limits: QueueLimits, nowMs: number): Item[] {
    const { start, stop } = decideQueue(items, limits, nowMs);
    return items.map((item) => {
      if (start.includes(item.id)) return { ...item, activeSinceMs: nowMs, isSlow: false };
      return stop.includes(item.id) ? { ...item, activeSinceMs: undefined, isChecking: false } : item;
    });
  }

  it("has nothing more to say once it was followed", () => {
    fc.assert(
      fc.property(someItems, someLimits, (items, limits) => {
        expect(decide(applied(items, limits, 0), limits, 0)).toEqual({ start: [], stop: [] });
      }),
    );
  });

  it("starts none beyond the limit, and leaves none unused", () => {
    fc.assert(
      fc.property(someItems, someLimits, (items, limits) => {
        const after = applied(items, limits, 0);
        for (const [kind, limit] of [["download", limits.downloads] as const, ["seed", limits.seeds] as const]) {
          const ofKind = after.filter((item) => item.kind === kind);
          const counted = ofKind.filter(
            (item) => !item.isForced && item.activeSinceMs !== undefined && (item.isChecking || !item.isSlow),
          );
          const idle = ofKind.filter((item) => item.activeSinceMs === undefined);
          const hasStarted = counted.some(
            (item) => item.activeSinceMs === 0 && items[Number(item.id)]?.activeSinceMs === undefined,
          );
          if (limit > 0 && hasStarted) expect(counted.length).toBeLessThanOrEqual(limit);
          if (idle.length > 0) expect(counted.length).toBeGreaterThanOrEqual(limit);
          if (limit === 0) expect(idle).toEqual([]);
        }
      }),
    );
  });

  it("comes to rest: after the turns of all it is as limits and places say, and stays so", () => {
    fc.assert(
      fc.property(someItems, someLimits, (items, limits) => {
        let now: readonly Item[] = items.map((item) => ({ ...item, isChecking: false }));
        for (let i = 0; i < 40; i++) now = applied(now, limits, i * turnMinMs);
        expect(decide(now, limits, 100 * turnMinMs)).toEqual({ start: [], stop: [] });
        const downloads = now.filter(
          ({ kind, isForced, isSlow, activeSinceMs }) =>
            kind === "download" && !isForced && !(isSlow && activeSinceMs !== undefined),
        );
        const isActive = downloads.map(({ activeSinceMs }) => activeSinceMs !== undefined);
        const limit = limits.downloads === 0 ? downloads.length : limits.downloads;
        expect(isActive).toEqual(downloads.map((_, place) => place < limit));
      }),
    );
  });
});

describe("slowness", () => {
  it("is a minute below the rate, and over at once", () => {
    const watch = new SlowWatch();
    watch.see(10, 100, 0);
    watch.see(10, 100, 59_000);
    expect(watch.isSlow).toBe(false);
    watch.see(99, 100, 60_000);
    expect(watch.isSlow).toBe(true);
    watch.see(100, 100, 61_000);
    expect(watch.isSlow).toBe(false);
    watch.see(0, 100, 62_000);
    watch.see(0, 100, 121_000);
    expect(watch.isSlow).toBe(false);
  });

  it("is not known where no rate is slow", () => {
    const watch = new SlowWatch();
    watch.see(0, 0, 0);
    watch.see(0, 0, 1e9);
    expect(watch.isSlow).toBe(false);
  });
});

describe("places in the queue", () => {
  const order = ["a", "b", "c", "d", "e"];
  it.each<[move: QueueMove, ids: string, result: string]>([
    ["top", "d", "dabce"],
    ["top", "eb", "beacd"],
    ["bottom", "a", "bcdea"],
    ["bottom", "ca", "bdeac"],
    ["up", "c", "acbde"],
    ["up", "a", "abcde"],
    ["up", "ab", "abcde"],
    ["up", "abd", "abdce"],
    ["up", "bc", "bcade"],
    ["up", "ace", "acbed"],
    ["down", "e", "abcde"],
    ["down", "de", "abcde"],
    ["down", "ab", "cabde"],
    ["down", "ac", "badce"],
    [1, "e", "eabcd"],
    [2, "e", "aebcd"],
    [2, "ab", "cabde"],
    [5, "a", "bcdea"],
    [99, "a", "bcdea"],
    [3, "ae", "bcaed"],
    ["top", "xyz", "abcde"],
  ])("%s of %s", (move, ids, result) => {
    expect(movedInQueue(order, new Set(ids), move).join("")).toBe(result);
  });

  it("are kept but for the moved ones, whatever is moved", () => {
    const moves = fc.oneof(fc.constantFrom<QueueMove>("top", "up", "down", "bottom"), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.nat({ max: 30 }), fc.array(fc.nat({ max: 30 })), moves, (count, some, move) => {
        const before = Array.from({ length: count }, (_, i) => i);
        const ids = new Set(some.filter((id) => id < count));
        const after = movedInQueue(before, ids, move);
        const rising = [...before].sort((a, b) => a - b);
        expect([...after].sort((a, b) => a - b)).toEqual(rising);
        expect(after.filter((id) => ids.has(id))).toEqual(before.filter((id) => ids.has(id)));
        expect(after.filter((id) => !ids.has(id))).toEqual(before.filter((id) => !ids.has(id)));
      }),
    );
  });
});
