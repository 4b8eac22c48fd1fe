/**
 * Sets of IP addresses, as ranges: sorted, without overlaps, in typed arrays (8 bytes a range for IPv4, 32 for IPv6), so
 * that lists of a million ranges are small and an address is found by bisection. A set never changes once it is built.
 */
import { parseAddress } from "./ip-address.ts";

/** 32-bit words of an address; a range is its first address and then its last, most significant word first. */
type Width = 1 | 4;

/** Ranges that a build looks at between two steps: well under a millisecond's work. */
const rangesPerStep = 4096;
const firstCapacity = 64;

/** Collects ranges in any order. Used once: after `build` it is empty. */
export class IpRangesBuilder {
  #v4 = new Table(1);
  #v6 = new Table(4);

  /** Ranges added: what takes memory until they are built. */
  get count(): number {
    return this.#v4.count + this.#v6.count;
  }

  /** All IPv4 addresses from `first` to `last` (32-bit, unsigned, first ≤ last). */
  addV4(first: number, last: number): void {
    const { words, at } = this.#v4.next();
    words[at] = first;
    words[at + 1] = last;
  }

  /**
   * Addresses as 4 or 16 bytes (see `parseAddress`), both of one family.
   * @returns false, and adds nothing, where the families differ or `last` comes before `first`.
   */
  add(first: Uint8Array, last: Uint8Array): boolean {
    if (first.length !== last.length || compareBytes(first, last) > 0) return false;
    const { words, at } = first.length === 4 ? this.#v4.next() : this.#v6.next();
    const width = first.length / 4;
    for (let word = 0; word < width; word++) {
      words[at + word] = wordOf(first, word);
      words[at + width + word] = wordOf(last, word);
    }
    return true;
  }

  /** Sorts and merges in small steps, so that whoever has other things to do can do them in between. */
  *build(): Generator<undefined, IpRanges> {
    const [v4, v6] = [this.#v4, this.#v6];
    this.#v4 = new Table(1);
    this.#v6 = new Table(4);
    return new IpRanges(yield* merged(yield* sorted(v4)), yield* merged(yield* sorted(v6)));
  }
}

export class IpRanges {
  static readonly none = new IpRanges({ width: 1, words: new Uint32Array() }, { width: 4, words: new Uint32Array() });
  readonly #v4: Words;
  readonly #v6: Words;

  /** Made by `IpRangesBuilder`. */
  constructor(v4: Words, v6: Words) {
    this.#v4 = v4;
    this.#v6 = v6;
  }

  /** Ranges, after those that touch were merged. */
  get count(): number {
    return countOf(this.#v4) + countOf(this.#v6);
  }

  get byteLength(): number {
    return this.#v4.words.byteLength + this.#v6.words.byteLength;
  }

  /** Whether `address` is in the set; an IPv4-mapped IPv6 address is its IPv4 address. False for what is no address. */
  has(address: string): boolean {
    if (this.#v4.words.length === 0 && this.#v6.words.length === 0) return false;
    const bytes = parseAddress(address);
    if (bytes === undefined) return false;
    const table = bytes.length === 4 ? this.#v4 : this.#v6;
    const sought = Uint32Array.from({ length: table.width }, (_, word) => wordOf(bytes, word));
    // The last range that does not begin after it is the only one that can have it.
    let low = 0;
    for (let high = countOf(table); low < high; ) {
      const middle = (low + high) >>> 1;
      if (compare(table.words, middle * 2 * table.width, sought, 0, table.width) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return false;
    const lastAt = (low - 1) * 2 * table.width + table.width;
    return compare(sought, 0, table.words, lastAt, table.width) <= 0;
  }
}

interface Words {
  readonly width: Width;
  readonly words: Uint32Array;
}

class Table {
  readonly width: Width;
  words: Uint32Array = new Uint32Array(0);
  count = 0;

  constructor(width: Width) {
    this.width = width;
  }

  /** Room for one more. */
  next(): { readonly words: Uint32Array; readonly at: number } {
    const at = this.count * 2 * this.width;
    if (at === this.words.length) {
      const larger = new Uint32Array(Math.max(firstCapacity * 2 * this.width, 2 * this.words.length));
      larger.set(this.words);
      this.words = larger;
    }
    this.count++;
    return { words: this.words, at };
  }
}

/** Merge sort from the bottom up; lists that are in order already, as most are, cost one look. */
function* sorted({ width, words, count }: Table): Generator<undefined, Words> {
  const size = 2 * width;
  let from: Uint32Array = words.subarray(0, count * size);
  if (yield* isSorted({ width, words: from })) return { width, words: from };
  let to: Uint32Array = new Uint32Array(from.length);
  let stepLeft = rangesPerStep;
  for (let run = 1; run < count; run *= 2) {
    for (let begin = 0; begin < count; begin += 2 * run) {
      const middle = Math.min(begin + run, count);
      const end = Math.min(begin + 2 * run, count);
      let [left, right] = [begin, middle];
      for (let out = begin; out < end; out++) {
        const isLeft = left < middle && (right === end || compare(from, left * size, from, right * size, width) <= 0);
        const source = (isLeft ? left++ : right++) * size;
        for (let word = 0; word < size; word++) to[out * size + word] = from[source + word] ?? 0;
        if (--stepLeft === 0) {
          stepLeft = rangesPerStep;
          yield;
        }
      }
    }
    [from, to] = [to, from];
  }
  return { width, words: from };
}

function* isSorted({ width, words }: Words): Generator<undefined, boolean> {
  const size = 2 * width;
  for (let at = size; at < words.length; at += size) {
    if (compare(words, at - size, words, at, width) > 0) return false;
    if (at % (rangesPerStep * size) === 0) yield;
  }
  return true;
}

/** Makes one of those that overlap or touch, in place, and takes no more room than is needed. */
function* merged({ width, words }: Words): Generator<undefined, Words> {
  const size = 2 * width;
  let kept = 0;
  for (let at = 0; at < words.length; at += size) {
    const lastAt = kept - width;
    if (kept > 0 && reaches(words, lastAt, at, width)) {
      if (compare(words, at + width, words, lastAt, width) > 0) words.copyWithin(lastAt, at + width, at + size);
    } else {
      words.copyWithin(kept, at, at + size);
      kept += size;
    }
    if (at % (rangesPerStep * size) === 0) yield;
  }
  return { width, words: words.slice(0, kept) };
}

/** Whether the range that begins at `firstAt` touches the one that ends at `lastAt`: begins at most one after it. */
function reaches(words: Uint32Array, lastAt: number, firstAt: number, width: Width): boolean {
  if (compare(words, firstAt, words, lastAt, width) <= 0) return true;
  // first - 1 = last, word by word: after a word that is 0 the one above it borrows.
  for (let word = width - 1, borrow = 1; word >= 0; word--) {
    const value = words[firstAt + word] ?? 0;
    if ((value - borrow) >>> 0 !== (words[lastAt + word] ?? 0)) return false;
    borrow = value === 0 ? borrow : 0;
  }
  return true;
}

function compare(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, width: Width): number {
  for (let word = 0; word < width; word++) {
    const difference = (a[aAt + word] ?? 0) - (b[bAt + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function wordOf(bytes: Uint8Array, word: number): number {
  const at = 4 * word;
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function countOf({ width, words }: Words): number {
  return words.length / (2 * width);
}
