/** Super-seeding (BEP 16): its rules at a table of neighbours, and whole swarms with a super-seed. */
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { Availability } from "../../source/swarm/availability.ts";
import type { SuperSeedStanding } from "../../source/swarm/choke-ranking.ts";
import { type ShownTo, SuperSeeding } from "../../source/swarm/super-seeding.ts";
import { MemorySwarm, type MemorySwarmOptions, type SwarmNode } from "../support/memory-swarm.ts";

const pieceLength = 65536;

class FakeNeighbour implements ShownTo {
  readonly info: { readonly peerId: string };
  readonly id: number;
  field: Bitfield;
  waitingCount = 0;
  amChoking = false;
  rateNow = 0;
  peerInterested = true;
  unchokedMs = 0;
  chokedMs = Number.NEGATIVE_INFINITY;
  sent = 0;
  closed = "";
  readonly told: number[] = [];
  readonly up: ShownTo["up"];

  constructor(id: number, pieceCount: number) {
    this.id = id;
    this.info = { peerId: `peer ${id}` };
    this.field = new Bitfield(pieceCount);
    const neighbour = this;
    this.up = {
      get total() {
        return neighbour.sent;
      },
      rate: () => neighbour.rateNow,
    };
  }

  announcePieces(pieces: readonly number[]): void {
    this.told.push(...pieces);
  }

  close(reason: string): void {
    this.closed = reason;
  }
}

class Table {
  readonly geometry: Geometry;
  readonly availability: Availability;
  readonly neighbours = new Map<number, FakeNeighbour>();
  readonly seeding: SuperSeeding;
  nowMs = 1000;
  /** What a piece from us takes: too long for more than one at a time. */
  pieceMs = 2500;

  constructor(count: number, pieceCount: number, seed = 1) {
    this.geometry = new Geometry(pieceLength, pieceLength * pieceCount);
    const random = new SeededRandom(seed);
    this.availability = new Availability(random, pieceCount);
    this.seeding = new SuperSeeding(this.neighbours, random, this.geometry, this.availability);
    for (let id = 1; id <= count; id++) this.come(id);
  }

  come(id: number): FakeNeighbour {
    const one = new FakeNeighbour(id, this.geometry.pieceCount);
    this.neighbours.set(id, one);
    this.availability.joined(one);
    this.seeding.shownTo(id);
    this.seeding.fieldCame(one, one.field, this.nowMs);
    return one;
  }

  of(id: number): FakeNeighbour {
    const one = this.neighbours.get(id);
    if (one === undefined) throw new Error(`nobody is ${id}`);
    return one;
  }

  /** It has the piece: from us or from somebody else. */
  have(id: number, piece: number, isFromUs = false): void {
    const one = this.of(id);
    if (isFromUs) {
      one.sent += pieceLength;
      this.nowMs += this.pieceMs;
    }
    if (one.field.set(piece)) this.availability.gained(one, piece);
    this.seeding.pieceCame(one, this.geometry.piece(piece), this.nowMs);
  }

  leave(id: number): void {
    const one = this.of(id);
    this.neighbours.delete(id);
    this.availability.left(one);
    this.seeding.left(one);
  }

  tick(ms: number): boolean {
    this.nowMs += ms;
    return this.seeding.tick(this.nowMs);
  }

  /** It fetches what it is shown and keeps it, so many times at most. */
  hoard(id: number, times: number): void {
    for (let i = 0; i < times && !this.of(id).field.has(this.last(id)); i++) this.have(id, this.last(id), true);
  }

  standing(id: number): SuperSeedStanding {
    return this.seeding.standing(this.of(id), this.nowMs);
  }

  /** A turn begins or ends. */
  serve(id: number, isServed: boolean): void {
    const one = this.of(id);
    one.amChoking = !isServed;
    if (isServed) one.unchokedMs = this.nowMs;
    else one.chokedMs = this.nowMs;
  }

  /** What it was told last. */
  last(id: number): number {
    return this.of(id).told.at(-1) ?? -1;
  }
}

