/** Verified pieces as bytes. */
import type { Bitfield } from "../../base/bitfield.ts";
import type { Geometry } from "../../metainfo/geometry.ts";

export function verifiedBytes(geometry: Geometry, have: Bitfield): number {
  const last = geometry.piece(geometry.pieceCount - 1);
  const shortBy = have.has(last) ? geometry.pieceLength - geometry.lengthOf(last) : 0;
  return have.count * geometry.pieceLength - shortBy;
}

/** Of a span of the content. */
export function verifiedBytesIn(geometry: Geometry, have: Bitfield, offset: number, length: number): number {
  let sum = 0;
  const end = offset + length;
  for (let i = Math.floor(offset / geometry.pieceLength); i * geometry.pieceLength < end; i++) {
    if (!have.has(i)) continue;
    const begin = i * geometry.pieceLength;
    sum += Math.min(end, begin + geometry.lengthOf(geometry.piece(i))) - Math.max(offset, begin);
  }
  return sum;
}
