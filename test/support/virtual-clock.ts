/**
 * A clock whose time passes only when a test says so. Timers fire in the order of their due times, those of the same
 * time in the order they were set.
 */
import type { Clock, Timer } from "../../source/ports/clock.ts";

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets every promise that is ready to go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #startWallMs: number;
  readonly #pending = new Set<Pending>();

  /** @param startWallMs what `wallMs` says at virtual time 0. */
  constructor(startWallMs = Date.UTC(2026, 0, 1)) {
    this.#startWallMs = startWallMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#nowMs;
  }

  /** The wall clock alone jumps: it was set, or the machine slept, in which this clock stands still. */
  jumpWall(ms: number): void {
    this.#startWallMs += ms;
  }

  /** People live by UTC. */
  localMinutes(wallMs: number): number {
    // 1970 began on a Thursday.
    return (Math.floor(wallMs / 60_000) + 3 * 1440) % (7 * 1440);
  }

  after(delayMs: number, callback: () => void): Timer {
    const pending = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Timers that are set and have not fired: 0 when everything was closed. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Due time of the next timer, `undefined` if there is none. */
  get nextDueMs(): number | undefined {
    return this.#next(Number.POSITIVE_INFINITY)?.dueMs;
  }

  /** Lets `ms` pass in one synchronous go: timers fire, promises do not go on in between. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) this.#fire(next);
    this.#nowMs = endMs;
  }

  /** Lets `ms` pass; after each timer (and before the first) all ready promises go on. */
  async run(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#fire(next);
      await settle();
    }
    this.#nowMs = endMs;
  }

  #fire(pending: Pending): void {
    this.#pending.delete(pending);
    this.#nowMs = Math.max(this.#nowMs, pending.dueMs);
    pending.callback();
  }

  #next(endMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue;
      if (
        best === undefined ||
        pending.dueMs < best.dueMs ||
        (pending.dueMs === best.dueMs && pending.order < best.order)
      )
        best = pending;
    }
    return best;
  }
}
