/** The package `bencode` has no types. */
declare module "bencode" {
  const bencode: {
    encode(value: unknown): Uint8Array;
    /** Not for bytes from outside: it is lax, and dictionaries become plain objects. For tests. */
    decode(bytes: Uint8Array, encoding?: string): unknown;
  };
  export default bencode;
}
