/**
 * Pieces ordered by how many neighbours have them: rarest first without a scan.
 *
 * `order` holds the pieces in buckets of equal availability; within a bucket their order is random, so that neighbours
 * who all take "the rarest" do not take the same one. Invariant: bucket a is order[starts[a]] … order[starts[a + 1] - 1],
 * and position[order[i]] = i.
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
  readonly #starts: number[] = [0, 0];

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

  /** The least rare of all. */
  get last(): number | undefined {
    return this.#length === 0 ? undefined : this.#order[this.#length - 1];
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
    for (let bucket = this.#counts[piece] ?? 0; bucket < this.#starts.length - 1; bucket++) {
      const last = this.#start(bucket + 1) - 1;
      this.#swap(hole, last);
      this.#starts[bucket + 1] = last;
      hole = last;
    }
    assert(hole === this.#length - 1 && this.#order[hole] === piece, "order");
    this.#length--;
    this.#position[piece] = absent;
  }

  /** How many pieces are rarer than this one, and how many are as rare, itself included. */
  placeOf(piece: number): { readonly rarer: number; readonly equal: number } {
    const count = this.#counts[piece] ?? 0;
    const rarer = this.#start(count);
    return { rarer, equal: this.#start(count + 1) - rarer };
  }

  /** The piece of lowest availability among those in `field`. */
  rarest(field: Bitfield): number | undefined {
    for (let i = 0; i < this.#length; i++) {
      const piece = this.#order[i] ?? 0;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  /** Any piece in `field`, each equally likely where the neighbour has them all. */
  anyOf(field: Bitfield): number | undefined {
    const start = randomBelow(this.#random, Math.max(1, this.#length));
    for (let i = 0; i < this.#length; i++) {
      const piece = this.#order[(start + i) % this.#length] ?? 0;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  #start(bucket: number): number {
    return this.#starts[bucket] ?? this.#length;
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
