/**
 * Sets of addresses that can be united and counted, roughly, without being told (BEP 33): 2,048 bits, two for each address.
 * Good for up to some 6,000 addresses.
 */
import { type Endpoint, parseAddress } from "../../base/ip-address.ts";
import type { Hasher } from "../../ports/hasher.ts";

/** Bytes. */
export const filterLength = 256;
const bits = 8 * filterLength;

export class BloomFilter {
  readonly bytes: Uint8Array;

  /** @param bytes 256 of them, which become its own. Default: empty. */
  constructor(bytes: Uint8Array = new Uint8Array(filterLength)) {
    this.bytes = bytes;
  }

  add(hasher: Hasher, address: Endpoint["address"]): void {
    const hash = hasher.sha1(parseAddress(address) ?? new Uint8Array(4));
    this.#set((hash[0] ?? 0) | ((hash[1] ?? 0) << 8));
    this.#set((hash[2] ?? 0) | ((hash[3] ?? 0) << 8));
  }

  /** What others have counted, too. @param filter 256 bytes. */
  unite(filter: Uint8Array): void {
    for (let i = 0; i < filterLength; i++) this.bytes[i] = (this.bytes[i] ?? 0) | (filter[i] ?? 0);
  }

  /** Whether all that `other` has is in it, or seems to be. */
  holds(other: BloomFilter): boolean {
    return this.bytes.every((byte, i) => ((other.bytes[i] ?? 0) & ~byte) === 0);
  }

  /** How many addresses are in it, estimated by BEP 33's formula, but for the half address that has of none. */
  get count(): number {
    let zeros = 0;
    for (const byte of this.bytes) for (let bit = 0; bit < 8; bit++) zeros += ((byte >> bit) & 1) ^ 1;
    return zeros === bits ? 0 : Math.log(Math.max(1, zeros) / bits) / (2 * Math.log(1 - 1 / bits));
  }

  #set(index: number): void {
    const at = index % bits;
    this.bytes[at >> 3] = (this.bytes[at >> 3] ?? 0) | (1 << (at & 7));
  }
}
