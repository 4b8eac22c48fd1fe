/**
 * Who sends bad data? A piece that fails with one contributor convicts that one. With several, all become suspects:
 * each then works only on pieces of its own, until a piece of its own passes (cleared) or fails (convicted). So an
 * honest neighbour is never banned for what another sent (HOSTILE B6).
 */
export interface Suspect {
  isSuspect: boolean;
}

/** Own pieces a suspect must send right to be cleared: a poisoner of every second piece does not get away with one. */
const passesToClear = 2;

export class Suspicion<T extends Suspect> {
  readonly #passes = new Map<T, number>();

  /** @returns the neighbour that is proven to have sent bad data, if there is one. */
  pieceFailed(contributors: readonly T[], senderCount: number): T | undefined {
    if (senderCount === 1) return contributors[0];
    for (const neighbour of contributors) {
      neighbour.isSuspect = true;
      this.#passes.set(neighbour, 0);
    }
    return undefined;
  }

  /** A piece that nobody else sent any of. */
  ownPiecePassed(neighbour: T): void {
    if (!neighbour.isSuspect) return;
    const passes = (this.#passes.get(neighbour) ?? 0) + 1;
    this.#passes.set(neighbour, passes);
    if (passes < passesToClear) return;
    neighbour.isSuspect = false;
    this.#passes.delete(neighbour);
  }

  left(neighbour: T): void {
    this.#passes.delete(neighbour);
  }
}
