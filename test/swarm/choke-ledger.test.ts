import { afterEach, describe, expect, it } from "vitest";
import { roundRowsMax, roundsMax } from "../../source/swarm/choke-ledger.ts";
import { MemorySwarm } from "../support/memory-swarm.ts";

let swarm: MemorySwarm | undefined;
afterEach(() => swarm?.close());

describe("the ledger of a real swarm", () => {
  it("says of each round who gave and took what, who was ranked where, and who got a slot and why", async () => {
    swarm = new MemorySwarm({ seed: 7, pieceCount: 300 });
    swarm.add("seed", { have: "all", lineBytesPerSecond: 40_000 });
    const [one, ...others] = Array.from({ length: 6 }, (_, i) =>
      swarm?.add(`leech ${i}`, { lineBytesPerSecond: 40_000 }),
    );
    swarm.connectAll();
    await swarm.runUntilComplete(others.filter((node) => node !== undefined));
    const ledger = one?.swarm.chokes;
    const rounds = ledger?.rounds(roundsMax) ?? [];
    expect(rounds.length).toBeGreaterThan(5);
    rounds.reduce(
      (before, { number, ms }) => {
        expect(number).toBeGreaterThan(before.number);
        expect(ms - before.ms).toBeGreaterThanOrEqual(10_000);
        return { number, ms };
      },
      { number: 0, ms: -10_000 },
    );
    for (const { rows, isSeed, interested, grants } of rounds) {
      const ranked = rows.filter(({ rank }) => rank !== null);
      expect(new Set(ranked.map(({ rank }) => rank)).size).toBe(ranked.length);
      expect(ranked.length).toBeLessThanOrEqual(interested);
      const regular = rows.filter(({ slot }) => slot === "regular");
      expect(regular.length).toBeLessThanOrEqual(4);
      for (const { slot, reason } of rows) expect(reason === "").toBe(slot === null);
      for (const { reason } of grants) expect(reason).not.toBe("");
      if (isSeed) continue;
      // The regular slots are those of the first ranks.
      for (const { rank } of regular) expect(rank).toBeLessThanOrEqual(regular.length);
    }
    // What the rounds say was moved is what was moved, but for what came after the last of them.
    const taken = rounds.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.taken, 0);
    const given = rounds.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.given, 0);
    expect(taken).toBeGreaterThan(0.8 * (one?.downloadedBytes ?? 0));
    expect(taken).toBeLessThanOrEqual(one?.downloadedBytes ?? 0);
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThanOrEqual(one?.uploadedBytes ?? 0);
    for (const { id } of one?.neighbours ?? []) {
      const { rounds: count, served, open } = ledger?.of(id) ?? { rounds: 0, served: 0, open: 0 };
      expect(count).toBeGreaterThan(0);
      expect(Math.max(served, open)).toBeLessThanOrEqual(count);
    }
  });

  it("stays bounded, and forgets who left", async () => {
    swarm = new MemorySwarm({ seed: 2, pieceCount: 2000, blocksPerPiece: 1 });
    const seed = swarm.add("seed", { have: "all", lineBytesPerSecond: 2000 });
    for (let i = 0; i < 30; i++) swarm.connect(seed, swarm.add(`leech ${i}`));
    await swarm.clock.run(700_000);
    const rounds = seed.swarm.chokes.rounds(1000);
    expect(rounds.length).toBe(roundsMax);
    for (const { rows } of rounds) expect(rows.length).toBe(roundRowsMax);
    expect(seed.swarm.chokes.rounds(0)).toEqual([]);
    const left = seed.neighbours[0];
    expect(seed.swarm.chokes.of(left?.id ?? 0)).toBeDefined();
    left?.close("it goes");
    expect(seed.swarm.chokes.of(left?.id ?? 0)).toBe(undefined);
  });
});
