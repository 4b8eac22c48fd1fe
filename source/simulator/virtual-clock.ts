/**
 * A clock whose time passes only when somebody says so. Timers fire in the order of their due times, those of the same
 * time in the order they were set.
 */
import type { Clock, Timer } from "../ports/clock.ts";
import { EventHeap } from "./event-heap.ts";

/** Something that happens at a time. */
export interface VirtualEvent {
  /** @returns whether code of an engine ran, so that promises may have to go on. */
  fire(): boolean;
  /** It will not happen; it stays in the heap until its time has come. */
  readonly isCancelled: boolean;
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  #startWallMs: number;
  readonly #heap = new EventHeap<VirtualEvent>();
  #pendingCount = 0;

  /** @param startWallMs what `wallMs` says at virtual time 0. Default: the first of January 2026. */
  constructor(startWallMs = 1_767_225_600_000) {
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
    const timer = new VirtualTimer(callback, this.#timerEnded);
    this.#pendingCount++;
    this.#heap.push(this.#nowMs + Math.max(0, delayMs), timer);
    return timer;
  }

  /** Of the network and the disks; not a timer of anybody. @param dueMs now or later. */
  at(dueMs: number, event: VirtualEvent): void {
    this.#heap.push(dueMs, event);
  }

  /** Something that the world itself is to do; not a timer of anybody either. */
  arrange(delayMs: number, callback: () => void): void {
    this.at(this.#nowMs + Math.max(0, delayMs), new Arrangement(callback));
  }

  /** Timers that are set and have not fired: 0 when everything was closed. */
  get pendingTimers(): number {
    return this.#pendingCount;
  }

  /** When the next thing happens, `undefined` if nothing will. */
  get nextDueMs(): number | undefined {
    return this.#hasNext(Number.POSITIVE_INFINITY) ? this.#heap.nextMs : undefined;
  }

  /**
   * Lets the next thing happen, unless that is later than `endMs`.
   * @returns whether code of an engine ran; `undefined` where nothing happened.
   */
  step(endMs: number): boolean | undefined {
    if (!this.#hasNext(endMs)) return undefined;
    this.#nowMs = Math.max(this.#nowMs, this.#heap.nextMs);
    return this.#heap.pop()?.fire();
  }

  /** It is as late as this, where it was not later yet. */
  reach(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  /** Lets `ms` pass in one synchronous go: timers fire, promises do not go on in between. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.step(endMs) !== undefined);
    this.reach(endMs);
  }

  #hasNext(endMs: number): boolean {
    while (this.#heap.next?.isCancelled === true) this.#heap.pop();
    return this.#heap.nextMs <= endMs && this.#heap.size > 0;
  }

  readonly #timerEnded = (): void => {
    this.#pendingCount--;
  };
}

class Arrangement implements VirtualEvent {
  readonly isCancelled = false;
  readonly #callback: () => void;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  fire(): boolean {
    this.#callback();
    return true;
  }
}

class VirtualTimer implements Timer, VirtualEvent {
  #callback: (() => void) | undefined;
  readonly #onEnd: () => void;

  constructor(callback: () => void, onEnd: () => void) {
    this.#callback = callback;
    this.#onEnd = onEnd;
  }

  get isCancelled(): boolean {
    return this.#callback === undefined;
  }

  cancel(): void {
    if (this.#callback !== undefined) this.#onEnd();
    this.#callback = undefined;
  }

  fire(): boolean {
    const callback = this.#callback;
    this.cancel();
    callback?.();
    return true;
  }
}
