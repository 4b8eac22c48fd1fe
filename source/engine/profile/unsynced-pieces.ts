import { codeOf } from "../../base/errors.ts";

/** Of failures that say nothing of what was written: a file that is gone is seen to be, one that was closed was synced before. */
const seenLater = ["missing", "closed"];

/** The pieces that a run has verified and that may be with the system only: a loss of power would take them. */
export class UnsyncedPieces {
  #verified = 0;
  /** Of those, the first that are on the disk. */
  #synced = 0;
  #isLost = false;

  get isEmpty(): boolean {
    return this.#verified === this.#synced && !this.#isLost;
  }

  /**
   * They could not be put there. The system says so once, has let go of them, and knows nothing of it the next time: only who
   * reads them sees which are there.
   */
  get isLost(): boolean {
    return this.#isLost;
  }

  verified(): void {
    this.#verified++;
  }

  /** @param sync puts on the disk all that was verified before it began. Where it throws, nothing is taken to be there. */
  async settle(sync: () => Promise<void> | undefined): Promise<void> {
    const verified = this.#verified;
    try {
      await sync();
    } catch (error) {
      if (!seenLater.includes(codeOf(error))) this.#isLost = true;
      throw error;
    }
    // Another sync, begun later, may have ended before.
    this.#synced = Math.max(this.#synced, verified);
  }
}
