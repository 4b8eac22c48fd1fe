import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { Availability } from "../../source/swarm/availability.ts";

function fieldOf(length: number, pieces: Iterable<number>): Bitfield {
  const field = new Bitfield(length);
  for (const piece of pieces) field.set(piece);
  return field;
}

/** A neighbour that has these pieces. */
function holderOf(field: Bitfield): { field: Bitfield; waitingCount: number } {
  return { field, waitingCount: 0 };
}

type Neighbour = ReturnType<typeof holderOf>;

/** What `Availability` is to be, by counting. */
class Model {
  readonly pieceCount: number;
  readonly waiting = new Set<number>();
  readonly neighbours: Neighbour[] = [];
  priorities: readonly number[];

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount;
    this.priorities = new Array<number>(pieceCount).fill(2);
  }

  of(piece: number): number {
    return this.neighbours.filter(({ field }) => field.has(piece)).length;
  }

  get seeds(): number {
    return this.neighbours.filter(({ field }) => field.isFull).length;
  }

  /** Lower goes first: the priority before the number of copies. */
  rankOf(piece: number): number {
    return this.of(piece) - 1000 * (this.priorities[piece] ?? 0);
  }

  waitingIn(field: Bitfield): number[] {
    return [...this.waiting].filter((piece) => field.has(piece));
  }
}

/** The pieces in the order they would be begun by a neighbour that has them all; leaves all as it was. */
function drained(availability: Availability, pieceCount: number): number[] {
  const all = holderOf(Bitfield.full(pieceCount));
  availability.joined(all);
  const order: number[] = [];
  for (let piece = availability.rarest(all); piece !== undefined; piece = availability.rarest(all)) {
    order.push(piece);
    availability.removeWaiting(piece);
  }
  for (const piece of order) availability.addWaiting(piece);
  availability.left(all);
  return order;
}

type Command = fc.Command<Model, Availability>;

function check(model: Model, real: Availability): void {
  expect(real.waitingCount).toBe(model.waiting.size);
  expect(real.seeds).toBe(model.seeds);
  expect(real.hasObtainable).toBe([...model.waiting].some((piece) => model.of(piece) > 0));
  for (let piece = 0; piece < model.pieceCount; piece++) {
    expect(real.of(piece)).toBe(model.of(piece));
    expect(real.counts[piece]).toBe(model.of(piece) - model.seeds);
    expect(real.isWaiting(piece)).toBe(model.waiting.has(piece));
  }
  for (const { field, waitingCount } of model.neighbours) expect(waitingCount).toBe(model.waitingIn(field).length);
  for (const piece of model.waiting) {
    const others = [...model.waiting].filter((other) => other !== piece);
    const ofOthers = (isSo: (other: number) => boolean) => others.filter(isSo).length;
    const priority = model.priorities[piece] ?? 0;
    expect(real.queueOf(piece)).toEqual({
      higher: ofOthers((other) => (model.priorities[other] ?? 0) > priority),
      rarer: ofOthers((other) => model.priorities[other] === priority && model.of(other) < model.of(piece)),
      equal: 1 + ofOthers((other) => model.rankOf(other) === model.rankOf(piece)),
    });
  }
}

function command(name: string, isPossible: (model: Model) => boolean, run: (model: Model, real: Availability) => void) {
  const made: Command = {
    check: (model) => isPossible(model),
    run: (model, real) => {
      run(model, real);
      check(model, real);
    },
    toString: () => name,
  };
  return made;
}

