/** What is wanted of a torrent, chosen and changed while whole swarms in memory download it. */
import { describe, expect, it } from "vitest";
import { MemorySwarm, type MemorySwarmOptions, type SwarmNode } from "../support/memory-swarm.ts";

const seeds = [1, 2, 3];

async function withSwarm<T>(options: MemorySwarmOptions, use: (swarm: MemorySwarm) => Promise<T>): Promise<T> {
  const swarm = new MemorySwarm(options);
  try {
    return await use(swarm);
  } finally {
    swarm.close();
    expect(swarm.clock.pendingTimers).toBe(0);
  }
}

function priorities(count: number, of: (piece: number) => number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, piece) => of(piece));
}

const piecesOf = (node: SwarmNode) =>
  Array.from({ length: node.have.length }, (_, piece) => piece).filter((piece) => node.have.has(piece));

/** The pieces in the order in which they become verified. */
function watchOrder(node: SwarmNode): number[] {
  const order: number[] = [];
  node.pieceVerified = (piece?: number) => {
    if (piece !== undefined) order.push(piece);
  };
  return order;
}

async function settle(swarm: MemorySwarm): Promise<void> {
  await swarm.clock.run(5000);
  expect(swarm.violations).toEqual([]);
  expect(swarm.unanswered()).toEqual([]);
}

// Without the fast extension where order matters: while choked a neighbour gives pieces of its own choice.
describe("a selection", () => {
  it.each(seeds)("is all that is fetched; then we only upload, and let seeds go (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 40 }, async (swarm) => {
      const isWanted = (piece: number) => piece % 3 === 0;
      swarm.add("seed", { have: "all" });
      const some = swarm.add("partial");
      const whole = swarm.add("leech", { have: [1, 2, 4, 5] });
      some.swarm.setPriorities(
        priorities(40, (piece) => (isWanted(piece) ? 2 : 0)),
        undefined,
      );
      swarm.connectAll();
      expect(await swarm.runUntil(() => some.swarm.isFinished && whole.have.isFull, 600_000)).toBe(true);
      await settle(swarm);
      expect(piecesOf(some)).toEqual([...Array(40).keys()].filter(isWanted));
      expect(some.completedMs).toBeDefined();
      expect(some.has("we want nothing more, and it has everything")).toBe(true);
      expect(some.neighbours.every((neighbour) => !neighbour.amInterested && neighbour.wantedCount === 0)).toBe(true);
      expect(some.swarm.ledger.size).toBe(0);
    }),
  );

  it.each(seeds)("may change in the middle: nothing more is asked of what is skipped (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 60, blocksPerPiece: 16 }, async (swarm) => {
      const leech = swarm.add("leech");
      swarm.connect(leech, swarm.add("seed 1", { have: "all", lineBytesPerSecond: 300_000 }));
      swarm.connect(leech, swarm.add("seed 2", { have: "all", lineBytesPerSecond: 100_000 }));
      expect(await swarm.runUntil(() => leech.have.count >= 8, 600_000)).toBe(true);
      const before = piecesOf(leech);
      const begun = [...leech.swarm.ledger.pieces()].filter((active) => active.receivedCount > 0);
      expect(begun.length).toBeGreaterThan(0);
      leech.swarm.setPriorities(
        priorities(60, (piece) => (piece < 30 ? 2 : 0)),
        undefined,
      );
      for (const neighbour of leech.neighbours) {
        for (const active of leech.swarm.ledger.pieces()) {
          for (let block = 0; active.piece >= 30 && block < active.blockCount; block++)
            expect(neighbour.hasRequested(leech.swarm.ledger.keyOf(active.piece, block))).toBe(false);
        }
      }
      expect(await swarm.runUntil(() => leech.swarm.isFinished, 600_000)).toBe(true);
      await settle(swarm);
      // What was on its way may still have made a begun piece whole, but none was begun.
      const allowed = new Set([...before, ...begun.map((active) => active.piece as number), ...Array(30).keys()]);
      expect(piecesOf(leech).filter((piece) => !allowed.has(piece))).toEqual([]);
      expect(piecesOf(leech).length).toBeLessThan(60);
      expect(leech.neighbours).toEqual([]);

      // Wanted again: what had come of a parked piece is not fetched twice.
      leech.swarm.setPriorities(undefined, undefined);
      expect(leech.swarm.isFinished).toBe(false);
      const again = swarm.add("seed 3", { have: "all" });
      swarm.connect(leech, again);
      expect(await swarm.runUntilComplete([leech])).toBe(true);
      await settle(swarm);
      expect(Buffer.compare(leech.storage.bytes, swarm.torrent.bytes)).toBe(0);
      expect(leech.swarm.ledger.size).toBe(0);
      expect(leech.downloadedBytes).toBe(swarm.torrent.bytes.length);
    }),
  );

  it("takes pieces of high priority before all others, and those of low priority last", () =>
    withSwarm({ seed: 4, pieceCount: 60 }, async (swarm) => {
      const leech = swarm.add("leech", { hasFast: false });
      const classOf = (piece: number) => (piece % 10 === 7 ? 3 : piece % 2 === 0 ? 2 : 1);
      leech.swarm.setPriorities(priorities(60, classOf), undefined);
      const order = watchOrder(leech);
      swarm.connect(leech, swarm.add("seed", { have: "all" }));
      expect(await swarm.runUntilComplete([leech])).toBe(true);
      expect(order.map(classOf)).toEqual(order.map(classOf).sort((a, b) => b - a));
    }));

  it("is finished at once when the last missing pieces are skipped, and chokes as a seed does", () =>
    withSwarm({ seed: 5, pieceCount: 20 }, async (swarm) => {
      const leech = swarm.add("leech", { have: [0, 1, 2] });
      const other = swarm.add("other");
      swarm.connect(leech, other);
      await swarm.clock.run(2000);
      leech.swarm.setPriorities(
        priorities(20, (piece) => (piece < 3 ? 2 : 0)),
        undefined,
      );
      expect(leech.completedMs).toBeDefined();
      expect(await swarm.runUntil(() => other.have.count === 3, 60_000)).toBe(true);
      await settle(swarm);
      // It stays: it still wants what we may have some day.
      expect(leech.neighbours.length).toBe(1);
    }));
});

