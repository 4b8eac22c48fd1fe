/**
 * What a node shows when it stores something with us: that it asked before, and got the answer, so its address is its own
 * (BEP 5 "get_peers"). A token is good for one address and one target, for five to ten minutes, and costs us no memory.
 */
import { bytesEqual } from "../../base/hex.ts";
import { type Random, randomBytes } from "../../base/random.ts";
import type { Hasher } from "../../ports/hasher.ts";
import type { NodeId } from "./node-id.ts";

const rotateMs = 5 * 60_000;
export const tokenLength = 8;
const secretLength = 20;
const ascii = new TextEncoder();

export class Tokens {
  readonly #hasher: Hasher;
  readonly #random: Random;
  #secret: Uint8Array;
  #previous: Uint8Array;
  #rotatedMs: number;

  constructor(hasher: Hasher, random: Random, nowMs: number) {
    this.#hasher = hasher;
    this.#random = random;
    this.#secret = randomBytes(random, secretLength);
    this.#previous = randomBytes(random, secretLength);
    this.#rotatedMs = nowMs;
  }

  /** @param address canonical. */
  give(address: string, target: NodeId, nowMs: number): Uint8Array {
    this.#rotate(nowMs);
    return this.#token(this.#secret, address, target);
  }

  isGood(token: Uint8Array, address: string, target: NodeId, nowMs: number): boolean {
    this.#rotate(nowMs);
    return [this.#secret, this.#previous].some((secret) => bytesEqual(token, this.#token(secret, address, target)));
  }

  #token(secret: Uint8Array, address: string, target: NodeId): Uint8Array {
    const hash = this.#hasher.begin();
    hash.update(secret);
    hash.update(target);
    hash.update(ascii.encode(address));
    return hash.digest().subarray(0, tokenLength);
  }

  #rotate(nowMs: number): void {
    const passed = Math.floor((nowMs - this.#rotatedMs) / rotateMs);
    if (passed < 1) return;
    this.#previous = passed === 1 ? this.#secret : randomBytes(this.#random, secretLength);
    this.#secret = randomBytes(this.#random, secretLength);
    this.#rotatedMs += passed * rotateMs;
  }
}
