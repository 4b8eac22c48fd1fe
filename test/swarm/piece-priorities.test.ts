import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { piecePriorities, pieceSequence } from "../../source/swarm/piece-priorities.ts";
import { makeTorrent } from "../storage/torrents.ts";

const shapes = fc.array(
  fc.record({
    length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })),
    isPadding: fc.boolean(),
    priority: fc.nat({ max: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function anyTorrent(drawn: readonly { length: number; isPadding: boolean; priority: number }[], pieceLength: number) {
  const files = drawn.some((file) => file.length > 0 && !file.isPadding)
    ? drawn
    : [...drawn, { length: 5, isPadding: false, priority: 2 }];
  const { metainfo } = makeTorrent(pieceLength, files);
  return { metainfo, priorities: Uint8Array.from(files, (file) => file.priority) };
}

/** The files, padding left out, that have bytes in the piece. */
function filesIn(metainfo: ReturnType<typeof makeTorrent>["metainfo"], piece: number): number[] {
  const begin = piece * metainfo.pieceLength;
  const end = begin + metainfo.pieceLength;
  return metainfo.files.flatMap((file, index) => {
    const isIn = file.length > 0 && file.offset < end && file.offset + file.length > begin;
    return isIn && !file.isPadding ? [index] : [];
  });
}

describe("priorities of pieces", () => {
  it("are the highest of the files that a piece holds bytes of", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 40 }), (drawn, pieceLength) => {
        const { metainfo, priorities } = anyTorrent(drawn, pieceLength);
        const pieces = piecePriorities(metainfo, priorities);
        expect(pieces.length).toBe(metainfo.pieceCount);
        for (let piece = 0; piece < metainfo.pieceCount; piece++) {
          const files = filesIn(metainfo, piece);
          if (files.length > 0) expect(pieces[piece]).toBe(Math.max(...files.map((file) => priorities[file] ?? 0)));
        }
      }),
    );
  });

  it("want everything where every file is wanted, padding included", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3 }), (drawn, length, each) => {
        const { metainfo, priorities } = anyTorrent(drawn, length);
        expect([...piecePriorities(metainfo, priorities.fill(each))]).toEqual(
          new Array(metainfo.pieceCount).fill(each),
        );
      }),
    );
  });

  it("want no padding behind a file that is skipped", () => {
    const { metainfo } = makeTorrent(10, [{ length: 10 }, { length: 30, isPadding: true }, { length: 10 }]);
    expect([...piecePriorities(metainfo, Uint8Array.of(0, 3, 3))]).toEqual([0, 0, 0, 0, 3]);
  });
});

describe("the sequence of pieces", () => {
  it("has each piece of a wanted file once, and no other", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 40 }), (drawn, pieceLength) => {
        const { metainfo, priorities } = anyTorrent(drawn, pieceLength);
        const wanted = [...Array(metainfo.pieceCount).keys()].filter((piece) =>
          filesIn(metainfo, piece).some((file) => priorities[file] !== 0),
        );
        expect([...pieceSequence(metainfo, priorities)].sort((a, b) => a - b)).toEqual(wanted);
      }),
    );
  });

  it("begins with the ends of a file and goes on in order, file after file, the more important first", () => {
    const { metainfo } = makeTorrent(10, [{ length: 40 }, { length: 35 }, { length: 20 }, { length: 35 }]);
    expect([...pieceSequence(metainfo, Uint8Array.of(2, 3, 0, 2))]).toEqual([4, 7, 5, 6, 0, 3, 1, 2, 9, 12, 10, 11]);
  });
});
