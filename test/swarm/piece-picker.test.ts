import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import type { PieceIndex } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { Availability } from "../../source/swarm/availability.ts";
import { type ActivePiece, BlockLedger } from "../../source/swarm/block-ledger.ts";
import { type PickingNeighbour, PiecePicker } from "../../source/swarm/piece-picker.ts";

const blocksPerPiece = 4;
const pieceLength = blocksPerPiece * 16384;

interface Picked {
  readonly active: ActivePiece;
  readonly block: number;
}

class FakeNeighbour implements PickingNeighbour {
  readonly id: number;
  readonly field: Bitfield;
  isSuspect = false;
  isSnubbed = false;
  waitingCount = 0;
  readonly requested = new Map<number, Picked>();

  constructor(id: number, field: Bitfield) {
    this.id = id;
    this.field = field;
  }

  get isIdle(): boolean {
    return this.requested.size === 0;
  }

  hasRequested(key: number): boolean {
    return this.requested.has(key);
  }
}

interface BenchOptions {
  readonly seed?: number;
  readonly have?: readonly number[];
  readonly blocksPerPiece?: number;
}

/** A picker with its availability and ledger, driven as the swarm drives them. */
class Bench {
  readonly geometry: Geometry;
  readonly availability: Availability;
  readonly ledger: BlockLedger;
  readonly have: Bitfield;
  readonly picker: PiecePicker;
  readonly neighbours: FakeNeighbour[] = [];

  constructor(pieceCount: number, options: BenchOptions = {}) {
    const length = options.blocksPerPiece === undefined ? pieceLength : options.blocksPerPiece * 16384;
    this.geometry = new Geometry(length, length * pieceCount);
    this.availability = new Availability(new SeededRandom(options.seed ?? 1), pieceCount);
    this.ledger = new BlockLedger(this.geometry);
    this.have = new Bitfield(pieceCount);
    for (const piece of options.have ?? []) this.have.set(piece);
    this.picker = new PiecePicker(this.availability, this.ledger, this.have, (id) =>
      this.neighbours.some((one) => one.id === id),
    );
    this.picker.setPriorities(undefined, undefined);
  }

  neighbour(pieces?: readonly number[]): FakeNeighbour {
    const field =
      pieces === undefined ? Bitfield.full(this.geometry.pieceCount) : new Bitfield(this.geometry.pieceCount);
    for (const piece of pieces ?? []) field.set(piece);
    const neighbour = new FakeNeighbour(this.neighbours.length + 1, field);
    this.neighbours.push(neighbour);
    this.availability.joined(neighbour);
    return neighbour;
  }

  /** @returns the blocks asked for, as `piece.block`. */
  pick(neighbour: FakeNeighbour, count: number): string[] {
    const picked: Picked[] = [];
    const taken = this.picker.pick(neighbour, count, (active, block) => picked.push({ active, block }));
    expect(picked).toHaveLength(taken);
    expect(taken).toBeLessThanOrEqual(count);
    return this.#ask(neighbour, picked);
  }

  pickAllowed(neighbour: FakeNeighbour, allowed: readonly number[], count: number): string[] {
    const picked: Picked[] = [];
    const set = new Set(allowed.map((piece) => this.geometry.piece(piece)));
    this.picker.pickAllowed(neighbour, set, count, (active, block) => picked.push({ active, block }));
    return this.#ask(neighbour, picked);
  }

  /** All that the neighbour was asked for comes. @returns the pieces that are whole now. */
  deliver(neighbour: FakeNeighbour): PieceIndex[] {
    const whole: PieceIndex[] = [];
    for (const [key, { active, block }] of neighbour.requested) {
      neighbour.requested.delete(key);
      if (this.ledger.get(active.piece) !== active || !this.ledger.receive(active, block, neighbour.id)) continue;
      for (const other of this.neighbours) other.requested.delete(key);
      if (active.isReceived) whole.push(active.piece);
    }
    return whole;
  }

  verify(pieces: readonly PieceIndex[]): void {
    for (const piece of pieces) {
      this.picker.pieceVerified(piece);
      this.have.set(piece);
    }
  }

  /** What this one had to itself goes back. */
  beginAnew(id: number): void {
    for (const active of this.picker.ownedBy(id)) this.picker.pieceDropped(active.piece);
  }

  /** Minutes pass. */
  wait(minutes: number): void {
    for (let second = 0; second < 60 * minutes; second++) {
      for (const active of this.picker.tick()) this.picker.pieceDropped(active.piece);
    }
  }

  void(neighbour: FakeNeighbour): void {
    for (const { active, block } of neighbour.requested.values()) {
      if (this.ledger.get(active.piece) === active) this.ledger.release(active, block);
    }
    neighbour.requested.clear();
  }