function commands(pieceCount: number): fc.Arbitrary<Command>[] {
  const anyPiece = fc.nat({ max: pieceCount - 1 });
  const anyPieces = fc.oneof(
    fc.uniqueArray(anyPiece, { maxLength: pieceCount }),
    fc.constant(Array.from({ length: pieceCount }, (_, piece) => piece)),
  );
  const always = () => true;
  const some = (model: Model) => model.neighbours.length > 0;
  return [
    anyPieces.map((pieces) =>
      command(`one with ${pieces} came`, always, (model, real) => {
        const neighbour = holderOf(fieldOf(pieceCount, pieces));
        model.neighbours.push(neighbour);
        real.joined(neighbour);
      }),
    ),
    fc.nat().map((which) =>
      command(`neighbour ${which} left`, some, (model, real) => {
        const [gone] = model.neighbours.splice(which % model.neighbours.length, 1);
        if (gone !== undefined) real.left(gone);
      }),
    ),
    fc.tuple(fc.nat(), anyPieces).map(([which, pieces]) =>
      command(`neighbour ${which} has ${pieces}`, some, (model, real) => {
        const neighbour = model.neighbours[which % model.neighbours.length];
        if (neighbour === undefined) return;
        const old = neighbour.field;
        neighbour.field = fieldOf(pieceCount, pieces);
        real.fieldSaid(neighbour, old);
      }),
    ),
    fc.tuple(fc.nat(), anyPiece).map(([which, piece]) =>
      command(`neighbour ${which} has got ${piece}`, some, (model, real) => {
        const neighbour = model.neighbours[which % model.neighbours.length];
        if (neighbour?.field.set(piece) === true) real.gained(neighbour, piece);
      }),
    ),
    anyPiece.map((piece) =>
      command(`${piece} waits`, always, (model, real) => {
        if (model.priorities[piece] !== 0) model.waiting.add(piece);
        real.addWaiting(piece);
      }),
    ),
    fc
      .tuple(fc.array(fc.nat({ max: 3 }), { minLength: pieceCount, maxLength: pieceCount }), anyPieces)
      .map(([priorities, pieces]) =>
        command(`priorities are ${priorities}, what waits of ${pieces}`, always, (model, real) => {
          model.priorities = priorities;
          model.waiting.clear();
          for (const piece of pieces) if (priorities[piece] !== 0) model.waiting.add(piece);
          real.setPriorities(Uint8Array.from(priorities), fieldOf(pieceCount, model.waiting));
        }),
      ),
    anyPiece.map((piece) =>
      command(`${piece} waits no longer`, always, (model, real) => {
        model.waiting.delete(piece);
        real.removeWaiting(piece);
      }),
    ),
    fc.nat().map((which) =>
      command(`what of neighbour ${which}`, some, (model, real) => {
        const neighbour = model.neighbours[which % model.neighbours.length];
        if (neighbour === undefined) return;
        const rarest = real.rarest(neighbour);
        const ranks = model.waitingIn(neighbour.field).map((piece) => model.rankOf(piece));
        expect(rarest === undefined ? undefined : model.rankOf(rarest)).toBe(
          ranks.length === 0 ? undefined : Math.min(...ranks),
        );
        const any = real.anyOf(neighbour);
        expect(model.priorities[any ?? -1]).toBe(model.priorities[rarest ?? -1]);
        for (const found of [rarest, any]) {
          if (found !== undefined) expect(neighbour.field.has(found) && model.waiting.has(found)).toBe(true);
        }
      }),
    ),
    fc.constant(
      command("the whole order", always, (model, real) => {
        const order = drained(real, pieceCount);
        expect([...order].sort((a, b) => a - b)).toEqual([...model.waiting].sort((a, b) => a - b));
        const ranks = order.map((piece) => model.rankOf(piece));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
    ),
  ];
}

describe("availability", () => {
  it.each([1, 2, 7, 20])("is what counting says, whatever comes and goes (%i pieces)", (pieceCount) => {
    fc.assert(
      fc.property(fc.commands(commands(pieceCount), { maxCommands: 80 }), fc.nat(), (sequence, seed) => {
        fc.modelRun(
          () => ({ model: new Model(pieceCount), real: new Availability(new SeededRandom(seed), pieceCount) }),
          sequence,
        );
      }),
      { numRuns: 200 },
    );
  });

  /** How often each piece is the first of the rarest, over many seeds. */
  function firsts(prepare: (availability: Availability) => void, pieceCount: number, runs: number): number[] {
    const counts = new Array<number>(pieceCount).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      const availability = new Availability(new SeededRandom(seed), pieceCount);
      prepare(availability);
      const all = holderOf(Bitfield.full(pieceCount));
      availability.joined(all);
      const first = availability.rarest(all);
      if (first !== undefined) counts[first] = (counts[first] ?? 0) + 1;
    }
    return counts;
  }

  function fill(availability: Availability, pieceCount: number): void {
    for (let piece = 0; piece < pieceCount; piece++) availability.addWaiting(piece);
  }

  /** Within five standard deviations of even shares. */
  function expectEven(counts: readonly number[]): void {
    const runs = counts.reduce((sum, count) => sum + count, 0);
    const share = runs / counts.length;
    for (const count of counts) expect(Math.abs(count - share)).toBeLessThan(5 * Math.sqrt(share));
  }

  it("gives each of equally rare pieces the same chance", () => {
    expectEven(firsts((availability) => fill(availability, 10), 10, 3000));
  });

  it("gives them the same chance where all are put in order at once", () => {
    expectEven(firsts((availability) => availability.setPriorities(undefined, Bitfield.full(10)), 10, 3000));
  });

  it("gives them the same chance after pieces have risen to their rarity", () => {
    const risen = firsts(
      (availability) => {
        fill(availability, 11);
        availability.removeWaiting(10);
        availability.joined(
          holderOf(
            fieldOf(
              11,
              Array.from({ length: 10 }, (_, piece) => piece),
            ),
          ),
        );
      },
      11,
      3000,
    );
    expect(risen.pop()).toBe(0);
    expectEven(risen);
  });

  it("gives them the same chance after some have fallen back to it", () => {
    const fallen = firsts(
      (availability) => {
        const some = holderOf(fieldOf(10, [2, 5, 9]));
        fill(availability, 10);
        availability.joined(some);
        availability.left(some);
      },
      10,
      3000,
    );
    expectEven(fallen);
  });

  it("draws any waiting piece with the same chance from a neighbour that has all", () => {
    const random = new SeededRandom(5);
    const availability = new Availability(random, 10);
    fill(availability, 10);
    for (const piece of [1, 1, 1, 4]) availability.joined(holderOf(fieldOf(10, [piece])));
    const all = holderOf(Bitfield.full(10));
    availability.joined(all);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 3000; i++) {
      const piece = availability.anyOf(all) ?? -1;
      counts[piece] = (counts[piece] ?? 0) + 1;
    }
    expectEven(counts);
  });

  it("orders the same way for the same seed", () => {
    const order = (seed: number) => {
      const availability = new Availability(new SeededRandom(seed), 50);
      fill(availability, 50);
      availability.joined(holderOf(fieldOf(50, [1, 2, 3])));
      return drained(availability, 50);
    };
    expect(order(7)).toEqual(order(7));
    expect(order(7)).not.toEqual(order(8));
  });

  describe("with very many pieces", () => {
    const pieceCount = 60_000;
    const even = Array.from({ length: pieceCount / 2 }, (_, i) => 2 * i);
    const odd = even.map((piece) => piece + 1);

    function made(): Availability {
      const availability = new Availability(new SeededRandom(3), pieceCount);
      availability.setPriorities(undefined, Bitfield.full(pieceCount));
      return availability;
    }

    it("puts all in order with the next tick", () => {
      const availability = made();
      const holders = [even, even, odd].map((pieces) => holderOf(fieldOf(pieceCount, pieces)));
      for (const holder of holders) availability.joined(holder);
      expect(availability.of(4)).toBe(2);
      availability.tick();
      expect(availability.queueOf(4)).toEqual({ higher: 0, rarer: odd.length, equal: even.length });
      const seed = holderOf(Bitfield.full(pieceCount));
      availability.joined(seed);
      expect((availability.rarest(seed) ?? 0) % 2).toBe(1);
      // Changed again, and single pieces besides.
      for (const holder of holders.slice(0, 2)) availability.left(holder);
      const few = holderOf(fieldOf(pieceCount, [4, 6]));
      availability.joined(few);
      for (const piece of [0, 2, 4]) availability.removeWaiting(piece);
      for (let second = 0; second < 40; second++) availability.tick();
      expect(availability.queueOf(8)).toEqual({ higher: 0, rarer: 0, equal: even.length - 4 });
      expect(availability.queueOf(6)).toEqual({ higher: 0, rarer: even.length - 4, equal: odd.length + 1 });
    });

    it("finds what a neighbour has however common it is, that of the highest priority first", () => {
      const availability = made();
      for (let i = 0; i < 3; i++) availability.joined(holderOf(fieldOf(pieceCount, [17, 40_001, 59_999])));
      const poor = holderOf(fieldOf(pieceCount, [40_001]));
      availability.joined(poor);
      expect(availability.rarest(poor)).toBe(40_001);
      expect(availability.anyOf(poor)).toBe(40_001);
      availability.removeWaiting(40_001);
      expect(availability.rarest(poor)).toBe(undefined);
      const priorities = new Uint8Array(pieceCount).fill(2);
      priorities[59_999] = 1;
      availability.setPriorities(priorities, Bitfield.full(pieceCount));
      const other = holderOf(fieldOf(pieceCount, [59_999, 17]));
      availability.joined(other);
      expect(availability.rarest(other)).toBe(17);
      availability.removeWaiting(17);
      expect(availability.rarest(other)).toBe(59_999);
    });
  });
});
