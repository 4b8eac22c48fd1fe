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

/** What a piece is, as a number: its bit among ours, and twice its bit among the wanted. */
const isSkipped = 0;
const isOurs = 1;
const isNeeded = 2;
const kinds = 3;
/** Higher than any availability. */
const none = 0xffff_ffff;

/** @param cellsWanted 0 or more; there are never more cells than pieces. */
export function surveyPieces(source: PieceSource, cellsWanted: number): PieceSurvey {
  const { pieceCount, seeds, neighbours } = source;
  const counts = source.counts ?? new Uint16Array(0);
  const have = source.have.bytes;
  const wanted = source.needed.bytes;
  const cellCount = Math.min(cellsWanted, pieceCount);
  const width = neighbours + 1;
  // Without a branch for what a piece is: which it is cannot be guessed, and a wrong guess costs more than all else here.
  const byKind = new Uint32Array(kinds * width);
  const lowest = new Uint32Array(kinds);
  const here = new Uint32Array(kinds);
  const haveCounts: number[] = [];
  const skipped: number[] = [];
  const minAvailability: number[] = [];
  for (let cell = 0, piece = 0; cell < Math.max(1, cellCount); cell++) {
    const end = Math.floor(((cell + 1) * pieceCount) / Math.max(1, cellCount));
    lowest.fill(none);
    here.fill(0);
    for (; piece < end; piece++) {
      const shift = 7 - (piece & 7);
      const kind = (((have[piece >> 3] ?? 0) >> shift) & 1) | ((((wanted[piece >> 3] ?? 0) >> shift) & 1) << 1);
      const availability = (counts[piece] ?? 0) + seeds;
      const at = kind * width + availability;
      byKind[at] = (byKind[at] ?? 0) + 1;
      here[kind] = (here[kind] ?? 0) + 1;
      if (availability < (lowest[kind] ?? 0)) lowest[kind] = availability;
    }
    if (cell >= cellCount) break;
    haveCounts.push(here[isOurs] ?? 0);
    skipped.push(here[isSkipped] ?? 0);
    const order = [lowest[isNeeded], lowest[isOurs], lowest[isSkipped]];
    minAvailability.push(order.find((availability) => availability !== none) ?? 0);
  }
  const ofKind = (kind: number): Uint32Array => byKind.subarray(kind * width, (kind + 1) * width);
  const needed = ofKind(isNeeded);
  const map: PieceMap = {
    pieceCount,
    cellCount,
    have: haveCounts,
    active: activeCounts(source, cellCount),
    skipped: ofKind(isSkipped).some((count) => count > 0) ? skipped : [],
    minAvailability,
    rarest: rarestOf(source, needed),
    copies: source.counts === undefined ? 0 : copiesOf(byKind, width, pieceCount),
    neighbours: source.counts === undefined ? null : neighbours,
  };
  return { map, needed, ours: ofKind(isOurs) };
}

/** The lowest availability, and the part of the pieces that more have. */
function copiesOf(byKind: Uint32Array, width: number, pieceCount: number): number {
  for (let availability = 0; availability < width; availability++) {
    let count = 0;
    for (let kind = 0; kind < kinds; kind++) count += byKind[kind * width + availability] ?? 0;
    if (count > 0) return availability + 1 - count / pieceCount;
  }
  return 0;
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
