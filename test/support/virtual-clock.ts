/**
 * A clock whose time passes only when a test says so. Timers fire in the order of their due times, those of the same
 * time in the order they were set. A heap: networks of ten thousand nodes live by it.
 */
import type { Clock, Timer } from "../../source/ports/clock.ts";

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  /** `undefined` when it has fired or was cancelled. */
  callback: (() => void) | undefined;
}

/** Lets every promise that is ready to go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #startWallMs: number;
  /** A binary heap by due time and order; cancelled ones stay until they come up. */
  readonly #heap: Pending[] = [];
  #pendingCount = 0;

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
    const pending: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(pending);
    this.#pendingCount++;
    return {
      cancel: () => {
        if (pending.callback !== undefined) this.#pendingCount--;
        pending.callback = undefined;
      },
    };
  }

  /** Timers that are set and have not fired: 0 when everything was closed. */
  get pendingTimers(): number {
    return this.#pendingCount;
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
    this.#pop();
    this.#nowMs = Math.max(this.#nowMs, pending.dueMs);
    const { callback } = pending;
    pending.callback = undefined;
    this.#pendingCount--;
    callback?.();
  }

  #next(endMs: number): Pending | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].callback === undefined) this.#pop();
    const next = this.#heap[0];
    return next === undefined || next.dueMs > endMs ? undefined : next;
  }

  #push(pending: Pending): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(pending);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Pending;
      if (!isBefore(pending, other)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = pending;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Pending, heap[below] as Pending)) below++;
      const other = heap[below] as Pending;
      if (!isBefore(other, last)) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}
