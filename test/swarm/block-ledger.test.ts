import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { BlockLedger, blockKey } from "../../source/swarm/block-ledger.ts";

const pieceLength = 4 * 16384;

type Step = readonly [kind: "request" | "release" | "receive", block: number, sender: number];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0]>("request", "release", "receive"),
    fc.nat({ max: 3 }),
    fc.integer({ min: 1, max: 3 }),
  ),
  { maxLength: 60 },
);

describe("the block ledger", () => {
  it("knows for every block who is asked and who sent it, whatever the order of events", () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const geometry = new Geometry(pieceLength, pieceLength * 2);
        const ledger = new BlockLedger(geometry);
        const active = ledger.begin(geometry.piece(1));
        const requested = [0, 0, 0, 0];
        const senders = [0, 0, 0, 0];
        for (const [kind, block, sender] of sequence) {
          const isThere = senders[block] !== 0;
          if (kind === "request" && !isThere) {
            ledger.request(active, block);
            requested[block] = (requested[block] ?? 0) + 1;
          } else if (kind === "release" && (isThere || (requested[block] ?? 0) > 0)) {
            ledger.release(active, block);
            if (!isThere) requested[block] = (requested[block] ?? 0) - 1;
          } else if (kind === "receive") {
            expect(ledger.receive(active, block, sender)).toBe(!isThere);
            if (!isThere) senders[block] = sender;
            requested[block] = 0;
          }
          const isFree = (each: number) => requested[each] === 0 && senders[each] === 0;
          const free = [0, 1, 2, 3].filter(isFree);
          expect([...active.requesters]).toEqual(requested);
          expect([...active.senders]).toEqual(senders);
          expect(active.freeCount).toBe(free.length);
          expect(active.nextFree()).toBe(free[0]);
          expect(active.receivedCount).toBe(senders.filter((each) => each !== 0).length);
          expect(active.isReceived).toBe(senders.every((each) => each !== 0));
          expect([...ledger.open()]).toEqual(free.length > 0 ? [active] : []);
          expect(active.contributors().sort()).toEqual([...new Set(senders.filter((each) => each !== 0))].sort());
          for (const each of [0, 1, 2, 3]) expect(active.has(each)).toBe(senders[each] !== 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses to ask for a block that is there, or to begin a piece twice", () => {
    const geometry = new Geometry(pieceLength, pieceLength);
    const ledger = new BlockLedger(geometry);
    const active = ledger.begin(geometry.piece(0));
    ledger.receive(active, 2, 1);
    expect(() => ledger.request(active, 2)).toThrow();
    expect(() => ledger.release(active, 1)).toThrow();
    expect(() => ledger.begin(geometry.piece(0))).toThrow();
  });

  it("forgets a piece that ended, and can begin it anew", () => {
    const geometry = new Geometry(pieceLength, pieceLength);
    const ledger = new BlockLedger(geometry);
    const piece = geometry.piece(0);
    ledger.receive(ledger.begin(piece), 0, 1);
    ledger.end(piece);
    expect(ledger.size).toBe(0);
    expect([...ledger.open()]).toEqual([]);
    expect(ledger.begin(piece).freeCount).toBe(4);
    ledger.end(geometry.piece(0));
    ledger.end(geometry.piece(0));
  });

  it("counts the blocks of a short last piece", () => {
    const geometry = new Geometry(pieceLength, pieceLength + 16385);
    expect(new BlockLedger(geometry).begin(geometry.piece(1)).blockCount).toBe(2);
  });
});

describe("a block named from outside", () => {
  it("is one only where it begins and ends as a block of its piece does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.nat(),
        fc.oneof(
          fc.nat({ max: 6 }).map((block) => block * 16384),
          fc.nat({ max: 0xffffffff }),
        ),
        fc.oneof(fc.constantFrom(0, 16384), fc.nat({ max: 16385 })),
        (length, total, which, begin, data) => {
          const geometry = new Geometry(length, total);
          const piece = geometry.piece(which % geometry.pieceCount);
          const blocks = Array.from({ length: geometry.blockCountOf(piece) }, (_, block) => block);
          const block = blocks.find((each) => each * 16384 === begin && geometry.blockLengthOf(piece, each) === data);
          const key = block === undefined ? undefined : new BlockLedger(geometry).keyOf(piece, block);
          expect(blockKey(geometry, piece, begin, data)).toBe(key);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is none where an empty block would be taken for the first of the next piece", () => {
    const geometry = new Geometry(pieceLength, pieceLength * 2);
    expect(blockKey(geometry, geometry.piece(0), pieceLength, 0)).toBeUndefined();
  });
});
