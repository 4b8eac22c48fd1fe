/** Whether a neighbour's line lives: it is heard, it takes what we send, and hears of us when we have nothing to say. */
import type { NeighbourLink } from "./neighbour-owner.ts";
import type { Outbox } from "./outbox.ts";

/** Silence after which we send a keep-alive (BEP 3: connections are closed after two minutes without one). */
const keepAliveMs = 100_000;
const silenceMaxMs = 180_000;
/** Silence after which it may be that it is gone. */
const quietMs = 30_000;

export class LineWatch {
  readonly #link: NeighbourLink;
  readonly #outbox: Outbox;
  #lastHeardMs: number;

  constructor(link: NeighbourLink, outbox: Outbox, nowMs: number) {
    this.#link = link;
    this.#outbox = outbox;
    this.#lastHeardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#lastHeardMs = nowMs;
  }

  /** Whether it has said nothing for a while. */
  isQuiet(nowMs: number): boolean {
    return nowMs - this.#lastHeardMs > quietMs;
  }

  /** When silence alone makes something to be done, if nothing is heard or said until then. */
  get dueMs(): number {
    return Math.min(this.#lastHeardMs + silenceMaxMs, this.#outbox.lastSentMs + keepAliveMs);
  }

  /** To be asked about once a second. @returns what is to be done, `undefined` for nothing. */
  verdict(nowMs: number): "silent" | "stuck" | "keep-alive" | undefined {
    // Its silence is our doing.
    if (this.#link.isReadingPaused) this.#lastHeardMs = nowMs;
    if (nowMs - this.#lastHeardMs > silenceMaxMs) return "silent";
    if (this.#outbox.isStuck(nowMs)) return "stuck";
    return nowMs - this.#outbox.lastSentMs > keepAliveMs ? "keep-alive" : undefined;
  }
}
