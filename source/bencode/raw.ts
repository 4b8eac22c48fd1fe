/**
 * Bencode that is written value by value, for messages that carry parts of others as they came (BEP 44 signs bytes, not
 * what they mean). Each function gives one encoded value; lists and dictionaries take such values.
 */
const utf8 = new TextEncoder();

export function rawString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? utf8.encode(value) : value;
  return joined([utf8.encode(`${bytes.length}:`), bytes]);
}

/** @param value an integer. */
export function rawInteger(value: number | bigint): Uint8Array {
  return utf8.encode(`i${value}e`);
}

export function rawList(items: readonly Uint8Array[]): Uint8Array {
  return joined([utf8.encode("l"), ...items, utf8.encode("e")]);
}

/** @param entries under ASCII keys, which are sorted here; what is undefined is left out. */
export function rawDict(entries: Readonly<Record<string, Uint8Array | undefined>>): Uint8Array {
  const parts: Uint8Array[] = [utf8.encode("d")];
  for (const key of Object.keys(entries).sort()) {
    const value = entries[key];
    if (value !== undefined) parts.push(utf8.encode(`${key.length}:${key}`), value);
  }
  parts.push(utf8.encode("e"));
  return joined(parts);
}

/** One after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