describe("sequential mode", () => {
  const inOrder = Int32Array.from({ length: 120 }, (_, piece) => piece);

  it.each(seeds)("has the pieces in order, but for those under way (seed %i)", (seed) =>
    withSwarm({ seed, pieceCount: 120 }, async (swarm) => {
      const leech = swarm.add("leech", { hasFast: false });
      leech.swarm.setPriorities(undefined, inOrder);
      const order = watchOrder(leech);
      for (const name of ["a", "b", "c"]) swarm.connect(leech, swarm.add(`seed ${name}`, { have: "all" }));
      expect(await swarm.runUntilComplete([leech])).toBe(true);
      const displaced = Math.max(...order.map((piece, at) => Math.abs(piece - at)));
      expect(displaced).toBeLessThan(30);
    }),
  );

  it("asks one that has none of the next pieces for others", () =>
    withSwarm({ seed: 2, pieceCount: 120 }, async (swarm) => {
      const leech = swarm.add("leech", { hasFast: false });
      leech.swarm.setPriorities(undefined, inOrder);
      swarm.connect(leech, swarm.add("tail", { have: [100, 101, 102, 119] }));
      expect(await swarm.runUntil(() => leech.have.count === 4, 60_000)).toBe(true);
    }));

  it("leaves no holes behind a neighbour that crawls", () =>
    withSwarm({ seed: 3, pieceCount: 120 }, async (swarm) => {
      const leech = swarm.add("leech", { hasFast: false });
      leech.swarm.setPriorities(undefined, inOrder);
      const slow = swarm.add("slow", { have: "all", lineBytesPerSecond: 1000 });
      swarm.connect(leech, slow);
      await swarm.clock.run(40_000);
      swarm.connect(leech, swarm.add("fast", { have: "all", lineBytesPerSecond: 100_000 }));
      // How far the pieces reach beyond the first that is missing, at its worst after a while.
      let worst = 0;
      const isDone = () => {
        const have = piecesOf(leech);
        const hole = have.findIndex((piece, at) => piece !== at);
        if (have.length > 40 && hole !== -1) worst = Math.max(worst, (have.at(-1) ?? 0) - hole);
        return leech.have.isFull;
      };
      expect(await swarm.runUntil(isDone, 600_000)).toBe(true);
      await settle(swarm);
      expect(worst).toBeLessThan(50);
      expect(leech.wastedBytes).toBeLessThan(0.1 * swarm.torrent.bytes.length);
    }));

  it("can be switched off and on while it runs", () =>
    withSwarm({ seed: 6, pieceCount: 120 }, async (swarm) => {
      const leech = swarm.add("leech", { hasFast: false });
      const order = watchOrder(leech);
      swarm.connect(leech, swarm.add("seed", { have: "all" }));
      leech.swarm.setPriorities(undefined, inOrder);
      await swarm.runUntil(() => leech.have.count >= 20, 60_000);
      leech.swarm.setPriorities(undefined, undefined);
      await swarm.runUntil(() => leech.have.count >= 60, 60_000);
      expect(Math.max(...order.slice(0, 20))).toBeLessThan(40);
      expect(Math.max(...order.slice(30))).toBeGreaterThan(90);
      leech.swarm.setPriorities(undefined, inOrder);
      const missing = [...inOrder].filter((piece) => !leech.have.has(piece)).slice(0, 3);
      const before = order.length;
      await swarm.runUntil(() => leech.have.count >= 90, 60_000);
      expect(order.slice(before, before + 25)).toEqual(expect.arrayContaining(missing));
      expect(await swarm.runUntilComplete([leech])).toBe(true);
    }));
});
