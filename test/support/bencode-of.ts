/** Bencode written in the plainest way, integers of any size included: to make input that no encoder of ours writes. */
import { BencodeDict, type BencodeValue, keyBytes } from "../../source/bencode/value.ts";

export type Bencodable =
  | BencodeValue
  | string
  | readonly Bencodable[]
  | ReadonlyMap<string | Uint8Array, Bencodable>
  | { readonly [key: string]: Bencodable | undefined };

export function bencodeOf(value: Bencodable): Uint8Array {
  return new Uint8Array(Buffer.concat(partsOf(value)));
}

function partsOf(value: Bencodable): Buffer[] {
  if (typeof value === "number" || typeof value === "bigint") return [Buffer.from(`i${value}e`)];
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    return [Buffer.from(`${bytes.length}:`), bytes];
  }
  if (Array.isArray(value)) {
    return [Buffer.from("l"), ...(value as readonly Bencodable[]).flatMap(partsOf), Buffer.from("e")];
  }
  const entries = pairsOf(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => [Buffer.from(key), item] as const);
  entries.sort(([a], [b]) => Buffer.compare(a, b));
  return [Buffer.from("d"), ...entries.flatMap(([key, item]) => [...partsOf(key), ...partsOf(item)]), Buffer.from("e")];
}

function pairsOf(value: object): [string | Uint8Array, Bencodable][] {
  if (value instanceof BencodeDict) return value.keys.map((key, i) => [keyBytes(key), value.values[i] ?? 0]);
  return value instanceof Map ? [...value] : Object.entries(value);
}
