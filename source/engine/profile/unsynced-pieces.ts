import { codeOf } from "../../base/errors.ts";

/** Of failures that say nothing of what was written: a file that is gone is seen to be, one that was closed was synced before. */
const seenLater = ["missing", "closed"];

/** The pieces that a run has verified and that may be with the system only: a loss of power would take them. */
export class UnsyncedPieces {
  #count = 0;
  #isLost = false;

  get isEmpty(): boolean {
    return this.#count === 0 && !this.#isLost;
  }

  /**
   * They could not be put there. The system says so once, has let go of them, and knows nothing of it the next time: only who
   * reads them sees which are there.
   */
  get isLost(): boolean {
    return this.#isLost;
  }

  verified(): void {
    this.#count++;
  }

  /** @param sync puts on the disk all that was verified before it began. Where it throws, nothing is taken to be there. */
  async settle(sync: () => Promise<void> | undefined): Promise<void> {
    const count = this.#count;
    try {
      await sync();
    } catch (error) {
      if (!seenLater.includes(codeOf(error))) this.#isLost = true;
      throw error;
    }
    this.#count -= count;
  }
}
