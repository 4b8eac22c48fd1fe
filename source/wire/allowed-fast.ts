/** The canonical "allowed fast" set (BEP 6): pieces a newcomer may ask for while choked, the same for a whole /24. */
import { parseIpv4 } from "../base/ip-address.ts";
import { readUint32 } from "./messages.ts";

export const allowedFastCount = 10;

/** @param address of the neighbour; only IPv4 has a set. @returns at most `count` different indices. */
export function allowedFastSet(
  sha1: (bytes: Uint8Array) => Uint8Array,
  infoHash: Uint8Array,
  address: string,
  pieceCount: number,
  count: number = allowedFastCount,
): number[] {
  const ip = parseIpv4(address);
  if (ip === undefined || pieceCount === 0) return [];
  let seed = new Uint8Array(24);
  seed.set(ip.subarray(0, 3));
  seed.set(infoHash, 4);
  const wanted = Math.min(count, pieceCount);
  const set = new Set<number>();
  while (set.size < wanted) {
    seed = new Uint8Array(sha1(seed));
    for (let i = 0; i < 5 && set.size < wanted; i++) set.add(readUint32(seed, i * 4) % pieceCount);
  }
  return [...set];
}
