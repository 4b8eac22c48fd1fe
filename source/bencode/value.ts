/**
 * What bencode holds (BEP 3), once decoded. Byte strings are views of the decoded bytes: copy what is kept longer than
 * they are. Integers are numbers where a double is exact, else bigints, so nothing is ever rounded.
 *
 * The readers (`as…`, `dict.integer(key)`…) answer `undefined` both for what is absent and for what has another type:
 * to whoever asked, an interval that is a list is no interval.
 */
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDict;

// BOMs stay: two names that differ only there are two names.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 as text; what is no UTF-8 becomes U+FFFD. Sanitise before it is shown. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

export function asBytes(value: BencodeValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

export function asText(value: BencodeValue | undefined): string | undefined {
  return value instanceof Uint8Array ? textOf(value) : undefined;
}

/** A safe integer; larger ones are `undefined`. */
export function asInteger(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function asList(value: BencodeValue | undefined): readonly BencodeValue[] | undefined {
  return isList(value) ? value : undefined;
}

export function asDict(value: BencodeValue | undefined): BencodeDict | undefined {
  return value instanceof BencodeDict ? value : undefined;
}

function isList(value: unknown): value is readonly BencodeValue[] {
  return Array.isArray(value);
}

/** A dictionary key's bytes as the key that `BencodeDict` uses: one character (0 … 255) for each byte. */
export function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (let i = 0; i < bytes.length; i++) key += String.fromCharCode(bytes[i] ?? 0);
  return key;
}

/** The bytes of a key of a `BencodeDict`. */
export function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/** Below this many keys a scan beats a hash table, and most dictionaries never need one. */
const scannedKeysMax = 12;

/**
 * A decoded dictionary, in the order of its bytes. Keys are byte strings (see `keyOf`); for ASCII keys that is just the
 * text. It is no object with properties, so `__proto__` is a key like any other.
 */
export class BencodeDict {
  readonly #source: Uint8Array;
  readonly #keys: string[] = [];
  readonly #values: BencodeValue[] = [];
  /** Begin and end of each value in the source. */
  readonly #bounds: number[] = [];
  #indexOfKey: Map<string, number> | undefined;
  #isSorted = true;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** For the decoder. @returns `false`, having changed nothing, if the key is there already. */
  append(key: string, value: BencodeValue, begin: number, end: number): boolean {
    const last = this.#keys.at(-1);
    // While the keys ascend, as BEP 3 wants, none can repeat.
    if (last !== undefined && key <= last) this.#isSorted = false;
    if (!this.#isSorted && this.#find(key) >= 0) return false;
    this.#indexOfKey?.set(key, this.#keys.length);
    this.#keys.push(key);
    this.#values.push(value);
    this.#bounds.push(begin, end);
    return true;
  }

  get size(): number {
    return this.#keys.length;
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  /** Parallel to `keys`. */
  get values(): readonly BencodeValue[] {
    return this.#values;
  }

  has(key: string): boolean {
    return this.#find(key) >= 0;
  }

  get(key: string): BencodeValue | undefined {
    return this.#values[this.#find(key)];
  }

  /** A safe integer; larger ones are `undefined`. */
  integer(key: string): number | undefined {
    return asInteger(this.get(key));
  }

  bytes(key: string): Uint8Array | undefined {
    return asBytes(this.get(key));
  }

  /** As `textOf`. */
  text(key: string): string | undefined {
    return asText(this.get(key));
  }

  list(key: string): readonly BencodeValue[] | undefined {
    return asList(this.get(key));
  }

  dict(key: string): BencodeDict | undefined {
    return asDict(this.get(key));
  }

  /** The value as it stands in the decoded bytes: a view. What an info hash is taken of, never a re-encoding. */
  span(key: string): Uint8Array | undefined {
    const index = this.#find(key);
    return index < 0 ? undefined : this.#source.subarray(this.#bounds[2 * index], this.#bounds[2 * index + 1]);
  }

  /** -1 if there is none. */
  #find(key: string): number {
    if (this.#keys.length <= scannedKeysMax) return this.#keys.indexOf(key);
    this.#indexOfKey ??= new Map(this.#keys.map((each, index) => [each, index]));
    return this.#indexOfKey.get(key) ?? -1;
  }
}
