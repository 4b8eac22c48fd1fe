/**
 * Looks at the files of seeds before they are served: a few at a time and at a bounded pace, so that a start with
 * thousands of torrents leaves processor and disk to those that work. Who is asked for by a peer comes first.
 */
import type { Clock } from "../../ports/clock.ts";

/** Hides the latency of a disk, and leaves most of the thread pool's queue to others. */
const lookingMax = 8;
/** At most 250 a second begin: a look costs about a millisecond of the processor. */
const paceMs = 4;

export class LookLane {
  readonly #clock: Clock;
  /** Those in line, each with how it goes on: `false` when it left the line. */
  readonly #waiting = new Map<object, (isItsTurn: boolean) => void>();
  readonly #hurried = new Set<object>();
  #looking = 0;
  #nextMs = 0;
  #isPaced = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param who in line at most once. @returns what `look` finds, `undefined` where `who` left the line before its turn. */
  async run<T>(who: object, look: () => Promise<T>): Promise<T | undefined> {
    const turn = new Promise<boolean>((resolve) => this.#waiting.set(who, resolve));
    this.#serve();
    if (!(await turn)) return undefined;
    try {
      return await look();
    } finally {
      this.#looking--;
      this.#serve();
    }
  }

  /** Lets nobody begin for so long but those that somebody waits for. */
  holdOff(ms: number): void {
    this.#nextMs = Math.max(this.#nextMs, this.#clock.nowMs() + ms);
  }

  /** Somebody waits for it: it is the next, and at once if it may be. */
  hurry(who: object): void {
    if (!this.#waiting.has(who)) return;
    this.#hurried.add(who);
    this.#serve();
  }

  leave(who: object): void {
    this.#waiting.get(who)?.(false);
    this.#waiting.delete(who);
    this.#hurried.delete(who);
  }

  #serve(): void {
    while (this.#looking < lookingMax) {
      const [hurried] = this.#hurried;
      const [who] = hurried === undefined ? this.#waiting.keys() : [hurried];
      if (who === undefined) return;
      const now = this.#clock.nowMs();
      if (hurried === undefined && now < this.#nextMs) {
        this.#wait(this.#nextMs - now);
        return;
      }
      this.#nextMs = now + paceMs;
      const go = this.#waiting.get(who);
      this.#waiting.delete(who);
      this.#hurried.delete(who);
      this.#looking++;
      go?.(true);
    }
  }

  #wait(ms: number): void {
    if (this.#isPaced) return;
    this.#isPaced = true;
    this.#clock.after(ms, () => {
      this.#isPaced = false;
      this.#serve();
    });
  }
}
