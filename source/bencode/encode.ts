/**
 * Bencode is written by the package `bencode`; here its input is made such that what comes out is canonical (BEP 3: keys
 * sorted as raw bytes, each once, integers exact). Its decoder is not used: see `decode.ts`.
 */
import bencode from "bencode";
import { assert } from "../base/assert.ts";
import { BencodeDict, type BencodeValue, keyBytes, keyOf } from "./value.ts";

/**
 * What can be encoded. Numbers must be safe integers; strings become UTF-8; properties that are `undefined` are left out.
 * Maps may have byte strings as keys.
 */
export type Encodable =
  | BencodeValue
  | string
  | readonly Encodable[]
  | ReadonlyMap<string | Uint8Array, Encodable>
  | { readonly [key: string]: Encodable | undefined };

const utf8 = new TextEncoder();

/** The canonical encoding. Dictionaries that were decoded keep their keys, not their order. */
export function encode(value: Encodable): Uint8Array {
  return bencode.encode(prepare(value));
}

/** The package sorts keys by their text: this text has one character for each byte, so the order is that of the bytes. */
class ByteKey extends Uint8Array {
  override toString(): string {
    return keyOf(this);
  }
}

type Prepared = number | string | Uint8Array | Prepared[] | Map<ByteKey, Prepared>;

function prepare(value: Encodable): Prepared {
  if (typeof value === "number") {
    assert(Number.isSafeInteger(value), "a number to encode is a safe integer");
    return value;
  }
  assert(typeof value !== "bigint", "integers above 2^53 are read, never written");
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (isList(value)) return value.map(prepare);
  const dict = new Map<string, Prepared>();
  for (const [key, item] of entriesOf(value)) {
    assert(!dict.has(key), "a key to encode is there once");
    dict.set(key, prepare(item));
  }
  return new Map([...dict].map(([key, item]) => [new ByteKey(keyBytes(key)), item]));
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

type DictLike = Exclude<Encodable, number | bigint | string | Uint8Array | readonly Encodable[]>;

/** Keys with one character for each byte. */
function* entriesOf(value: DictLike): Generator<[string, Encodable]> {
  if (value instanceof BencodeDict) {
    for (const key of value.keys) {
      const item = value.get(key);
      if (item !== undefined) yield [key, item];
    }
  } else if (value instanceof Map) {
    for (const [key, item] of value as ReadonlyMap<string | Uint8Array, Encodable>) {
      yield [keyOf(typeof key === "string" ? utf8.encode(key) : key), item];
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) yield [keyOf(utf8.encode(key)), item as Encodable];
    }
  }
}
