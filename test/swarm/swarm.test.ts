/** Whole swarms in memory: see `memory-swarm.ts` for what is watched on every line. */
import { describe, expect, it } from "vitest";
import { MemorySwarm, type MemorySwarmOptions, type SwarmNode } from "../support/memory-swarm.ts";

const seeds = [1, 2, 3, 4, 5];

async function withSwarm<T>(options: MemorySwarmOptions, use: (swarm: MemorySwarm) => Promise<T>): Promise<T> {
  const swarm = new MemorySwarm(options);
  try {
    return await use(swarm);
  } finally {
    swarm.close();
    expect(swarm.clock.pendingTimers).toBe(0);
  }
}

/** The node has the content, and no trace of its making is left. */
function expectWhole(swarm: MemorySwarm, node: SwarmNode): void {
  expect(node.have.isFull, node.name).toBe(true);
  expect(Buffer.compare(node.storage.bytes, swarm.torrent.bytes), node.name).toBe(0);
  expect(node.swarm.ledger.size).toBe(0);
  expect(node.swarm.availability.waitingCount).toBe(0);
  for (const neighbour of node.neighbours) {
    expect(neighbour.pipeline.outstanding).toBe(0);
    expect(neighbour.wantedCount).toBe(0);
    expect(neighbour.amInterested).toBe(false);
  }
}

function leeches(swarm: MemorySwarm, count: number, options: Parameters<MemorySwarm["add"]>[1] = {}): SwarmNode[] {
  return Array.from({ length: count }, (_, i) => swarm.add(`leech ${i + 1}`, options));
}

/** Lets what is on its way arrive, and looks whether anybody broke a rule. */
async function settle(swarm: MemorySwarm): Promise<void> {
  await swarm.clock.run(5000);
  expect(swarm.violations).toEqual([]);
  expect(swarm.unanswered()).toEqual([]);
}

describe("a swarm", () => {
  it.each(seeds)("of one seed and seven leeches gets the content to all, by the rules (seed %i)", (seed) =>
    withSwarm({ seed }, async (swarm) => {
      swarm.add("seed", { have: "all" });
      const all = leeches(swarm, 7);
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) {
        expectWhole(swarm, node);
        expect(node.downloadedBytes).toBe(swarm.torrent.bytes.length);
        // Two seeds have nothing to say to each other.
        expect(node.neighbours).toEqual([]);
      }
    }),
  );

  it("wastes little on duplicates where the content is more than a few windows", () =>
    withSwarm({ seed: 11, pieceCount: 150 }, async (swarm) => {
      swarm.add("seed", { have: "all" });
      const all = [...leeches(swarm, 3), ...leeches(swarm, 3, { lineBytesPerSecond: 20_000 })];
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) expect(node.has("endgame")).toBe(true);
      const wasted = all.reduce((sum, node) => sum + node.wastedBytes, 0);
      expect(wasted).toBeLessThan(0.1 * all.length * swarm.torrent.bytes.length);
    }));

  it("does the same for the same seed, and something else for another", async () => {
    const play = (seed: number) =>
      withSwarm({ seed }, async (swarm) => {
        swarm.add("seed", { have: "all" });
        swarm.add("poisoner", { have: "all", spoils: (piece) => piece % 5 === 0 });
        const all = leeches(swarm, 4);
        swarm.connectAll();
        await swarm.runUntilComplete(all);
        return swarm.transcript();
      });
    const first = await play(21);
    expect(first.split("\n").length).toBeGreaterThan(30);
    expect(await play(21)).toBe(first);
    expect(await play(22)).not.toBe(first);
  });

  it.each(seeds)("of leeches that have all pieces only together completes without a seed (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 20 }, async (swarm) => {
      const all = [0, 1, 2, 3].map((i) =>
        swarm.add(`leech ${i}`, { have: Array.from({ length: 20 }, (_, piece) => piece).filter((p) => p % 4 === i) }),
      );
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) expectWhole(swarm, node);
    }),
  );

  it.each(seeds)("with some that know no fast extension completes by the older rules (seed %i)", (seed) =>
    withSwarm({ seed }, async (swarm) => {
      swarm.add("seed", { have: "all", hasFast: seed % 2 === 0 });
      const all = [...leeches(swarm, 3), ...leeches(swarm, 4, { hasFast: false })];
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) expectWhole(swarm, node);
    }),
  );

  it.each(seeds)("with slow disks and limits on upload completes (seed %i)", (seed) =>
    withSwarm({ seed }, async (swarm) => {
      swarm.add("seed", { have: "all", readMs: 30 });
      const all = [...leeches(swarm, 3, { uploadLimit: 50_000 }), ...leeches(swarm, 3, { readMs: 200 })];
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) expectWhole(swarm, node);
    }),
  );

  it.each(seeds)("larger than the seed's slots serves everybody (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 40 }, async (swarm) => {
      // The leeches know only the seed: nobody else can help them.
      const source = swarm.add("seed", { have: "all" });
      const all = leeches(swarm, 12);
      for (const node of all) swarm.connect(node, source);
      expect(await swarm.runUntilComplete(all, 1_200_000)).toBe(true);
      await settle(swarm);
      for (const node of all) expectWhole(swarm, node);
    }),
  );

  it.each(seeds)("goes on when a neighbour leaves in the middle (seed %i)", (seed) =>
    withSwarm({ seed }, async (swarm) => {
      const first = swarm.add("first seed", { have: "all" });
      swarm.add("second seed", { have: "all", lineBytesPerSecond: 50_000 });
      const [goer, ...all] = leeches(swarm, 6);
      swarm.connectAll();
      expect(await swarm.runUntil(() => all.some((node) => node.have.count > 8), 600_000)).toBe(true);
      goer?.leave();
      first.leave();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) expectWhole(swarm, node);
    }),
  );

  it.each(seeds)("lets one that comes late catch up (seed %i)", (seed) =>
    withSwarm({ seed }, async (swarm) => {
      const source = swarm.add("seed", { have: "all" });
      const [a, b, c, late] = leeches(swarm, 4);
      if (a === undefined || b === undefined || c === undefined || late === undefined) return;
      for (const [one, two] of [
        [a, b],
        [b, c],
        [a, c],
      ] as const) {
        swarm.connect(one, two);
      }
      for (const node of [a, b, c]) swarm.connect(node, source);
      await swarm.runUntil(() => a.have.count > 12, 600_000);
      for (const node of [a, b, c]) swarm.connect(late, node);
      expect(await swarm.runUntilComplete([a, b, c, late])).toBe(true);
      await settle(swarm);
      expectWhole(swarm, late);
    }),
  );
});

