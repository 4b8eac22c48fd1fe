import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../../source/base/assert.ts";
import { blockLength, Geometry } from "../../source/metainfo/geometry.ts";

const KiB = 1024;
const anyGeometry = fc
  .tuple(
    fc.oneof(fc.constantFrom(1, 16 * KiB, 16 * KiB + 1, 256 * KiB), fc.integer({ min: 1, max: 2 ** 20 })),
    fc.integer({ min: 1, max: 200 }),
    fc.nat(),
  )
  .map(([pieceLength, pieces, cut]) => new Geometry(pieceLength, pieceLength * pieces - (cut % pieceLength)));

describe("a torrent's geometry", () => {
  it("cuts the content into pieces and the pieces into blocks without gap or overlap", () => {
    fc.assert(
      fc.property(anyGeometry, (geometry) => {
        let offset = 0;
        for (let index = 0; index < geometry.pieceCount; index++) {
          const piece = geometry.piece(index);
          expect(geometry.offsetOf(piece)).toBe(offset);
          let begin = 0;
          for (let block = 0; block < geometry.blockCountOf(piece); block++) {
            expect(begin).toBe(block * blockLength);
            const length = geometry.blockLengthOf(piece, block);
            expect(length > 0 && length <= blockLength).toBe(true);
            expect(geometry.contains(piece, begin, length)).toBe(true);
            begin += length;
          }
          expect(begin).toBe(geometry.lengthOf(piece));
          offset += begin;
        }
        expect(offset).toBe(geometry.totalLength);
      }),
      { numRuns: 50 },
    );
  });

  it("gives an index only for a piece that there is", () => {
    const geometry = new Geometry(16 * KiB, 40_000);
    expect(geometry.pieceCount).toBe(3);
    expect(geometry.pieceIndex(2)).toBe(2);
    for (const none of [-1, 3, 1.5, Number.NaN, 2 ** 32]) {
      expect(geometry.pieceIndex(none)).toBeUndefined();
      expect(() => geometry.piece(none)).toThrow(AssertionFailure);
    }
  });

  it("contains no span that is empty, begins before the piece or ends behind it", () => {
    const geometry = new Geometry(16 * KiB, 40_000);
    const last = geometry.piece(2);
    expect(geometry.contains(last, 0, 7232)).toBe(true);
    for (const [begin, length] of [
      [0, 0],
      [0, 7233],
      [7232, 1],
      [-1, 2],
      [0, -1],
      [0xffff_ffff, 2],
      [Number.NaN, 1],
      [0, Number.NaN],
    ] as const) {
      expect(geometry.contains(last, begin, length)).toBe(false);
    }
  });

  it("is not made of nothing", () => {
    for (const [pieceLength, totalLength] of [
      [0, 1],
      [1, 0],
      [-1, 1],
      [1.5, 3],
      [2 ** 54, 1],
    ] as const) {
      expect(() => new Geometry(pieceLength, totalLength)).toThrow(AssertionFailure);
    }
  });
});
