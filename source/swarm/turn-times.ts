/**
 * How long each neighbour of a seed was served, so that all who want something get the same time. Who comes, or begins to
 * want something, begins where those are who got least of it: he neither waits for long nor keeps others waiting.
 */
export interface TurnTaker {
  readonly id: number;
  readonly peerInterested: boolean;
  readonly amChoking: boolean;
}

export class TurnTimes {
  #servedMs = new Map<number, number>();
  #seenMs = 0;

  /** To be told of all, as they were since it was told last. */
  see(takers: readonly TurnTaker[], nowMs: number): void {
    const sinceMs = Math.max(0, nowMs - this.#seenMs);
    this.#seenMs = nowMs;
    const served = new Map<number, number>();
    let leastMs = Number.POSITIVE_INFINITY;
    for (const { id, peerInterested, amChoking } of takers) {
      const before = this.#servedMs.get(id);
      if (!peerInterested || before === undefined) continue;
      const ms = before + (amChoking ? 0 : sinceMs);
      served.set(id, ms);
      leastMs = Math.min(leastMs, ms);
    }
    if (leastMs === Number.POSITIVE_INFINITY) leastMs = 0;
    for (const { id, peerInterested } of takers) if (peerInterested && !served.has(id)) served.set(id, leastMs);
    this.#servedMs = served;
  }

  /** Milliseconds, comparable among those that want something. */
  of(id: number): number {
    return this.#servedMs.get(id) ?? 0;
  }
}
