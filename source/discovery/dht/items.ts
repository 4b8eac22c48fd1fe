/** Values in the DHT (BEP 44): their places, what their authors sign, and whether what somebody sends is what was asked for. */
import { bytesEqual } from "../../base/hex.ts";
import { joined, rawInteger, rawString } from "../../bencode/raw.ts";
import type { Hasher } from "../../ports/hasher.ts";
import type { KeyPair, Signatures } from "../../ports/signatures.ts";
import type { Answer, Signature } from "./krpc.ts";
import type { NodeId } from "./node-id.ts";

/** A value, encoded, and its author's signature where it has one. */
export interface Item {
  readonly value: Uint8Array;
  readonly signed: Signature | undefined;
}

/** @param value encoded. */
export function immutableTarget(hasher: Hasher, value: Uint8Array): NodeId {
  return hasher.sha1(value) as NodeId;
}

/** @param salt may be empty. */
export function mutableTarget(hasher: Hasher, publicKey: Uint8Array, salt: Uint8Array): NodeId {
  const hash = hasher.begin();
  hash.update(publicKey);
  hash.update(salt);
  return hash.digest() as NodeId;
}

/** The bytes that are signed (BEP 44 "signature verification"). @param value encoded. */
export function signedBytes(salt: Uint8Array, sequence: bigint, value: Uint8Array): Uint8Array {
  const ascii = (text: string) => new TextEncoder().encode(text);
  const salted = salt.length === 0 ? [] : [ascii("4:salt"), rawString(salt)];
  return joined([...salted, ascii("3:seq"), rawInteger(sequence), ascii("1:v"), value]);
}

export function signItem(keys: KeyPair, salt: Uint8Array, sequence: bigint, value: Uint8Array): Item {
  const { publicKey } = keys;
  return { value, signed: { publicKey, sequence, signature: keys.sign(signedBytes(salt, sequence, value)) } };
}

export function isSignedRight(
  signatures: Signatures,
  { publicKey, sequence, signature }: Signature,
  salt: Uint8Array,
  value: Uint8Array,
): boolean {
  return signatures.verify(publicKey, signedBytes(salt, sequence, value), signature);
}

/**
 * The value that an answer to `get` brings, if it is one that may lie at that target.
 * @param salt of the target, empty for none.
 */
export function itemIn(
  ports: { readonly hasher: Hasher; readonly signatures: Signatures },
  target: NodeId,
  salt: Uint8Array,
  answer: Answer,
): Item | undefined {
  const { value, publicKey, sequence, signature } = answer;
  if (value === undefined) return undefined;
  if (publicKey === undefined || sequence === undefined || signature === undefined) {
    return bytesEqual(immutableTarget(ports.hasher, value), target) ? { value, signed: undefined } : undefined;
  }
  const signed = { publicKey, sequence, signature };
  if (!bytesEqual(mutableTarget(ports.hasher, publicKey, salt), target)) return undefined;
  return isSignedRight(ports.signatures, signed, salt, value) ? { value, signed } : undefined;
}
