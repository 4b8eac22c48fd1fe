import { assert } from "../base/assert.ts";

/** The bytes from `from` to `to` of buffers that follow one another. */
export function cut(buffers: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const buffer of buffers) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, buffer.length);
    if (start < end) parts.push(buffer.subarray(start, end));
    at += buffer.length;
  }
  assert(at >= to, "as many bytes as were promised");
  return parts;
}
