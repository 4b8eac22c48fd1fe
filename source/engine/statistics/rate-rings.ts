/**
 * Bytes by time at several resolutions: for each span a ring of buckets, which lie on the clock's own hours and quarters.
 * Which bucket is which is the same for everything that is counted, so that it is kept once, in `RingClock`.
 */
import { base64ToBytes, bytesToBase64 } from "../../base/base64.ts";

/** The spans, from short to long: `steps` buckets of `stepSeconds` each. */
export const ringSpans = {
  "3h": { stepSeconds: 60, steps: 180 },
  week: { stepSeconds: 900, steps: 672 },
  month: { stepSeconds: 7200, steps: 372 },
} as const;
export type RingSpan = keyof typeof ringSpans;
export const ringSpanNames = Object.keys(ringSpans) as RingSpan[];

/** The bucket of this time; buckets are numbered from 1970 on. */
export function bucketAt(span: RingSpan, wallMs: number): number {
  return Math.floor(wallMs / (1000 * ringSpans[span].stepSeconds));
}

/** One thing that is counted. */
export class Rings {
  readonly #rings: Readonly<Record<RingSpan, Float32Array>>;

  constructor() {
    const ring = (span: RingSpan) => new Float32Array(ringSpans[span].steps);
    this.#rings = { "3h": ring("3h"), week: ring("week"), month: ring("month") };
  }

  add(span: RingSpan, bucket: number, amount: number): void {
    const ring = this.#rings[span];
    const at = bucket % ring.length;
    ring[at] = (ring[at] ?? 0) + amount;
  }

  of(span: RingSpan, bucket: number): number {
    const ring = this.#rings[span];
    return ring[bucket % ring.length] ?? 0;
  }

  /** Empties the buckets `first` … `last`; all, where there are no more. */
  clear(span: RingSpan, first: number, last: number): void {
    const ring = this.#rings[span];
    if (last - first + 1 >= ring.length) ring.fill(0);
    else for (let bucket = first; bucket <= last; bucket++) ring[bucket % ring.length] = 0;
  }

  /** From the first bucket that is not empty to the last, up to `newest`; `null` where all are empty. */
  pack(span: RingSpan, newest: number): PackedRing | null {
    let first = newest - ringSpans[span].steps + 1;
    let last = newest;
    while (first <= last && this.of(span, first) === 0) first++;
    while (last > first && this.of(span, last) === 0) last--;
    if (first > last) return null;
    const codes = new Uint8Array(2 * (last - first + 1));
    for (let bucket = first; bucket <= last; bucket++) {
      const code = Math.min(0xffff, Math.round(Math.log2(1 + this.of(span, bucket)) * codesPerDoubling));
      codes[2 * (bucket - first)] = code >> 8;
      codes[2 * (bucket - first) + 1] = code & 0xff;
    }
    return [first, bytesToBase64(codes)];
  }

  /** @param newest what is older than its ring, or newer, is left out. @throws where the text is not base64. */
  unpack(span: RingSpan, newest: number, [first, text]: PackedRing): void {
    const codes = base64ToBytes(text);
    for (let i = 0; 2 * i + 1 < codes.length && i < ringSpans[span].steps; i++) {
      const bucket = first + i;
      if (bucket > newest || bucket <= newest - ringSpans[span].steps) continue;
      const code = (codes[2 * i] ?? 0) * 256 + (codes[2 * i + 1] ?? 0);
      if (code > 0) this.add(span, bucket, 2 ** (code / codesPerDoubling) - 1);
    }
  }
}

/** The first bucket, and two bytes for each: the logarithm of what is in it, to 0.05 %, in base64. */
export type PackedRing = readonly [first: number, base64: string];

/** @throws where the text is not base64. */
export function lastBucketOf([first, text]: PackedRing): number {
  return first + base64ToBytes(text).length / 2 - 1;
}

/** 2^46 bytes in one bucket are the most that fit. */
const codesPerDoubling = 1400;
