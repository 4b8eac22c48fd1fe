/** Windows over longer lists. */

/** The offset nearest to `offset` at which `cursor` is inside a window of `height` rows of `total`. */
export function offsetFor(cursor: number, offset: number, height: number, total: number): number {
  if (height <= 0) return 0;
  const last = Math.max(0, total - height);
  let next = Math.min(Math.max(0, offset), last);
  if (cursor < next) next = cursor;
  if (cursor >= next + height) next = cursor - height + 1;
  return Math.min(Math.max(0, next), last);
}

/** @returns 0 where there is nothing to point at. */
export function clampIndex(index: number, total: number): number {
  return Math.max(0, Math.min(total - 1, index));
}
