import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { availabilityIn } from "../../source/control/file-view.ts";
import { surveyPieces } from "../../source/control/piece-map.ts";
import { availabilityOf, type PieceSource } from "../../source/control/piece-source.ts";
import { type HoldingNeighbour, rareRuns, rarityOf } from "../../source/control/rarity.ts";

interface World {
  readonly source: PieceSource;
  readonly neighbours: readonly HoldingNeighbour[];
}

const bits = (length: number) => fc.array(fc.boolean(), { minLength: length, maxLength: length });

function fieldOf(flags: readonly boolean[]): Bitfield {
  const field = new Bitfield(flags.length);
  flags.forEach((isSet, piece) => {
    if (isSet) field.set(piece);
  });
  return field;
}

/** Any swarm: what we have and want, who has what, what is begun. */
const worlds: fc.Arbitrary<World> = fc.integer({ min: 1, max: 60 }).chain((pieceCount) =>
  fc
    .record({
      have: bits(pieceCount),
      wanted: bits(pieceCount),
      fields: fc.array(bits(pieceCount), { maxLength: 5 }),
      seeds: fc.integer({ min: 0, max: 2 }),
      active: fc.uniqueArray(fc.nat(pieceCount - 1)),
    })
    .map(({ have, wanted, fields, seeds, active }): World => {
      const all = [...fields.map(fieldOf), ...Array.from({ length: seeds }, () => Bitfield.full(pieceCount))];
      const counts = new Uint16Array(pieceCount);
      for (const field of all) {
        if (field.isFull) continue;
        for (let piece = 0; piece < pieceCount; piece++) if (field.has(piece)) counts[piece] = (counts[piece] ?? 0) + 1;
      }
      return {
        source: {
          pieceCount,
          have: fieldOf(have),
          needed: fieldOf(wanted.map((isWanted, piece) => isWanted && have[piece] !== true)),
          counts,
          seeds: all.filter(({ isFull }) => isFull).length,
          neighbours: all.length,
          active: () => active.filter((piece) => have[piece] !== true),
        },
        neighbours: all.map((field, id) => ({
          id,
          field,
          isSeed: field.isFull,
          info: { endpoint: { address: "10.0.0.1", port: id + 1 } },
          haves: { perSecond: () => (id % 2 === 0 ? undefined : id) },
        })),
      };
    }),
);

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
const range0 = (count: number): number[] => range(0, count);

describe("the piece map", () => {
  it("never hides the rarest missing piece of a cell, nor of all, and counts every piece once", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 0, max: 70 }), ({ source }, cells) => {
        const { map } = surveyPieces(source, cells);
        const { pieceCount, have, needed } = source;
        const copiesOf = (piece: number): number => availabilityOf(source, piece);
        expect(map.cellCount).toBe(Math.min(cells, pieceCount));
        for (let cell = 0; cell < map.cellCount; cell++) {
          const pieces = range(
            Math.floor((cell * pieceCount) / map.cellCount),
            Math.floor(((cell + 1) * pieceCount) / map.cellCount),
          );
          const missing = pieces.filter((piece) => needed.has(piece));
          const ours = pieces.filter((piece) => have.has(piece));
          const shown = missing.length > 0 ? missing : ours.length > 0 ? ours : pieces;
          expect(map.minAvailability[cell]).toBe(Math.min(...shown.map(copiesOf)));
          expect(map.have[cell]).toBe(ours.length);
          const skipped = pieces.length - missing.length - ours.length;
          expect(map.skipped[cell] ?? 0).toBe(skipped);
          const active = [...source.active()].filter((piece) => pieces.includes(piece));
          expect(map.active[cell]).toBe(active.length);
        }
        const missing = range0(pieceCount).filter((piece) => needed.has(piece));
        const availability = Math.min(...missing.map(copiesOf));
        const rarest = missing.filter((piece) => copiesOf(piece) === availability);
        expect(map.rarest).toEqual(
          missing.length === 0 ? null : { availability, count: rarest.length, first: rarest[0] },
        );
        const all = range0(pieceCount).map(copiesOf);
        const lowest = Math.min(...all);
        expect(map.copies).toBeCloseTo(lowest + all.filter((count) => count > lowest).length / pieceCount);
      }),
    );
  });

  it("says that copies are not known of a torrent that is not active", () => {
    const have = fieldOf([true, false, false]);
    const needed = fieldOf([false, true, false]);
    const source = { pieceCount: 3, have, needed, counts: undefined, seeds: 0, neighbours: 0, active: () => [] };
    const survey = surveyPieces(source, 3);
    expect(survey.map).toMatchObject({ have: [1, 0, 0], skipped: [0, 0, 1], neighbours: null, copies: 0 });
    expect(rarityOf([], source, survey, 100, 0)).toMatchObject({ copies: [], runs: [] });
  });
});

