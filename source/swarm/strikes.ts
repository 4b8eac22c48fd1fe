import { ProtocolError } from "../base/errors.ts";

/** Unasked blocks, and rejects without a choke, less asked blocks: above what races of choke and cancel explain. */
const strikesMax = 256;

/** What speaks against a neighbour, each made good by a block that was asked for. */
export class Strikes {
  #count = 0;

  /** @throws ProtocolError where it was once too often. */
  add(reason: string): void {
    if (++this.#count > strikesMax) throw new ProtocolError("strikes", reason);
  }

  madeGood(): void {
    if (this.#count > 0) this.#count--;
  }
}
