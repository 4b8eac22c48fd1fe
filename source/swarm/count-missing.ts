import type { Bitfield } from "../base/bitfield.ts";

/** How many pieces of `theirs` are missing in `ours`. Both are of one torrent. */
export function countMissing(theirs: Bitfield, ours: Bitfield): number {
  let count = 0;
  for (let i = 0; i < theirs.bytes.length; i++) {
    let missing = (theirs.bytes[i] ?? 0) & ~(ours.bytes[i] ?? 0);
    for (; missing !== 0; missing &= missing - 1) count++;
  }
  return count;
}
