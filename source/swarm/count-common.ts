import { type Bitfield, bitsInByte } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import type { Neighbour } from "./neighbour.ts";

/** How many pieces are in both fields, which are of one torrent. */
export function countCommon(a: Bitfield, b: Bitfield): number {
  let count = 0;
  for (let i = 0; i < a.bytes.length; i++) count += bitsInByte[(a.bytes[i] ?? 0) & (b.bytes[i] ?? 0)] ?? 0;
  return count;
}

/** How many of a neighbour's pieces we need, and so whether we are interested. */
export function countWanted(neighbour: Neighbour, needed: Bitfield): void {
  neighbour.wantedCount = countCommon(neighbour.field, needed);
  neighbour.setInterest(neighbour.wantedCount > 0);
}

/** We have got the piece. @param wasNeeded by us until then. */
export function discount(neighbour: Neighbour, piece: PieceIndex, wasNeeded: boolean): void {
  neighbour.takeBackAllowed(piece);
  if (wasNeeded && neighbour.field.has(piece) && --neighbour.wantedCount === 0) neighbour.setInterest(false);
}