describe("a swarm with poisoners", () => {
  it.each(seeds)("bans the one that spoils every block, and nobody else (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 40 }, async (swarm) => {
      swarm.add("seed", { have: "all" });
      const poisoner = swarm.add("poisoner", { have: "all", spoils: () => true });
      const all = leeches(swarm, 4);
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) {
        expectWhole(swarm, node);
        expect(node.isBanned(poisoner) || !node.has("failed its hash"), node.name).toBe(true);
        for (const other of swarm.nodes) if (other !== poisoner) expect(node.isBanned(other)).toBe(false);
      }
      expect(all.some((node) => node.isBanned(poisoner))).toBe(true);
    }),
  );

  it.each([...seeds, 6, 7, 8, 9, 10])("never bans the honest where some blocks are spoilt (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 30 }, async (swarm) => {
      swarm.add("seed", { have: "all" });
      const poisoners = [
        swarm.add("poisoner of one piece", { have: "all", spoils: (piece) => piece === 3 }),
        swarm.add("poisoner of every seventh block", { have: "all", spoils: (_, begin) => begin % 7 === 3 }),
        swarm.add("poisoner of first blocks", {
          have: "all",
          spoils: (piece, begin) => piece % 3 === 1 && begin === 0,
        }),
      ];
      const all = leeches(swarm, 3);
      swarm.connectAll();
      expect(await swarm.runUntilComplete(all)).toBe(true);
      await settle(swarm);
      for (const node of all) {
        expectWhole(swarm, node);
        for (const other of swarm.nodes) if (!poisoners.includes(other)) expect(node.isBanned(other)).toBe(false);
      }
    }),
  );

  it.each(seeds)("completes where the honest one was suspected too and is the only one left (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 3 }, async (swarm) => {
      const honest = swarm.add("seed", { have: "all" });
      const poisoner = swarm.add("poisoner", { have: "all", spoils: (piece) => piece !== 1 });
      const leech = swarm.add("leech");
      swarm.connectAll();
      await swarm.runUntil(() => leech.has("failed its hash"), 60_000);
      if (!leech.isBanned(poisoner)) poisoner.leave();
      expect(await swarm.runUntilComplete([leech])).toBe(true);
      expectWhole(swarm, leech);
      expect(leech.isBanned(honest)).toBe(false);
    }),
  );
});

describe("a swarm with neighbours that do not do their part", () => {
  it.each(seeds)("completes though five unchoke and never send (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 12 }, async (swarm) => {
      const silent = Array.from({ length: 5 }, (_, i) => swarm.add(`silent ${i}`, { have: "all", isSilent: true }));
      const leech = swarm.add("leech");
      for (const node of silent) swarm.connect(leech, node);
      await swarm.clock.run(3000);
      // The one that sends comes when all blocks are asked of others.
      swarm.connect(leech, swarm.add("seed", { have: "all" }));
      expect(await swarm.runUntilComplete([leech], 240_000)).toBe(true);
      expect(swarm.violations).toEqual([]);
      expectWhole(swarm, leech);
      expect(leech.lines.filter((line) => line.includes("snubs us")).length).toBeLessThanOrEqual(5);
    }),
  );

  it.each(seeds)("completes where the silent ones are suspects or own what failed (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 6 }, async (swarm) => {
      const silent = [1, 2, 3].map((i) => swarm.add(`silent ${i}`, { have: "all", isSilent: true }));
      swarm.add("seed", { have: "all" });
      swarm.add("poisoner", { have: "all", spoils: (piece) => piece > 2 });
      const leech = swarm.add("leech");
      swarm.connectAll();
      await swarm.runUntil(() => leech.neighbours.length > 0, 5000);
      for (const neighbour of leech.neighbours) {
        if (silent.some((node) => node.endpoint.address === neighbour.info.endpoint.address))
          neighbour.isSuspect = true;
      }
      expect(await swarm.runUntilComplete([leech], 600_000)).toBe(true);
      expectWhole(swarm, leech);
    }),
  );

  it.each(seeds)("completes though a block takes half a minute on each line (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 30 }, async (swarm) => {
      const leech = swarm.add("leech");
      for (let i = 0; i < 8; i++)
        swarm.connect(leech, swarm.add(`seed ${i}`, { have: "all", lineBytesPerSecond: 500 }));
      expect(await swarm.runUntilComplete([leech], 3_600_000)).toBe(true);
      expect(swarm.violations).toEqual([]);
      expectWhole(swarm, leech);
    }),
  );
});
