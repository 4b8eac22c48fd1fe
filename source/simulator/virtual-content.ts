/**
 * The content of virtual disks: each block of 16 KiB is a stretch of one pattern of 80 KiB, found by a hash of seed and
 * block. So it costs no memory and reading it no copy, and two blocks that are exchanged are noticed (but for one in
 * 65,536). What is changed of it has to be changed in every 256th byte, or `SamplingHasher` does not see it.
 */
import { assert } from "../base/assert.ts";
import { SeededRandom } from "../base/random.ts";
import type { Hasher, RunningHash } from "../ports/hasher.ts";
import type { ComputedContent } from "../storage/generated-content.ts";

const unitLength = 16 * 1024;
const startsCount = 65_536;
/** Every so many bytes one counts for the hash. */
const sampleEvery = 256;

export class VirtualContent implements ComputedContent {
  readonly seed: number;
  readonly totalLength: number;
  readonly #pattern = new Uint8Array(startsCount + unitLength);

  /** @param seed 0 … 2^32 - 1. @param totalLength bytes, 1 or more. */
  constructor(seed: number, totalLength: number) {
    this.seed = seed >>> 0;
    this.totalLength = totalLength;
    const random = new SeededRandom(this.seed);
    for (let i = 0; i < this.#pattern.length; i++) this.#pattern[i] = random.uint32() >>> 24;
  }

  fill(offset: number, into: Uint8Array): void {
    for (let at = 0; at < into.length; ) {
      const length = Math.min(into.length - at, unitLength - ((offset + at) % unitLength));
      into.set(this.#within(offset + at, length), at);
      at += length;
    }
  }

  span(offset: number, length: number): Uint8Array {
    assert(offset >= 0 && offset + length <= this.totalLength, "the span lies in the content");
    if ((offset % unitLength) + length <= unitLength) return this.#within(offset, length);
    const bytes = new Uint8Array(length);
    this.fill(offset, bytes);
    return bytes;
  }

  /** Looks at the first byte and at every 256th of the content: a piece's last block may be shorter. */
  matches(offset: number, data: Uint8Array): boolean {
    const wanted = this.span(offset, data.length);
    if (data[0] !== wanted[0]) return false;
    for (let i = (sampleEvery - (offset % sampleEvery)) % sampleEvery; i < data.length; i += sampleEvery) {
      if (data[i] !== wanted[i]) return false;
    }
    return true;
  }

  /** A stretch that lies in one block. */
  #within(offset: number, length: number): Uint8Array {
    const unit = Math.floor(offset / unitLength);
    let hash = Math.imul(unit ^ this.seed ^ (unit >>> 15), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    const start = ((hash ^ (hash >>> 16)) >>> 0) % startsCount;
    const from = start + (offset - unit * unitLength);
    return this.#pattern.subarray(from, from + length);
  }
}

/** Up to so many bytes are hashed as they are. */
const exactMax = 1024;

/** Hashes every 256th byte, at a hundredth of the cost; what is short is hashed by `hasher`. */
export class SamplingHasher implements Hasher {
  readonly #hasher: Hasher;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  begin(): RunningHash {
    return new SampledHash(this.#hasher);
  }

  sha1(bytes: Uint8Array): Uint8Array {
    if (bytes.length <= exactMax) return this.#hasher.sha1(bytes);
    const hash = this.begin();
    hash.update(bytes);
    return hash.digest();
  }
}

class SampledHash implements RunningHash {
  readonly #hasher: Hasher;
  /** All that came, while that is short. */
  #exact = new Uint8Array(0);
  #length = 0;
  #a = 0x811c9dc5 | 0;
  #b = 0x9747b28c | 0;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  update(bytes: Uint8Array): void {
    this.#keep(bytes);
    let a = this.#a;
    let b = this.#b;
    for (let i = (sampleEvery - (this.#length % sampleEvery)) % sampleEvery; i < bytes.length; i += sampleEvery) {
      const byte = bytes[i] ?? 0;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul((b << 5) | (b >>> 27), 0x85ebca6b) ^ byte;
    }
    this.#a = a;
    this.#b = b;
    this.#length += bytes.length;
  }

  digest(): Uint8Array {
    if (this.#length <= exactMax) return this.#hasher.sha1(this.#exact);
    const words = new Uint32Array(5);
    words[0] = this.#a;
    words[1] = this.#b;
    words[2] = this.#length;
    return new Uint8Array(words.buffer);
  }

  #keep(bytes: Uint8Array): void {
    if (this.#length + bytes.length > exactMax) return;
    const all = new Uint8Array(this.#length + bytes.length);
    all.set(this.#exact);
    all.set(bytes, this.#length);
    this.#exact = all;
  }
}