describe("a super-seed", () => {
  it("shows everybody one piece, and nobody the same while there are others", () => {
    const table = new Table(12, 16);
    const told = [...table.neighbours.values()].flatMap((one) => one.told);
    expect(told).toHaveLength(12);
    expect(new Set(told).size).toBe(12);
    table.tick(1000);
    expect([...table.neighbours.values()].every((one) => one.told.length === 1)).toBe(true);
    for (const one of table.neighbours.values()) {
      expect(table.seeding.shownTo(one.id).count).toBe(1);
      expect(table.seeding.shownTo(one.id).has(table.last(one.id))).toBe(true);
    }
  });

  it("shows the next piece when the last has come, until too many are not spread", () => {
    const table = new Table(3, 100);
    table.hoard(1, 10);
    // The first, and one after each of four that it keeps to itself and of the fifth that makes it too many.
    expect(table.of(1).told).toHaveLength(5);
    expect(table.standing(1).debts).toBe(5);
    expect(table.standing(1).hasOpen).toBe(false);
  });

  it("trusts who spreads with as many pieces more", () => {
    const table = new Table(3, 200);
    for (let i = 0; i < 20; i++) {
      const piece = table.last(1);
      table.have(1, piece, true);
      table.have(2, piece);
    }
    expect(table.of(1).told).toHaveLength(21);
    expect(table.standing(1)).toMatchObject({ debts: 0, hasOpen: true });
    table.hoard(1, 100);
    expect(table.of(1).told.length).toBe(21 + 24);
  });

  it("overlooks a debt after minutes, one at a time", () => {
    const table = new Table(3, 100);
    // They wait for their turns: the line has others to serve.
    for (const id of [2, 3]) table.serve(id, false);
    table.hoard(1, 10);
    for (let i = 0; i < 50; i++) table.tick(1000);
    expect(table.of(1).told).toHaveLength(5);
    for (let i = 0; i < 20; i++) table.tick(1000);
    expect(table.of(1).told).toHaveLength(6);
    table.have(1, table.last(1), true);
    table.tick(1000);
    expect(table.of(1).told).toHaveLength(6);
  });

  it("gives all to the only one there is, without debts", () => {
    const table = new Table(1, 50);
    const { told } = table.of(1);
    for (let i = 0; i < told.length; i++) table.have(1, told[i] ?? 0, true);
    expect(new Set(told).size).toBe(50);
    expect(table.of(1).field.isFull).toBe(true);
  });

  it("shows once more what was lost with who had it", () => {
    const table = new Table(2, 3);
    const [first, second] = [table.last(1), table.last(2)];
    table.have(1, first, true);
    expect(table.seeding.shownCount).toBe(3);
    table.leave(1);
    expect(table.seeding.shownCount).toBe(1);
    table.have(2, second, true);
    table.have(2, table.last(2), true);
    expect([...table.of(2).told].sort()).toEqual([0, 1, 2]);
  });

  it("prefers, of what was shown already, what fewest have", () => {
    const table = new Table(4, 4);
    const pieces = [1, 2, 3].map((id) => table.last(id));
    // Everybody but 4 spreads; the piece of 3 has no second copy.
    for (const [i, id] of [1, 2, 3].entries()) table.have(id, pieces[i] ?? 0, true);
    table.have(1, pieces[1] ?? 0);
    table.have(2, pieces[0] ?? 0);
    table.have(4, table.last(4), true);
    const fifth = table.come(5);
    expect([table.last(4), pieces[2]]).toContain(fifth.told[0]);
  });

  it("shows nothing twice while a piece is under way that nobody has", () => {
    const table = new Table(4, 4);
    for (const id of [1, 2, 3]) table.have(id, table.last(id), true);
    for (const id of [1, 2, 3]) table.have(id, table.last(id === 3 ? 1 : id + 1));
    expect([1, 2, 3].map((id) => table.of(id).told.length)).toEqual([1, 1, 1]);
    expect(table.come(5).told).toEqual([]);
    table.have(4, table.last(4), true);
    table.tick(1000);
    expect([1, 2, 3, 5].map((id) => table.of(id).told.length)).toEqual([2, 2, 2, 1]);
  });

  it("shows another what somebody had a turn for and did not fetch", () => {
    const table = new Table(2, 2);
    const piece = table.last(1);
    table.serve(1, false);
    table.have(2, table.last(2), true);
    table.tick(1000);
    expect(table.of(2).told).not.toContain(piece);
    expect(table.standing(1).hasNew).toBe(true);
    table.nowMs += 1000;
    table.serve(1, true);
    table.tick(5000);
    table.serve(1, false);
    table.tick(1000);
    expect(table.of(2).told).toContain(piece);
    expect(table.standing(1)).toMatchObject({ hasOpen: true, hasNew: false });
    table.leave(2);
    table.have(1, piece, true);
    expect(table.seeding.shownCount).toBe(2);
  });

  it("counts on who was served for a moment only", () => {
    const table = new Table(2, 2);
    const piece = table.last(1);
    table.have(2, table.last(2), true);
    table.nowMs += 1000;
    table.serve(1, true);
    table.tick(3000);
    table.serve(1, false);
    table.tick(1000);
    expect(table.of(2).told).not.toContain(piece);
  });

  it("lets a turn last until what was begun is there, or takes much longer than pieces do", () => {
    const table = new Table(3, 50);
    table.have(1, table.last(1), true);
    table.serve(2, true);
    expect(table.standing(2).isFetching).toBe(false);
    for (let i = 0; i < 4; i++) {
      table.of(2).sent += pieceLength / 8;
      expect(table.standing(2).isFetching).toBe(true);
      table.tick(9000);
    }
    expect(table.standing(2).isFetching).toBe(true);
    table.tick(5000);
    table.of(2).sent += 1;
    expect(table.standing(2).isFetching).toBe(false);
  });

  it("ends the turn of who asks for nothing more in the middle of a piece", () => {
    const table = new Table(3, 50);
    table.have(1, table.last(1), true);
    table.serve(2, true);
    table.of(2).sent += pieceLength / 2;
    expect(table.standing(2).isFetching).toBe(true);
    table.tick(25_000);
    expect(table.standing(2).isFetching).toBe(false);
  });

  it("allows more debts where the line would stand still, while there are pieces that nobody has", () => {
    const table = new Table(3, 100);
    for (const id of [1, 2, 3]) table.hoard(id, 10);
    expect([1, 2, 3].map((id) => table.of(id).told.length)).toEqual([5, 5, 5]);
    table.tick(1000);
    expect([1, 2, 3].map((id) => table.of(id).told.length)).toEqual([6, 6, 6]);
    table.tick(1000);
    expect([1, 2, 3].map((id) => table.of(id).told.length)).toEqual([6, 6, 6]);
  });

  it("goes on without debts where nobody can spread anything", () => {
    const table = new Table(2, 12);
    for (let i = 0; i < 40; i++) {
      for (const id of [1, 2]) table.hoard(id, 1);
      table.tick(1000);
    }
    expect(table.seeding.shownCount).toBe(12);
    expect(table.of(1).field.count + table.of(2).field.count).toBe(12);
    table.tick(300_000);
    for (let i = 0; i < 8; i++) {
      for (const id of [1, 2]) table.hoard(id, 1);
      table.tick(1000);
    }
    expect([table.of(1).field.isFull, table.of(2).field.isFull]).toEqual([true, true]);
  });

  it("knows that one is left alone when others were complete and are gone", () => {
    const table = new Table(2, 40);
    table.hoard(1, 10);
    const { told } = table.of(1);
    expect(told).toHaveLength(5);
    for (let piece = 0; piece < 40; piece++) table.have(2, piece);
    table.leave(2);
    table.tick(1000);
    for (let i = 0; i < told.length; i++) table.have(1, told[i] ?? 0, true);
    expect(table.of(1).field.isFull).toBe(true);
  });

  it("shows more at once to who takes it fast, while nobody waits or his turn lasts", () => {
    const table = new Table(2, 1000);
    table.of(2).amChoking = true;
    table.pieceMs = 200;
    table.of(1).rateNow = 5 * pieceLength;
    table.tick(1000);
    expect(table.of(1).told).toHaveLength(1);
    table.hoard(1, 1);
    expect(table.of(1).told).toHaveLength(11);
    table.of(1).unchokedMs = table.nowMs - 10_000;
    table.hoard(1, 1);
    expect(table.of(1).told).toHaveLength(11);
    table.of(2).peerInterested = false;
    table.tick(1000);
    expect(table.of(1).told).toHaveLength(12);
  });

  it("shows something else to who does not want it", () => {
    const table = new Table(2, 50);
    table.of(1).peerInterested = false;
    table.tick(20_000);
    expect(table.of(1).told).toHaveLength(1);
    table.tick(20_000);
    expect(table.of(1).told).toHaveLength(2);
  });

  it("counts on who wants after all what he did not want", () => {
    const table = new Table(2, 2);
    const piece = table.last(1);
    table.of(1).peerInterested = false;
    table.tick(40_000);
    table.have(2, table.last(2), true);
    for (const one of table.of(1).told) if (one !== piece) table.have(1, one);
    table.of(1).peerInterested = true;
    for (let i = 0; i < 70; i++) table.tick(1000);
    expect(table.standing(1).hasOpen).toBe(true);
  });

  it("is over when each piece has two copies elsewhere, and shows the rest then", () => {
    const table = new Table(3, 6);
    for (let piece = 0; piece < 6; piece++) {
      expect(table.tick(1000)).toBe(false);
      if (piece < 5) table.have(1, piece);
      table.have(2, piece);
    }
    expect(table.tick(1000)).toBe(false);
    table.have(3, 5);
    expect(table.tick(1000)).toBe(true);
    const before = table.seeding.shownTo(3).count;
    table.of(3).told.length = 0;
    table.seeding.end();
    expect(table.of(3).told).toHaveLength(6 - before);
  });
});

