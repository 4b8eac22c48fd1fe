/** The newest things that happened to a torrent, in words. Bounded: it is for looking at, not for the record. */
import type { Clock } from "../../ports/clock.ts";

const linesMax = 500;

export interface EventLine {
  /** Counts up by one. */
  readonly number: number;
  readonly wallMs: number;
  readonly text: string;
}

export class EventLog {
  readonly #clock: Clock;
  readonly #lines: EventLine[] = [];
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(text: string): void {
    this.#lines.push({ number: this.#count++, wallMs: this.#clock.wallMs(), text });
    // In bulk, so that a line costs no shift of all others.
    if (this.#lines.length >= 2 * linesMax) this.#lines.splice(0, linesMax);
  }

  /** The newest lines, oldest first. */
  last(count: number): readonly EventLine[] {
    return this.#lines.slice(-Math.max(0, Math.min(count, linesMax)) || this.#lines.length);
  }
}
