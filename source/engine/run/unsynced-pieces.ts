/** The pieces that a run has verified and that may be with the system only: a loss of power would take them. */
export class UnsyncedPieces {
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  verified(): void {
    this.#count++;
  }

  /** @param sync puts on the disk all that was verified before it began. Where it throws, nothing is taken to be there. */
  async settle(sync: () => Promise<void> | undefined): Promise<void> {
    const count = this.#count;
    await sync();
    this.#count -= count;
  }
}
