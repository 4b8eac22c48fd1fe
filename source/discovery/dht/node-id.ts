/**
 * Places in the DHT's space of 160 bits, where nodes, info hashes and items all lie (BEP 5 "overview"). Two are as far apart
 * as their XOR is large.
 */
import type { Brand } from "../../base/ids.ts";
import { type Random, randomBytes } from "../../base/random.ts";

/** 20 bytes, which nobody writes to. */
export type NodeId = Brand<Uint8Array, "NodeId">;

export const idLength = 20;
export const idBits = 8 * idLength;

/** A copy. @returns `undefined` where these are not 20 bytes. */
export function nodeIdFrom(bytes: Uint8Array | undefined): NodeId | undefined {
  return bytes?.length === idLength ? (bytes.slice() as NodeId) : undefined;
}

export function randomId(random: Random): NodeId {
  return randomBytes(random, idLength) as NodeId;
}

/** How many leading bits two have in common, 0 … 160. */
export function sharedBits(a: NodeId, b: NodeId): number {
  for (let i = 0; i < idLength; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return idBits;
}

/** How far apart two are, roughly: the first 48 bits of it. */
export function roughDistance(a: NodeId, b: NodeId): number {
  let distance = 0;
  for (let i = 0; i < 6; i++) distance = distance * 256 + ((a[i] ?? 0) ^ (b[i] ?? 0));
  return distance;
}

/** Below 0 where `a` is closer to the target than `b`, 0 where they are the same. */
export function compareDistance(target: NodeId, a: NodeId, b: NodeId): number {
  for (let i = 0; i < idLength; i++) {
    const at = target[i] ?? 0;
    const difference = ((a[i] ?? 0) ^ at) - ((b[i] ?? 0) ^ at);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** One drawn from those that have exactly so many leading bits in common with `id`. @param bits 0 … 159. */
export function randomIdSharing(random: Random, id: NodeId, bits: number): NodeId {
  const drawn = randomBytes(random, idLength);
  const whole = bits >> 3;
  drawn.set(id.subarray(0, whole));
  const own = id[whole] ?? 0;
  const keptMask = (0xff00 >> (bits & 7)) & 0xff;
  const flipped = 0x80 >> (bits & 7);
  drawn[whole] = (own & keptMask) | ((own ^ flipped) & flipped) | ((drawn[whole] ?? 0) & (flipped - 1));
  return drawn as NodeId;
}