describe("how rare pieces are", () => {
  it("is counted piece by piece, and the rarest runs are whole, in order, and all there are", () => {
    fc.assert(
      fc.property(worlds, ({ source, neighbours }) => {
        const survey = surveyPieces(source, 0);
        const rarity = rarityOf(neighbours, source, survey, 100, 0);
        const pieces = source.needed.isEmpty ? source.have : source.needed;
        const counted = range0(source.pieceCount).filter((piece) => pieces.has(piece));
        expect(rarity.of).toBe(source.needed.isEmpty ? "ours" : "missing");
        rarity.copies.forEach((count, copies) => {
          expect(counted.filter((piece) => availabilityOf(source, piece) === copies)).toHaveLength(count);
        });
        const kinds = [...new Set(counted.map((piece) => availabilityOf(source, piece)))].sort((a, b) => a - b);
        const rare = counted.filter((piece) => kinds.indexOf(availabilityOf(source, piece)) < 3);
        const listed = rarity.runs.flatMap(({ first, last }) => range(first, last + 1));
        expect([...listed].sort((a, b) => a - b)).toEqual(rare);
        rarity.runs.forEach((run, i) => {
          for (const piece of range(run.first, run.last + 1)) {
            expect(availabilityOf(source, piece)).toBe(run.availability);
          }
          const next = rarity.runs[i + 1];
          if (next === undefined) return;
          expect(next.availability).toBeGreaterThanOrEqual(run.availability);
          // Two runs of a kind do not touch.
          if (next.availability === run.availability) expect(next.first).toBeGreaterThan(run.last + 1);
        });
      }),
    );
  });

  it("names who has a run only where nobody else has any of it", () => {
    fc.assert(
      fc.property(worlds, ({ source, neighbours }) => {
        const { runs } = rarityOf(neighbours, source, surveyPieces(source, 0), 100, 0);
        for (const { first, last, holders, availability } of runs) {
          if (holders.length === 0) continue;
          expect(holders).toHaveLength(availability);
          for (const piece of range(first, last + 1)) {
            const having = neighbours.filter(({ field }) => field.has(piece));
            expect(having.map(({ info }) => `10.0.0.1:${info.endpoint.port}`)).toEqual(holders);
          }
        }
      }),
    );
  });

  it("is told of no more runs than were asked for, the rarest first", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 0, max: 5 }), ({ source }, wanted) => {
        const { needed } = surveyPieces(source, 0);
        const all = rareRuns(source, source.needed, needed, 100);
        expect(rareRuns(source, source.needed, needed, wanted)).toEqual(all.slice(0, wanted));
      }),
    );
  });

  it("of a seed says who lacks what, and when who will be complete as far as that is known", () => {
    const source: PieceSource = {
      pieceCount: 4,
      have: Bitfield.full(4),
      needed: new Bitfield(4),
      counts: Uint16Array.from([0, 1, 1, 2]),
      seeds: 0,
      neighbours: 2,
      active: () => [],
    };
    const neighbour = (id: number, flags: readonly boolean[], perSecond: number | undefined): HoldingNeighbour => ({
      id,
      field: fieldOf(flags),
      isSeed: false,
      info: { endpoint: { address: "10.0.0.1", port: id } },
      haves: { perSecond: () => perSecond },
    });
    const neighbours = [
      neighbour(1, [false, true, false, true], undefined),
      neighbour(2, [false, false, true, true], 0.3),
    ];
    expect(rarityOf(neighbours, source, surveyPieces(source, 4), 100, 0)).toEqual({
      of: "ours",
      copies: [1, 2, 1],
      runs: [
        { first: 0, last: 0, availability: 0, holders: [] },
        { first: 1, last: 2, availability: 1, holders: [] },
        { first: 3, last: 3, availability: 2, holders: ["10.0.0.1:1", "10.0.0.1:2"] },
      ],
      lacking: [
        { id: 2, endpoint: "10.0.0.1:2", lacks: 2, seconds: 7 },
        { id: 1, endpoint: "10.0.0.1:1", lacks: 2, seconds: null },
      ],
      lackingCount: 2,
    });
  });
});

describe("the copies of a file", () => {
  it("are those of the rarest piece that it misses, wanted or not; of a complete one, of its rarest", () => {
    fc.assert(
      fc.property(worlds, fc.nat(200), fc.nat(200), ({ source }, offset, length) => {
        const pieceLength = 5;
        const total = source.pieceCount * pieceLength;
        const from = Math.min(offset, total - 1);
        const file = { offset: from, length: Math.min(length, total - from) };
        const copies = availabilityIn(source, pieceLength, file);
        if (file.length === 0) {
          expect(copies).toBe(null);
          return;
        }
        const pieces = range(Math.floor(from / pieceLength), Math.ceil((from + file.length) / pieceLength));
        const missing = pieces.filter((piece) => !source.have.has(piece));
        const counted = missing.length > 0 ? missing : pieces;
        expect(copies).toBe(Math.min(...counted.map((piece) => availabilityOf(source, piece))));
        expect(availabilityIn({ ...source, counts: undefined }, pieceLength, file)).toBe(null);
      }),
    );
  });
});