  /** What was picked is asked for when all of it is chosen, as a swarm does. */
  #ask(neighbour: FakeNeighbour, picked: readonly Picked[]): string[] {
    return picked.map(({ active, block }) => {
      const key = this.ledger.keyOf(active.piece, block);
      expect(neighbour.hasRequested(key)).toBe(false);
      expect(neighbour.field.has(active.piece)).toBe(true);
      expect(active.has(block)).toBe(false);
      expect(active.requesters[block]).toBeGreaterThan(0);
      expect(active.requesters[block]).toBeLessThanOrEqual(3);
      neighbour.requested.set(key, { active, block });
      return `${active.piece}.${block}`;
    });
  }
}

const piecesIn = (picked: readonly string[]) => [...new Set(picked.map((each) => Number(each.split(".")[0])))];

describe("the piece picker", () => {
  it("finishes a piece that is begun before it begins another", () => {
    const bench = new Bench(10);
    const a = bench.neighbour();
    const b = bench.neighbour();
    const [first] = piecesIn(bench.pick(a, 2));
    expect(bench.pick(b, 6).slice(0, 2)).toEqual([`${first}.2`, `${first}.3`]);
  });

  it("does not ask a neighbour for a begun piece that it lacks", () => {
    const bench = new Bench(2);
    const a = bench.neighbour([0]);
    const b = bench.neighbour([1]);
    expect(piecesIn(bench.pick(a, 1))).toEqual([0]);
    expect(piecesIn(bench.pick(b, 9))).toEqual([1]);
  });

  it("draws the first four pieces at random, and takes the rarest after that", () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const bench = new Bench(8, { seed });
      const seedNeighbour = bench.neighbour();
      bench.neighbour([0, 1, 2, 3, 4, 5, 6]);
      for (let i = 0; i < 4; i++) {
        const picked = bench.pick(seedNeighbour, blocksPerPiece);
        firsts.add(piecesIn(picked)[0] ?? -1);
        bench.verify(bench.deliver(seedNeighbour));
      }
      if (!bench.have.has(7)) expect(piecesIn(bench.pick(seedNeighbour, 1))).toEqual([7]);
    }
    expect(firsts).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  });

  it("takes the rarest at once where four pieces are there from before", () => {
    const bench = new Bench(9, { have: [0, 1, 2, 3] });
    const neighbour = bench.neighbour();
    bench.neighbour([4, 5, 6, 8]);
    expect(piecesIn(bench.pick(neighbour, 1))).toEqual([7]);
  });

  it("takes what the neighbour has, where the rarest is elsewhere", () => {
    const bench = new Bench(6, { have: [0, 1, 2, 3] });
    bench.neighbour([4]);
    bench.neighbour([5]);
    const c = bench.neighbour([5]);
    expect(piecesIn(bench.pick(c, 1))).toEqual([5]);
  });

  it("asks for nothing that is asked for already until all is", () => {
    const bench = new Bench(3);
    const a = bench.neighbour();
    const b = bench.neighbour();
    const all = [...bench.pick(a, 7), ...bench.pick(b, 5)];
    expect(new Set(all).size).toBe(12);
    expect(bench.picker.isEndgame).toBe(true);
  });

  it("asks up to three neighbours for a block in the endgame, none of them twice, the least asked and last blocks first", () => {
    const bench = new Bench(1);
    const [a, b, c, d] = [bench.neighbour(), bench.neighbour(), bench.neighbour(), bench.neighbour()];
    expect(bench.pick(a, 9)).toHaveLength(4);
    expect(bench.pick(b, 9)).toEqual(["0.3", "0.2"]);
    expect(bench.pick(c, 1)).toEqual(["0.1"]);
    expect(bench.pick(d, 9)).toEqual(["0.0", "0.3"]);
    expect(bench.pick(bench.neighbour(), 9)).toEqual(["0.2", "0.1"]);
    expect(bench.pick(bench.neighbour(), 9)).toEqual(["0.0"]);
    expect(bench.pick(bench.neighbour(), 9)).toEqual([]);
  });

  it("asks nobody twice at once for the only block that is missing", () => {
    const bench = new Bench(1);
    const [a, b] = [bench.neighbour(), bench.neighbour()];
    bench.pick(a, 3);
    bench.deliver(a);
    expect(bench.pick(a, 9)).toEqual(["0.3"]);
    expect(bench.pick(b, 9)).toEqual(["0.3"]);
  });

  it("asks in the endgame only those that have nothing else to send, for two blocks at most", () => {
    const bench = new Bench(3);
    const [a, b] = [bench.neighbour(), bench.neighbour()];
    bench.pick(a, 11);
    bench.pick(b, 1);
    expect(bench.pick(b, 9)).toEqual([]);
    bench.verify(bench.deliver(b));
    expect(bench.pick(b, 9)).toHaveLength(2);
    expect(bench.pick(b, 9)).toEqual([]);
  });

  it("begins a piece anew that one neighbour has too long, and gives the next more time: a slow line delivers in the end", () => {
    const bench = new Bench(1);
    const slow = bench.neighbour();
    slow.isSuspect = true;
    for (let second = 0; second < 2000 && !bench.have.isFull; second++) {
      if (slow.isIdle) bench.pick(slow, 1);
      if (second % 100 === 99) bench.verify(bench.deliver(slow));
      for (const { piece } of bench.picker.tick()) {
        slow.requested.clear();
        bench.picker.pieceDropped(piece);
      }
    }
    expect(bench.have.isFull).toBe(true);
  });

  it("leaves a piece to one neighbour as long as it comes at a fair pace", () => {
    const bench = new Bench(1, { blocksPerPiece: 200 });
    const one = bench.neighbour();
    one.isSuspect = true;
    for (let second = 0; second < 400; second++) {
      if (second % 2 === 0) {
        bench.verify(bench.deliver(one));
        bench.pick(one, 1);
      }
      expect(bench.picker.tick()).toEqual([]);
    }
  });

  it("is not in the endgame while a piece waits or a block is free, nor when nothing is missing", () => {
    const bench = new Bench(2);
    const a = bench.neighbour();
    expect(bench.picker.isEndgame).toBe(false);
    bench.pick(a, 7);
    expect(bench.picker.isEndgame).toBe(false);
    bench.pick(a, 1);
    expect(bench.picker.isEndgame).toBe(true);
    bench.void(a);
    expect(bench.picker.isEndgame).toBe(false);
    bench.pick(a, 8);
    bench.verify(bench.deliver(a));
    expect(bench.picker.isEndgame).toBe(false);
  });

  it("asks a snubbed neighbour for nothing that is asked of another", () => {
    const bench = new Bench(1);
    const [a, b] = [bench.neighbour(), bench.neighbour()];
    b.isSnubbed = true;
    bench.pick(a, 4);
    expect(bench.pick(b, 1)).toEqual([]);
    bench.void(a);
    expect(bench.pick(b, 1)).toEqual(["0.0"]);
  });

  describe("with suspects", () => {
    it("lets a suspect work only on pieces of its own, and nobody else on those", () => {
      const bench = new Bench(4);
      const [honest, suspect] = [bench.neighbour(), bench.neighbour()];
      suspect.isSuspect = true;
      const shared = piecesIn(bench.pick(honest, 2));
      const own = piecesIn(bench.pick(suspect, 2));
      expect(own).not.toEqual(shared);
      expect(piecesIn(bench.pick(honest, 12))).not.toContain(own[0]);
      expect(piecesIn(bench.pick(suspect, 4))).toEqual(own);
    });

    it("fetches a failed piece again from one neighbour alone", () => {
      const bench = new Bench(1);
      const [a, b] = [bench.neighbour(), bench.neighbour()];
      bench.pick(a, 2);
      bench.pick(b, 2);
      bench.deliver(a);
      const [piece] = bench.deliver(b);
      bench.picker.pieceFailed(bench.geometry.piece(piece ?? 0));
      expect(bench.pick(a, 1)).toEqual(["0.0"]);
      expect(bench.pick(b, 4)).toEqual([]);
      expect(bench.pick(a, 4)).toEqual(["0.1", "0.2", "0.3"]);
      // Not even in the endgame: who sent all of it must be certain.
      expect(bench.picker.isEndgame).toBe(true);
      expect(bench.pick(b, 4)).toEqual([]);
    });

    it("gives the piece to others when its only neighbour is gone", () => {
      const bench = new Bench(1);
      const [a, b] = [bench.neighbour(), bench.neighbour()];
      bench.picker.pieceFailed(bench.geometry.piece(0));
      bench.pick(a, 2);
      bench.void(a);
      bench.beginAnew(a.id);
      expect(bench.pick(b, 9)).toHaveLength(4);
    });

    it("lets suspects finish what was begun where there is nothing else, so that a swarm of suspects is not stuck", () => {
      const bench = new Bench(2);
      const [a, b] = [bench.neighbour(), bench.neighbour()];
      const [begun] = piecesIn(bench.pick(a, 2));
      a.isSuspect = true;
      b.isSuspect = true;
      bench.void(a);
      // First a piece of its own …
      const own = bench.pick(b, 4);
      expect(piecesIn(own)).not.toContain(begun);
      // … then, there being none left, what is begun.
      expect(piecesIn(bench.pick(a, 4))).toEqual([begun]);
    });

    it("lets a suspect go on at once with what was begun by those that have left, and by nobody else", () => {
      const bench = new Bench(2);
      const [gone, stays, suspect] = [bench.neighbour(), bench.neighbour(), bench.neighbour()];
      const [left] = piecesIn(bench.pick(gone, 1));
      bench.deliver(gone);
      suspect.isSuspect = true;
      const [own] = piecesIn(bench.pick(suspect, 4));
      bench.deliver(suspect);
      bench.verify([bench.geometry.piece(Number(own))]);
      // Who began it may yet go on with it.
      expect(bench.pick(suspect, 4)).toEqual([]);
      bench.neighbours.splice(bench.neighbours.indexOf(gone), 1);
      expect(piecesIn(bench.pick(suspect, 2))).toEqual([left]);
      bench.void(suspect);
      // It is under way elsewhere.
      bench.pick(stays, 1);
      expect(bench.pick(suspect, 4)).toEqual([]);
    });
  });

  it("asks a seed first for what nobody else has, begun or not", () => {
    const bench = new Bench(8, { have: [4, 5, 6, 7] });
    const leech = bench.neighbour([0, 1]);
    const seed = bench.neighbour();
    expect(bench.pick(leech, 2)).toHaveLength(2);
    // Not the rest of what was begun, which the leech can give as well.
    const asked = bench.pick(seed, 6).map((block) => Number(block.split(".")[0]));
    expect(new Set(asked)).toEqual(new Set([2, 3]));
    bench.void(seed);
    expect(new Set(bench.pick(seed, 8).map((block) => Number(block.split(".")[0])))).toEqual(new Set([2, 3]));
    expect(bench.pick(seed, 8)).toHaveLength(6);
  });

  describe("choked, with allowed fast pieces", () => {
    it("asks only for those, and only for what is missing and there", () => {
      const bench = new Bench(6, { have: [1] });
      const a = bench.neighbour([1, 2, 3]);
      const picked = bench.pickAllowed(a, [1, 2, 5], 9);
      expect(picked).toEqual(["2.0", "2.1", "2.2", "2.3"]);
      expect(bench.pickAllowed(a, [1, 2, 5], 9)).toEqual([]);
    });

    it("keeps to the number it may", () => {
      const bench = new Bench(6);
      expect(bench.pickAllowed(bench.neighbour(), [4, 5], 6)).toHaveLength(6);
    });
  });

  it("gets every piece, whatever neighbours are asked, choke, leave and spoil", () => {
    const step = fc.record({
      who: fc.nat({ max: 3 }),
      count: fc.integer({ min: 1, max: 9 }),
      what: fc.constantFrom("ask", "ask", "ask", "deliver", "deliver", "void", "snub", "suspect"),
      isSpoilt: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.array(fc.nat({ max: 6 })), { minLength: 3, maxLength: 3 }),
        fc.array(step, { maxLength: 120 }),
        fc.nat(),
        (pieceCount, fields, sequence, seed) => {
          const bench = new Bench(pieceCount, { seed });
          const all = [
            bench.neighbour(),
            ...fields.map((pieces) => bench.neighbour(pieces.filter((piece) => piece < pieceCount))),
          ];
          const handle = (neighbour: FakeNeighbour, isSpoilt: boolean) => {
            for (const piece of bench.deliver(neighbour)) {
              if (isSpoilt) bench.picker.pieceFailed(piece);
              else bench.verify([piece]);
            }
          };
          for (const { who, count, what, isSpoilt } of sequence) {
            const neighbour = all[who];
            if (neighbour === undefined) continue;
            if (what === "ask") bench.pick(neighbour, neighbour.isSnubbed ? 1 : count);
            else if (what === "deliver") handle(neighbour, isSpoilt);
            else if (what === "suspect") neighbour.isSuspect = !neighbour.isSuspect;
            else {
              neighbour.isSnubbed = what === "snub";
              bench.void(neighbour);
              bench.beginAnew(neighbour.id);
            }
          }
          // The others fall silent; the one that has everything, suspect or not, must be enough.
          const [seedNeighbour] = all;
          if (seedNeighbour === undefined) return;
          for (const other of all.slice(1)) {
            bench.void(other);
            bench.beginAnew(other.id);
          }
          for (let round = 0; round < 100 && !bench.have.isFull; round++) {
            bench.wait(1);
            bench.pick(seedNeighbour, 9);
            handle(seedNeighbour, false);
          }
          expect(bench.have.isFull).toBe(true);
          expect(bench.ledger.size).toBe(0);
          expect(bench.availability.waitingCount).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  });
});
