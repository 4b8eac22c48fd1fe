/**
 * The pieces of a torrent, gathered into the cells of a heatmap that never lies: a cell shows the lowest availability
 * among the pieces it lacks, so that one piece nobody has is seen in a terabyte. One walk over the pieces finds that, and
 * how many pieces there are of each rarity: with 500,000 pieces it is what a frame costs (`test/bench/piece-views.ts`).
 */
import { cellOfPiece, type PieceMap } from "./piece-rows.ts";
import { availabilityOf, type PieceSource } from "./piece-source.ts";

export interface PieceSurvey {
  readonly map: PieceMap;
  /** `needed[n]`, `ours[n]`: how many pieces that we want and miss, and that are ours, n neighbours have. */
  readonly needed: Uint32Array;
  readonly ours: Uint32Array;
}

/** @param cellsWanted 0 or more; there are never more cells than pieces. */
export function surveyPieces(source: PieceSource, cellsWanted: number): PieceSurvey {
  const { pieceCount, counts, seeds, neighbours } = source;
  const have = source.have.bytes;
  const wanted = source.needed.bytes;
  const cellCount = Math.min(cellsWanted, pieceCount);
  const needed = new Uint32Array(neighbours + 1);
  const ours = new Uint32Array(neighbours + 1);
  const haveCounts: number[] = [];
  const skipped: number[] = [];
  const minAvailability: number[] = [];
  let hasSkipped = false;
  let lowest = Number.POSITIVE_INFINITY;
  let atLowest = 0;
  for (let cell = 0, piece = 0; cell < Math.max(1, cellCount); cell++) {
    const end = Math.floor(((cell + 1) * pieceCount) / Math.max(1, cellCount));
    let haveHere = 0;
    let skippedHere = 0;
    let leastNeeded = Number.POSITIVE_INFINITY;
    let leastOurs = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (; piece < end; piece++) {
      const mask = 0x80 >> (piece & 7);
      const availability = counts === undefined ? 0 : (counts[piece] ?? 0) + seeds;
      if (availability < lowest) {
        lowest = availability;
        atLowest = 0;
      }
      if (availability === lowest) atLowest++;
      if (((have[piece >> 3] ?? 0) & mask) !== 0) {
        haveHere++;
        ours[availability] = (ours[availability] ?? 0) + 1;
        if (availability < leastOurs) leastOurs = availability;
      } else if (((wanted[piece >> 3] ?? 0) & mask) !== 0) {
        needed[availability] = (needed[availability] ?? 0) + 1;
        if (availability < leastNeeded) leastNeeded = availability;
      } else {
        skippedHere++;
        if (availability < least) least = availability;
      }
    }
    hasSkipped ||= skippedHere > 0;
    if (cell >= cellCount) break;
    haveCounts.push(haveHere);
    skipped.push(skippedHere);
    minAvailability.push(
      leastNeeded < Number.POSITIVE_INFINITY ? leastNeeded : leastOurs < Number.POSITIVE_INFINITY ? leastOurs : least,
    );
  }
  const map: PieceMap = {
    pieceCount,
    cellCount,
    have: haveCounts,
    active: activeCounts(source, cellCount),
    skipped: hasSkipped ? skipped : [],
    minAvailability,
    rarest: rarestOf(source, needed),
    copies: counts === undefined ? 0 : lowest + 1 - atLowest / pieceCount,
    neighbours: counts === undefined ? null : neighbours,
  };
  return { map, needed, ours };
}

function activeCounts(source: PieceSource, cellCount: number): readonly number[] {
  const active = new Array<number>(cellCount).fill(0);
  if (cellCount === 0) return active;
  for (const piece of source.active()) {
    const cell = cellOfPiece({ pieceCount: source.pieceCount, cellCount }, piece);
    active[cell] = (active[cell] ?? 0) + 1;
  }
  return active;
}

function rarestOf(source: PieceSource, needed: Uint32Array): PieceMap["rarest"] {
  const availability = needed.findIndex((count) => count > 0);
  if (availability < 0) return null;
  let first = 0;
  while (!source.needed.has(first) || availabilityOf(source, first) !== availability) first++;
  return { availability, count: needed[availability] ?? 0, first };
}
