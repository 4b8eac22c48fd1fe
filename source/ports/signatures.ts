/** Ed25519 (RFC 8032), for what its author can replace in the DHT (BEP 44). */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export interface Signatures {
  /** @param publicKey 32 bytes, whatever they are. @param signature 64 bytes. Never throws. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** @param seed 32 bytes: who knows them can sign. */
  keyPair(seed: Uint8Array): KeyPair;
}
