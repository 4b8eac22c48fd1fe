/**
 * Content that is computed from a seed and the position, for the demo swarm and simulations: a thousand peers hold it
 * without a byte of memory, and any block of it can be made on its own. It does not compress.
 */
import { assert } from "../base/assert.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Hasher } from "../ports/hasher.ts";

/** What is generated at once; the positions of the sequence are counted from its beginning. */
const unitLength = 16 * 1024;

/** Content that nobody holds: whatever is asked for of it is computed. */
export interface ComputedContent {
  /** Names the content among others. */
  readonly seed: number;
  readonly totalLength: number;
  /** Fills `into` with the content from `offset` on. */
  fill(offset: number, into: Uint8Array): void;
  /** These bytes of it, not to be changed; they may be shared. */
  span(offset: number, length: number): Uint8Array;
  /** Whether `data` is the content at `offset`. */
  matches(offset: number, data: Uint8Array): boolean;
}

export class GeneratedContent implements ComputedContent {
  readonly seed: number;
  readonly totalLength: number;
  /** One unit; `words` sees the same memory. */
  readonly #unit = new Uint8Array(unitLength);
  readonly #words = new Uint32Array(this.#unit.buffer);
  #unitIndex = -1;

  /** @param seed 0 … 2^32 - 1. @param totalLength bytes, 1 or more. */
  constructor(seed: number, totalLength: number) {
    this.seed = seed >>> 0;
    this.totalLength = totalLength;
  }

  fill(offset: number, into: Uint8Array): void {
    assert(offset >= 0 && offset + into.length <= this.totalLength, "the span lies in the content");
    let at = 0;
    while (at < into.length) {
      const index = Math.floor((offset + at) / unitLength);
      const from = offset + at - index * unitLength;
      const length = Math.min(unitLength - from, into.length - at);
      this.#generate(index);
      into.set(length === unitLength ? this.#unit : this.#unit.subarray(from, from + length), at);
      at += length;
    }
  }

  span(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.fill(offset, bytes);
    return bytes;
  }

  matches(offset: number, data: Uint8Array): boolean {
    let index = -1;
    let from = 0;
    for (let at = 0; at < data.length; at++, from++) {
      if (index < 0 || from === unitLength) {
        index = Math.floor((offset + at) / unitLength);
        from = offset + at - index * unitLength;
        this.#generate(index);
      }
      if (data[at] !== this.#unit[from]) return false;
    }
    return true;
  }

  /** A hash of seed, unit and position for each word (splitmix32 over a counter), the last unit made being kept. */
  #generate(index: number): void {
    if (index === this.#unitIndex) return;
    this.#unitIndex = index;
    const words = this.#words;
    let state = mix(mix(this.seed ^ 0x9e3779b9) ^ mix(index | 0) ^ Math.floor(index / 2 ** 32));
    for (let i = 0; i < words.length; i++) {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      words[i] = z ^ (z >>> 15);
    }
  }
}

function mix(value: number): number {
  let z = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

/** The metainfo's `pieceHashes` of generated content. Takes about 1.5 s for each GiB, at once. */
export function generatedPieceHashes(content: ComputedContent, geometry: Geometry, hasher: Hasher): Uint8Array {
  assert(content.totalLength === geometry.totalLength, "the geometry is the content's");
  const hashes = new Uint8Array(20 * geometry.pieceCount);
  for (let index = 0; index < geometry.pieceCount; index++) {
    hashes.set(generatedPieceHash(content, geometry, hasher, index), 20 * index);
  }
  return hashes;
}

/** One piece's hash, for callers that want to let others have their turn in between. */
export function generatedPieceHash(
  content: ComputedContent,
  geometry: Geometry,
  hasher: Hasher,
  index: number,
): Uint8Array {
  const piece = geometry.piece(index);
  const hash = hasher.begin();
  const part = new Uint8Array(Math.min(unitLength, geometry.lengthOf(piece)));
  const end = geometry.offsetOf(piece) + geometry.lengthOf(piece);
  for (let offset = geometry.offsetOf(piece); offset < end; offset += part.length) {
    const some = part.subarray(0, Math.min(part.length, end - offset));
    content.fill(offset, some);
    hash.update(some);
  }
  return hash.digest();
}
