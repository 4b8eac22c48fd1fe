import type { Bitfield } from "../base/bitfield.ts";

/** How many pieces are in both fields, which are of one torrent. */
export function countCommon(a: Bitfield, b: Bitfield): number {
  let count = 0;
  for (let i = 0; i < a.bytes.length; i++) {
    let common = (a.bytes[i] ?? 0) & (b.bytes[i] ?? 0);
    for (; common !== 0; common &= common - 1) count++;
  }
  return count;
}
