/** The package `bencode` has no types. Tests alone use it: to make input, and to compare its reading with ours. */
declare module "bencode" {
  const bencode: {
    encode(value: unknown): Uint8Array;
    /** Not for bytes from outside: it is lax, and dictionaries become plain objects. */
    decode(bytes: Uint8Array, encoding?: string): unknown;
  };
  export default bencode;
}
