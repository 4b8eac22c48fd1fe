/**
 * Bencode to be sent or stored (BEP 3): keys in the order of their raw bytes, each value in its one right form. Our own,
 * because keys are bytes: a scrape answer's are info hashes, which an encoder that takes keys for text cannot write.
 */
import { assert } from "../base/assert.ts";
import { BencodeDict, type BencodeValue, keyBytes, keyOf } from "./value.ts";

/**
 * What can be encoded. Strings, and keys that are strings, are written as UTF-8; a `Map` may also have keys of bytes.
 * Properties that are `undefined` are left out. Numbers must be safe integers.
 */
export type Encodable =
  | BencodeValue
  | string
  | readonly Encodable[]
  | ReadonlyMap<string | Uint8Array, Encodable>
  | { readonly [key: string]: Encodable | undefined };

const utf8 = new TextEncoder();

export function encode(value: Encodable): Uint8Array {
  const writer = new Writer();
  writeValue(writer, value);
  return writer.finish();
}

function writeValue(writer: Writer, value: Encodable): void {
  if (typeof value === "number") {
    assert(Number.isSafeInteger(value), "a number to encode is a safe integer");
    // `-0` has no bencode; template text already writes it as 0.
    writer.ascii(`i${value}e`);
  } else if (typeof value === "bigint") {
    writer.ascii(`i${value}e`);
  } else if (typeof value === "string") {
    writeBytes(writer, utf8.encode(value));
  } else if (value instanceof Uint8Array) {
    writeBytes(writer, value);
  } else if (isList(value)) {
    writer.ascii("l");
    for (const item of value) writeValue(writer, item);
    writer.ascii("e");
  } else {
    writer.ascii("d");
    for (const [key, item] of sortedEntries(value)) {
      writeBytes(writer, keyBytes(key));
      writeValue(writer, item);
    }
    writer.ascii("e");
  }
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

type DictLike = Exclude<Encodable, number | bigint | string | Uint8Array | readonly Encodable[]>;

/** Keys with one character for each byte: comparing those texts compares the bytes. */
function sortedEntries(value: DictLike): [string, Encodable][] {
  const entries: [string, Encodable][] = [];
  if (value instanceof BencodeDict) {
    value.keys.forEach((key, index) => {
      const item = value.values[index];
      if (item !== undefined) entries.push([key, item]);
    });
  } else if (value instanceof Map) {
    for (const [key, item] of value as ReadonlyMap<string | Uint8Array, Encodable>) {
      entries.push([keyOf(typeof key === "string" ? utf8.encode(key) : key), item]);
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) entries.push([keyOf(utf8.encode(key)), item as Encodable]);
    }
  }
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  entries.forEach(([key], index) => {
    assert(key !== entries[index - 1]?.[0], "a key to encode is there once");
  });
  return entries;
}

function writeBytes(writer: Writer, bytes: Uint8Array): void {
  writer.ascii(`${bytes.length}:`);
  writer.bytes(bytes);
}

/** Grows by doubling. */
class Writer {
  #buffer = new Uint8Array(256);
  #length = 0;

  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length + more));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