async function withSwarm<T>(options: MemorySwarmOptions, use: (swarm: MemorySwarm) => Promise<T>): Promise<T> {
  const swarm = new MemorySwarm(options);
  try {
    return await use(swarm);
  } finally {
    swarm.close();
    expect(swarm.clock.pendingTimers).toBe(0);
  }
}

/** @returns copies that the seed had sent when the first leech was complete. */
async function copiesSent(seed: number, isSuperSeeding: boolean, hasFast: boolean): Promise<number> {
  return withSwarm({ seed, pieceCount: 60 }, async (swarm) => {
    const uploadLimit = 100_000;
    const first = swarm.add("seed", { have: "all", isSuperSeeding, uploadLimit, hasFast });
    const all: SwarmNode[] = [];
    for (let i = 0; i < 10; i++) all.push(swarm.add(`leech ${i}`, { uploadLimit, hasFast: hasFast || i % 2 === 0 }));
    swarm.connectAll();
    expect(await swarm.runUntil(() => all.some((node) => node.have.isFull), 3_600_000)).toBe(true);
    const copies = first.uploadedBytes / swarm.torrent.bytes.length;
    expect(await swarm.runUntilComplete(all, 3_600_000)).toBe(true);
    expect(swarm.violations).toEqual([]);
    expect(first.has("super-seeded")).toBe(isSuperSeeding);
    return copies;
  });
}

