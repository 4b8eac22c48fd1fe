/** The system's cryptographic randomness, drawn 4 KiB at a time: a draw of 4 bytes costs a system call otherwise. */
import { randomFillSync } from "node:crypto";
import type { Random } from "../base/random.ts";

const poolLength = 1024;

export class NodeRandom implements Random {
  readonly #pool = new Uint32Array(poolLength);
  #next = poolLength;

  uint32(): number {
    if (this.#next === poolLength) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    const value = this.#pool[this.#next] ?? 0;
    this.#pool[this.#next] = 0;
    this.#next++;
    return value;
  }
}
