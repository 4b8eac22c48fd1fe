/**
 * Bencode from outside (BEP 3), strictly and within bounds: no leading zeros, no `-0`, no key twice, nothing missing,
 * nothing after the end. Keys out of order are accepted, because real torrents have them and their hash is that of the
 * bytes as they are.
 *
 * Nothing is allocated for a claimed size: strings are views, and items are counted before they are made. Whatever the
 * bytes, nothing but `ProtocolError` `bad-bencode` is thrown.
 */
import { ProtocolError } from "../base/errors.ts";
import { BencodeDict, type BencodeValue, keyOf } from "./value.ts";

export interface DecodeOptions {
  /** Bytes. Default 1 MiB: more than any message of a peer or tracker has to be. */
  readonly lengthMax?: number;
  /** Lists and dictionaries in one another. Default 100, as other clients; it bounds the recursion too. */
  readonly depthMax?: number;
  /** Values of every kind together. Default 100,000: a tracker's dictionary answer of 1 MiB has some 70,000. */
  readonly itemCountMax?: number;
}

const lengthMaxDefault = 1024 * 1024;
const depthMaxDefault = 100;
const itemCountMaxDefault = 100_000;

/** Digits of an integer, leading `-` apart: 64 bits and to spare. What is longer is an attack on arithmetic. */
const digitsMax = 20;
/** Digits of a string's length: a safe integer below every `lengthMax`. */
const lengthDigitsMax = 10;
/** Bytes of a key. No BEP has longer ones than a file name (BEP 52). */
const keyLengthMax = 1024;

/** All of `bytes` as one value. @throws ProtocolError `bad-bencode`. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeValue {
  const decoder = new Decoder(bytes, options);
  const value = decoder.value(0);
  if (decoder.at !== bytes.length) fail("bytes follow the end", decoder.at);
  return value;
}

/** As `decode`, where only a dictionary will do. */
export function decodeDict(bytes: Uint8Array, options: DecodeOptions = {}): BencodeDict {
  const value = decode(bytes, options);
  return value instanceof BencodeDict ? value : fail("not a dictionary", 0);
}

/**
 * The dictionary that `bytes` begin with, and where it ends: for ut_metadata (BEP 9), whose data follow it.
 * @throws ProtocolError `bad-bencode`.
 */
export function decodeDictPrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { readonly dict: BencodeDict; readonly end: number } {
  const decoder = new Decoder(bytes, options);
  const value = decoder.value(0);
  return value instanceof BencodeDict ? { dict: value, end: decoder.at } : fail("not a dictionary", 0);
}

function fail(problem: string, at: number): never {
  throw new ProtocolError("bad-bencode", `bencode: ${problem} at byte ${at}`);
}

const char = { minus: 0x2d, zero: 0x30, nine: 0x39, colon: 0x3a, d: 0x64, e: 0x65, i: 0x69, l: 0x6c } as const;

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #depthMax: number;
  #itemsLeft: number;
  at = 0;

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    this.#bytes = bytes;
    this.#depthMax = options.depthMax ?? depthMaxDefault;
    this.#itemsLeft = options.itemCountMax ?? itemCountMaxDefault;
    const lengthMax = options.lengthMax ?? lengthMaxDefault;
    if (bytes.length > lengthMax) fail(`longer than ${lengthMax} bytes`, lengthMax);
  }

  /** The value at `at`, which is moved behind it. */
  value(depth: number): BencodeValue {
    if (this.#itemsLeft-- <= 0) fail("too many items", this.at);
    const first = this.#bytes[this.at];
    if (first === undefined) return fail("truncated", this.at);
    if (first >= char.zero && first <= char.nine) return this.#string();
    if (first === char.i) return this.#integer();
    if (first !== char.l && first !== char.d) return fail("no value", this.at);
    if (depth >= this.#depthMax) fail("nested too deep", this.at);
    this.at++;
    return first === char.l ? this.#list(depth) : this.#dict(depth);
  }

  #list(depth: number): readonly BencodeValue[] {
    const list: BencodeValue[] = [];
    while (this.#bytes[this.at] !== char.e) list.push(this.value(depth + 1));
    this.at++;
    return list;
  }

  #dict(depth: number): BencodeDict {
    const dict = new BencodeDict(this.#bytes);
    while (this.#bytes[this.at] !== char.e) {
      const keyAt = this.at;
      const key = this.#key();
      const begin = this.at;
      const value = this.value(depth + 1);
      if (!dict.append(key, value, begin, this.at)) fail("a key twice", keyAt);
    }
    this.at++;
    return dict;
  }

  #key(): string {
    const at = this.at;
    const bytes = this.#string();
    if (bytes.length > keyLengthMax) fail(`a key of more than ${keyLengthMax} bytes`, at);
    return keyOf(bytes);
  }

  #string(): Uint8Array {
    const end = this.#digitsEnd(this.at, lengthDigitsMax);
    if (this.#bytes[end] !== char.colon) fail(end >= this.#bytes.length ? "truncated" : "no string", this.at);
    const length = this.#number(this.at, end);
    const begin = end + 1;
    if (length > this.#bytes.length - begin) fail("a string longer than what is there", this.at);
    this.at = begin + length;
    return this.#bytes.subarray(begin, this.at);
  }

  #integer(): number | bigint {
    const isNegative = this.#bytes[this.at + 1] === char.minus;
    const begin = this.at + (isNegative ? 2 : 1);
    const end = this.#digitsEnd(begin, digitsMax);
    if (this.#bytes[end] !== char.e) fail(end >= this.#bytes.length ? "truncated" : "no integer", this.at);
    if (isNegative && this.#bytes[begin] === char.zero) fail("minus zero", this.at);
    this.at = end + 1;
    // Fifteen digits are always exact; beyond that exactness is looked at.
    if (end - begin <= 15) return isNegative ? -this.#number(begin, end) : this.#number(begin, end);
    let exact = 0n;
    for (let i = begin; i < end; i++) exact = exact * 10n + BigInt((this.#bytes[i] ?? 0) - char.zero);
    if (isNegative) exact = -exact;
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }

  /** Behind the run of at least one and at most `max` digits at `begin`, which has no leading zero. */
  #digitsEnd(begin: number, max: number): number {
    let end = begin;
    for (let byte = this.#bytes[end]; byte !== undefined && byte >= char.zero && byte <= char.nine; ) {
      byte = this.#bytes[++end];
      if (end - begin > max) fail("too many digits", begin);
    }
    if (end === begin) fail(end >= this.#bytes.length ? "truncated" : "no digits", begin);
    if (end - begin > 1 && this.#bytes[begin] === char.zero) fail("a leading zero", begin);
    return end;
  }

  #number(begin: number, end: number): number {
    let value = 0;
    for (let i = begin; i < end; i++) value = value * 10 + (this.#bytes[i] ?? 0) - char.zero;
    return value;
  }
}
