/** SHA-1, as the protocol demands it (BEP 3). */
export interface RunningHash {
  /** Uses the bytes before it returns. */
  update(bytes: Uint8Array): void;
  /** The 20-byte digest; the hash cannot be used afterwards. */
  digest(): Uint8Array;
}

export interface Hasher {
  /** A hash that is fed piecewise, while the bytes are hot in cache. */
  begin(): RunningHash;
  /** The digest of all of `bytes` at once. */
  sha1(bytes: Uint8Array): Uint8Array;
}