describe("a swarm with a super-seed", () => {
  it.each([1, 2, 3])("is complete after little more than one copy (seed %i)", async (seed) => {
    const copies = await copiesSent(seed, true, true);
    expect(copies).toBeLessThan(1.3);
    expect(copies).toBeLessThan(await copiesSent(seed, false, true));
  });

  it("needs no fast extension", async () => {
    expect(await copiesSent(4, true, false)).toBeLessThan(1.3);
  });

  it("completes one leech alone at nearly the rate of its line", () =>
    withSwarm({ seed: 5, pieceCount: 100 }, async (swarm) => {
      swarm.add("seed", { have: "all", isSuperSeeding: true });
      const leech = swarm.add("leech");
      swarm.connectAll();
      expect(await swarm.runUntilComplete([leech])).toBe(true);
      expect(leech.completedMs).toBeLessThan((1.25 * 1000 * swarm.torrent.bytes.length) / 200_000);
    }));

  it("gives a taker that spreads nothing less than others, and completes it in the end", () =>
    withSwarm({ seed: 6, pieceCount: 60 }, async (swarm) => {
      const uploadLimit = 100_000;
      const seed = swarm.add("seed", { have: "all", isSuperSeeding: true, uploadLimit });
      const rider = swarm.add("rider", { isSilent: true });
      const all = [1, 2, 3, 4, 5, 6].map((i) => swarm.add(`leech ${i}`, { uploadLimit }));
      swarm.connectAll();
      expect(await swarm.runUntil(() => all.some((node) => node.have.isFull), 3_600_000)).toBe(true);
      const fromSeed = (node: SwarmNode) =>
        [...node.swarm.neighbours.values()].find(({ info }) => info.peerId === seed.peerId)?.down.total ?? 0;
      const least = Math.min(...all.filter((node) => !node.have.isFull).map(fromSeed));
      expect(fromSeed(rider)).toBeLessThan(least);
      expect(await swarm.runUntilComplete([...all, rider], 7_200_000)).toBe(true);
    }));

  it("answers no request for what it did not show", () =>
    withSwarm({ seed: 7 }, async (swarm) => {
      const seed = swarm.add("seed", { have: "all", isSuperSeeding: true });
      const leech = swarm.add("leech");
      swarm.connectAll();
      await swarm.clock.run(300);
      const [ours] = seed.neighbours;
      const [theirs] = leech.neighbours;
      const shown = theirs?.field.bytes.slice();
      expect(theirs?.field.count).toBe(1);
      const hidden = Array.from({ length: 24 }, (_, piece) => piece).find(
        (piece) => theirs?.field.has(piece) === false,
      );
      ours?.onRequest(hidden ?? 0, 0, 16384);
      expect(ours?.uploads.length).toBe(0);
      expect(ours?.field.bytes).not.toBe(shown);
    }));
});
