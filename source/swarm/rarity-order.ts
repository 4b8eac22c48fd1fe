/**
 * Pieces ordered by how many neighbours have them: rarest first without a scan.
 *
 * `order` holds the pieces in buckets of equal availability; within a bucket their order is random, so that neighbours
 * who all take "the rarest" do not take the same one. Invariant: bucket a is order[starts[a]] … order[starts[a + 1] - 1],
 * and position[order[i]] = i. Between a change of many counts at once and `sort` the buckets are those of before.
 */
import { assert } from "../base/assert.ts";
import type { Bitfield } from "../base/bitfield.ts";
import { type Random, randomBelow } from "../base/random.ts";

/** The position of a piece that is in no order. */
export const absent = -1;

export class RarityOrder {
  readonly #random: Random;
  readonly #counts: Uint16Array;
  readonly #position: Int32Array;
  readonly #order: Int32Array;
  #length = 0;
  /** starts[a] is where bucket a begins; the last entry is the end of the order. */
  #starts: number[] = [0, 0];

  /**
   * @param counts how many have each piece: kept by the owner. @param position of each piece, `absent` at first; may be
   * shared by orders as long as no piece is in two of them.
   */
  constructor(random: Random, counts: Uint16Array, position: Int32Array) {
    this.#random = random;
    this.#counts = counts;
    this.#position = position;
    this.#order = new Int32Array(counts.length);
  }

  get length(): number {
    return this.#length;
  }

  /** The piece's count has just become one more. */
  raised(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    this.#ensureBucket(count);
    // The piece becomes the last of its bucket, then the boundary moves below it: it is the first of the next one.
    const last = this.#start(count) - 1;
    this.#swap(this.#position[piece] ?? 0, last);
    this.#starts[count] = last;
    this.#mix(last, count);
  }

  /** The piece's count has just become one less. */
  lowered(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    const first = this.#start(count + 1);
    this.#swap(this.#position[piece] ?? 0, first);
    this.#starts[count + 1] = first + 1;
    this.#mix(first, count);
  }

  add(piece: number): void {
    assert(this.#position[piece] === absent, "a piece is in one order");
    const count = this.#counts[piece] ?? 0;
    this.#ensureBucket(count);
    let at = this.#length++;
    this.#order[at] = piece;
    this.#position[piece] = at;
    // From the end of the last bucket down to its own: each bucket above gives its first place for its end.
    for (let bucket = this.#starts.length - 2; bucket > count; bucket--) {
      const first = this.#start(bucket);
      this.#swap(at, first);
      this.#starts[bucket] = first + 1;
      at = first;
    }
    this.#starts[this.#starts.length - 1] = this.#length;
    this.#mix(at, count);
  }

  remove(piece: number): void {
    let hole = this.#position[piece] ?? absent;
    for (let bucket = this.#bucketAt(hole); bucket < this.#starts.length - 1; bucket++) {
      const last = this.#start(bucket + 1) - 1;
      this.#swap(hole, last);
      this.#starts[bucket + 1] = last;
      hole = last;
    }
    assert(hole === this.#length - 1 && this.#order[hole] === piece, "order");
    this.#length--;
    this.#position[piece] = absent;
  }

  /** Is of these pieces from now on, in the order of their counts. Whatever else was in it has no position any more. */
  sort(pieces: Bitfield): void {
    const starts = this.#startsOf(pieces);
    const ends = [...starts];
    eachBit(pieces, (piece) => {
      // Each goes to a random place of its bucket, and who was there to its end.
      const bucket = this.#counts[piece] ?? 0;
      const start = starts[bucket] ?? 0;
      const end = ends[bucket] ?? 0;
      const at = start + randomBelow(this.#random, end - start + 1);
      this.#order[end] = this.#order[at] ?? 0;
      this.#order[at] = piece;
      ends[bucket] = end + 1;
    });
    this.#starts = starts;
    this.#length = pieces.count;
    for (let at = 0; at < this.#length; at++) this.#position[this.#order[at] ?? 0] = at;
  }

  /** How many pieces are rarer than this one, and how many are as rare, itself included. */
  placeOf(piece: number): { readonly rarer: number; readonly equal: number } {
    const bucket = this.#bucketAt(this.#position[piece] ?? 0);
    const rarer = this.#start(bucket);
    return { rarer, equal: this.#start(bucket + 1) - rarer };
  }

  /**
   * The first piece in `field`, from the piece at position `from` (0 … length - 1) on and round to it.
   * @returns `undefined` where it is not among so many.
   */
  firstOf(field: Bitfield, from: number, stepsMax: number): number | undefined {
    const steps = Math.min(this.#length, stepsMax);
    for (let step = 0, at = from; step < steps; step++, at++) {
      if (at >= this.#length) at = 0;
      const piece = this.#order[at] ?? 0;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  /** Where the pieces begin that at least so many have. */
  startOf(count: number): number {
    return this.#start(count);
  }

  #start(bucket: number): number {
    return this.#starts[bucket] ?? this.#length;
  }

  /** The bucket that this position is in. */
  #bucketAt(position: number): number {
    let low = 0;
    for (let high = this.#starts.length - 1; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (position < this.#start(middle)) high = middle;
      else low = middle;
    }
    return low;
  }

  #startsOf(pieces: Bitfield): number[] {
    const sizes: number[] = [];
    eachBit(pieces, (piece) => {
      const count = this.#counts[piece] ?? 0;
      while (sizes.length <= count) sizes.push(0);
      sizes[count] = (sizes[count] ?? 0) + 1;
    });
    const starts = [0];
    for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size);
    if (starts.length === 1) starts.push(0);
    return starts;
  }

  /** Makes buckets up to and including this one, empty, at the end of the order. */
  #ensureBucket(bucket: number): void {
    while (this.#starts.length < bucket + 2) this.#starts.push(this.#length);
  }

  /** Gives the piece at this position a random place within its bucket. */
  #mix(at: number, bucket: number): void {
    const start = this.#start(bucket);
    const size = this.#start(bucket + 1) - start;
    if (size > 1) this.#swap(at, start + randomBelow(this.#random, size));
  }

  #swap(a: number, b: number): void {
    if (a === b) return;
    const pieceA = this.#order[a] ?? 0;
    const pieceB = this.#order[b] ?? 0;
    this.#order[a] = pieceB;
    this.#order[b] = pieceA;
    this.#position[pieceA] = b;
    this.#position[pieceB] = a;
  }
}

export function eachBit(field: Bitfield, visit: (index: number) => void): void {
  for (let byteIndex = 0; byteIndex < field.bytes.length; byteIndex++) {
    const byte = field.bytes[byteIndex] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) visit(byteIndex * 8 + bit);
  }
}
