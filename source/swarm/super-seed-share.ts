/** What a super-seed has shown to one neighbour, and what became of it. */
import { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import type { Geometry } from "../metainfo/geometry.ts";

export class SuperSeedShare {
  readonly shown: Bitfield;
  /** Shown, and it has them not yet. */
  readonly open = new Set<PieceIndex>();
  /** Of these, what it had a turn for and did not fetch: it is not counted on. */
  readonly late = new Set<PieceIndex>();
  /** It has them from us, and nobody else was seen with them since: when it had them. */
  readonly debts = new Map<PieceIndex, number>();
  spreadCount = 0;
  /** What we will have sent it in all when it has all that it was shown. */
  shownBytes = 0;
  /** When it was shown something last, or came. */
  shownMs = Number.NEGATIVE_INFINITY;
  /** How long a piece takes to it, of those lately; infinite before the first. */
  pieceMs = Number.POSITIVE_INFINITY;
  #gotMs = Number.NEGATIVE_INFINITY;
  #sentBytes = 0;
  #sentMs = Number.NEGATIVE_INFINITY;

  constructor(pieceCount: number) {
    this.shown = new Bitfield(pieceCount);
  }

  /** Since when it has nothing to fetch, if it has nothing. */
  get idleMs(): number {
    return Math.max(this.shownMs, this.#gotMs);
  }

  openBytes(geometry: Geometry): number {
    let bytes = 0;
    for (const piece of this.open) bytes += geometry.lengthOf(piece);
    return bytes;
  }

  /** To be asked about once a second. @param bytes that it was sent of what it was shown. @returns when that became more last. */
  lastSentMs(bytes: number, nowMs: number): number {
    if (bytes > this.#sentBytes) this.#sentMs = nowMs;
    this.#sentBytes = bytes;
    return this.#sentMs;
  }

  /** It has a piece that it was to fetch. @returns how long that took, as far as we served it. */
  took(unchokedMs: number, nowMs: number): number {
    const tookMs = nowMs - Math.max(this.#gotMs, this.shownMs, unchokedMs);
    this.#gotMs = nowMs;
    this.pieceMs = Number.isFinite(this.pieceMs) ? this.pieceMs + (tookMs - this.pieceMs) / 4 : tookMs;
    return tookMs;
  }
}
