/**
 * How many neighbours have each piece, and the pieces we still have to begin, ordered by it: rarest first without a
 * scan. Seeds are counted apart (they have everything, so they change no order), which makes a seed's coming and going
 * free.
 *
 * `order` holds the pieces not yet begun in buckets of equal availability; within a bucket their order is random, so
 * that neighbours who all take "the rarest" do not take the same one. Invariant: bucket a is
 * order[starts[a]] … order[starts[a + 1] - 1], and position[order[i]] = i.
 */
import { assert } from "../base/assert.ts";
import type { Bitfield } from "../base/bitfield.ts";
import { type Random, randomBelow } from "../base/random.ts";

const absent = -1;

export class Availability {
  readonly #random: Random;
  /** Of neighbours that are not seeds. At most the neighbour limit, far below 65,536. */
  readonly #counts: Uint16Array;
  readonly #order: Int32Array;
  readonly #position: Int32Array;
  #orderLength = 0;
  /** starts[a] is where bucket a begins; the last entry is the end of the order. */
  readonly #starts: number[] = [0, 0];
  #seeds = 0;

  constructor(random: Random, pieceCount: number) {
    this.#random = random;
    this.#counts = new Uint16Array(pieceCount);
    this.#order = new Int32Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(absent);
  }

  /** How many neighbours have the piece. */
  of(piece: number): number {
    return (this.#counts[piece] ?? 0) + this.#seeds;
  }

  get seeds(): number {
    return this.#seeds;
  }

  /** Pieces waiting to be begun. */
  get waitingCount(): number {
    return this.#orderLength;
  }

  /** Whether somebody has one of the waiting pieces. */
  get hasObtainable(): boolean {
    if (this.#orderLength === 0) return false;
    // The last of the order is the least rare.
    return this.of(this.#order[this.#orderLength - 1] ?? 0) > 0;
  }

  isWaiting(piece: number): boolean {
    return this.#position[piece] !== absent;
  }

  seedCame(): void {
    this.#seeds++;
  }

  seedLeft(): void {
    assert(this.#seeds > 0, "seed count");
    this.#seeds--;
  }

  /** A neighbour that is no seed came (or sent its bitfield). */
  fieldCame(field: Bitfield): void {
    forEachBit(field, (piece) => this.increase(piece));
  }

  fieldLeft(field: Bitfield): void {
    forEachBit(field, (piece) => this.decrease(piece));
  }

  increase(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    this.#counts[piece] = count + 1;
    if (this.#position[piece] === absent) return;
    this.#ensureBucket(count + 1);
    // The piece becomes the last of its bucket, then the boundary moves below it: it is the first of the next one.
    const last = this.#start(count + 1) - 1;
    this.#swap(this.#position[piece] ?? 0, last);
    this.#starts[count + 1] = last;
    this.#mix(last, count + 1);
  }

  decrease(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    assert(count > 0, "availability");
    this.#counts[piece] = count - 1;
    if (this.#position[piece] === absent) return;
    const first = this.#start(count);
    this.#swap(this.#position[piece] ?? 0, first);
    this.#starts[count] = first + 1;
    this.#mix(first, count - 1);
  }

  /** The piece is to be begun some time: it was missing at the start, or has failed. */
  addWaiting(piece: number): void {
    if (this.#position[piece] !== absent) return;
    const count = this.#counts[piece] ?? 0;
    this.#ensureBucket(count);
    let at = this.#orderLength++;
    this.#order[at] = piece;
    this.#position[piece] = at;
    // From the end of the last bucket down to its own: each bucket above gives its first place for its end.
    for (let bucket = this.#starts.length - 2; bucket > count; bucket--) {
      const first = this.#start(bucket);
      this.#swap(at, first);
      this.#starts[bucket] = first + 1;
      at = first;
    }
    this.#starts[this.#starts.length - 1] = this.#orderLength;
    this.#mix(at, count);
  }

  /** The piece was begun, verified, or is not wanted. */
  removeWaiting(piece: number): void {
    const at = this.#position[piece] ?? absent;
    if (at === absent) return;
    let hole = at;
    for (let bucket = this.#counts[piece] ?? 0; bucket < this.#starts.length - 1; bucket++) {
      const last = this.#start(bucket + 1) - 1;
      this.#swap(hole, last);
      this.#starts[bucket + 1] = last;
      hole = last;
    }
    assert(hole === this.#orderLength - 1 && this.#order[hole] === piece, "order");
    this.#orderLength--;
    this.#position[piece] = absent;
  }

  /** The waiting piece of lowest availability among those in `field`. */
  rarest(field: Bitfield): number | undefined {
    for (let i = 0; i < this.#orderLength; i++) {
      const piece = this.#order[i] ?? 0;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  /** Any waiting piece in `field`, each equally likely where the neighbour has them all. */
  anyOf(field: Bitfield): number | undefined {
    const start = randomBelow(this.#random, Math.max(1, this.#orderLength));
    for (let i = 0; i < this.#orderLength; i++) {
      const piece = this.#order[(start + i) % this.#orderLength] ?? 0;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  /** Whole copies among the neighbours: the lowest availability plus the fraction of pieces above it. */
  copies(): number {
    let lowest = Number.POSITIVE_INFINITY;
    let above = 0;
    for (const count of this.#counts) {
      if (count < lowest) lowest = count;
    }
    for (const count of this.#counts) if (count > lowest) above++;
    return lowest + this.#seeds + above / this.#counts.length;
  }

  #start(bucket: number): number {
    return this.#starts[bucket] ?? this.#orderLength;
  }

  /** Makes buckets up to and including this one, empty, at the end of the order. */
  #ensureBucket(bucket: number): void {
    while (this.#starts.length < bucket + 2) this.#starts.push(this.#orderLength);
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

function forEachBit(field: Bitfield, visit: (index: number) => void): void {
  for (let byteIndex = 0; byteIndex < field.bytes.length; byteIndex++) {
    const byte = field.bytes[byteIndex] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) visit(byteIndex * 8 + bit);
  }
}
