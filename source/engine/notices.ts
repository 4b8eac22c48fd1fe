/** Tells whoever listens what happens in a session. It sums up: what happens to thousands of torrents at once is told of a few singly, and of the rest in one sentence. */
import type { Clock, Timer } from "../ports/clock.ts";
import type { SessionEvent } from "./session-events.ts";

/** Told singly of one kind in this time. */
const singleMax = 10;
const windowMs = 5_000;

interface Kind {
  count: number;
  last: string;
}

export class Notices {
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  /** Failures by their code, and warnings. */
  readonly #kinds = new Map<string, Kind>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns how to stop listening. */
  onEvent(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: SessionEvent): void {
    if (event.kind !== "failed" && event.kind !== "warning") {
      this.#hand(event);
      return;
    }
    const key = event.kind === "failed" ? event.code : "";
    const kind = this.#kinds.get(key) ?? { count: 0, last: "" };
    this.#kinds.set(key, kind);
    kind.count++;
    kind.last = event.message;
    if (kind.count <= singleMax) this.#hand(event);
    if (this.#isClosed) return;
    this.#timer ??= this.#clock.after(windowMs, () => this.#sumUp());
  }

  /** Sums up what is left. What comes later is told singly, and no more than a few of a kind. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#sumUp();
  }

  #sumUp(): void {
    this.#timer = undefined;
    const kinds = [...this.#kinds];
    this.#kinds.clear();
    for (const [code, { count, last }] of kinds) {
      if (count <= singleMax) continue;
      const what = code === "" ? "warnings" : "torrents failed";
      this.#hand({ kind: "warning", message: `${count - singleMax} more ${what}, the last one: ${last}` });
    }
  }

  #hand(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
