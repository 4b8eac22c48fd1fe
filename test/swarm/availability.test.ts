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

/** What `Availability` is to be, by counting. */
class Model {
  readonly counts: number[];
  readonly waiting = new Set<number>();
  readonly fields: Bitfield[] = [];
  priorities: readonly number[];
  seeds = 0;

  constructor(pieceCount: number) {
    this.counts = new Array<number>(pieceCount).fill(0);
    this.priorities = new Array<number>(pieceCount).fill(2);
  }

  add(pieces: Iterable<number>, by: number): void {
    for (const piece of pieces) this.counts[piece] = (this.counts[piece] ?? 0) + by;
  }

  of(piece: number): number {
    return (this.counts[piece] ?? 0) + this.seeds;
  }

  /** Lower goes first: the priority before the number of copies. */
  rankOf(piece: number): number {
    return this.of(piece) - 1000 * (this.priorities[piece] ?? 0);
  }

  lowestIn(field: Bitfield): number | undefined {
    const found = [...this.waiting].filter((piece) => field.has(piece)).map((piece) => this.rankOf(piece));
    return found.length === 0 ? undefined : Math.min(...found);
  }
}

function piecesOf(field: Bitfield): number[] {
  return Array.from({ length: field.length }, (_, piece) => piece).filter((piece) => field.has(piece));
}

/** The pieces in the order they would be begun by a neighbour that has them all; leaves all as it was. */
function drained(availability: Availability, pieceCount: number): number[] {
  const all = Bitfield.full(pieceCount);
  const order: number[] = [];
  for (let piece = availability.rarest(all); piece !== undefined; piece = availability.rarest(all)) {
    order.push(piece);
    availability.removeWaiting(piece);
  }
  for (const piece of order) availability.addWaiting(piece);
  return order;
}

type Command = fc.Command<Model, Availability>;

function check(model: Model, real: Availability): void {
  const { length } = model.counts;
  expect(real.waitingCount).toBe(model.waiting.size);
  expect(real.seeds).toBe(model.seeds);
  for (let piece = 0; piece < length; piece++) {
    expect(real.of(piece)).toBe(model.of(piece));
    expect(real.isWaiting(piece)).toBe(model.waiting.has(piece));
  }
  expect([...real.counts]).toEqual(model.counts);
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
  const anyPieces = fc.uniqueArray(anyPiece, { maxLength: pieceCount });
  const always = () => true;
  return [
    anyPieces.map((pieces) =>
      command(`field of ${pieces} came`, always, (model, real) => {
        const field = fieldOf(pieceCount, pieces);
        model.fields.push(field);
        model.add(pieces, 1);
        real.fieldCame(field);
      }),
    ),
    fc.nat().map((which) =>
      command(
        `field ${which} left`,
        (model) => model.fields.length > 0,
        (model, real) => {
          const [field] = model.fields.splice(which % model.fields.length, 1);
          if (field === undefined) return;
          model.add(piecesOf(field), -1);
          real.fieldLeft(field);
        },
      ),
    ),
    fc.tuple(fc.nat(), anyPiece).map(([which, piece]) =>
      command(
        `neighbour ${which} has ${piece}`,
        (model) => model.fields.length > 0,
        (model, real) => {
          if (model.fields[which % model.fields.length]?.set(piece) !== true) return;
          model.add([piece], 1);
          real.increase(piece);
        },
      ),
    ),
    fc.tuple(fc.nat(), anyPiece).map(([which, piece]) =>
      command(
        `neighbour ${which} lost ${piece}`,
        (model) => model.fields.length > 0,
        (model, real) => {
          if (model.fields[which % model.fields.length]?.clear(piece) !== true) return;
          model.add([piece], -1);
          real.decrease(piece);
        },
      ),
    ),
    anyPiece.map((piece) =>
      command(`${piece} waits`, always, (model, real) => {
        if (model.priorities[piece] !== 0) model.waiting.add(piece);
        real.addWaiting(piece);
      }),
    ),
    fc.array(fc.nat({ max: 3 }), { minLength: pieceCount, maxLength: pieceCount }).map((priorities) =>
      command(`priorities are ${priorities}`, always, (model, real) => {
        model.priorities = priorities;
        for (const piece of model.waiting) if (priorities[piece] === 0) model.waiting.delete(piece);
        real.setPriorities(Uint8Array.from(priorities));
      }),
    ),
    anyPiece.map((piece) =>
      command(`${piece} waits no longer`, always, (model, real) => {
        model.waiting.delete(piece);
        real.removeWaiting(piece);
      }),
    ),
    fc.boolean().map((isComing) =>
      command(
        isComing ? "a seed came" : "a seed left",
        (model) => isComing || model.seeds > 0,
        (model, real) => {
          model.seeds += isComing ? 1 : -1;
          if (isComing) real.seedCame();
          else real.seedLeft();
        },
      ),
    ),
    anyPieces.map((pieces) =>
      command(`what of ${pieces}`, always, (model, real) => {
        const field = fieldOf(pieceCount, pieces);
        const rarest = real.rarest(field);
        expect(rarest === undefined ? undefined : model.rankOf(rarest)).toBe(model.lowestIn(field));
        const any = real.anyOf(field);
        expect(model.priorities[any ?? -1]).toBe(model.priorities[rarest ?? -1]);
        for (const found of [rarest, any]) {
          if (found !== undefined) expect(field.has(found) && model.waiting.has(found)).toBe(true);
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
      const first = availability.rarest(Bitfield.full(pieceCount));
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

  it("gives them the same chance after pieces have risen to their rarity", () => {
    const risen = firsts(
      (availability) => {
        fill(availability, 10);
        for (let piece = 0; piece < 10; piece++) availability.increase(piece);
      },
      10,
      3000,
    );
    expectEven(risen);
  });

  it("gives them the same chance after some have fallen back to it", () => {
    const fallen = firsts(
      (availability) => {
        const some = fieldOf(10, [2, 5, 9]);
        fill(availability, 10);
        availability.fieldCame(some);
        availability.fieldLeft(some);
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
    for (const piece of [1, 1, 1, 4]) availability.increase(piece);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 3000; i++) {
      const piece = availability.anyOf(Bitfield.full(10)) ?? -1;
      counts[piece] = (counts[piece] ?? 0) + 1;
    }
    expectEven(counts);
  });

  it("orders the same way for the same seed", () => {
    const order = (seed: number) => {
      const availability = new Availability(new SeededRandom(seed), 50);
      fill(availability, 50);
      availability.fieldCame(fieldOf(50, [1, 2, 3]));
      return drained(availability, 50);
    };
    expect(order(7)).toEqual(order(7));
    expect(order(7)).not.toEqual(order(8));
  });
});
