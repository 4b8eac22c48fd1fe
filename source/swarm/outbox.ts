/** What a neighbour is sent: messages of one turn leave together. */
import type { NeighbourLink } from "./neighbour-owner.ts";

export class Outbox {
  readonly #link: NeighbourLink;
  readonly #nowMs: () => number;
  #buffers: Uint8Array[] = [];
  #isClosed = false;
  /** When bytes left last; at first, when it was made. */
  lastSentMs: number;

  constructor(link: NeighbourLink, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
    this.lastSentMs = nowMs();
  }

  /** Sends at the end of this turn. The buffers belong to the outbox from here. */
  post(...buffers: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    if (this.#buffers.length === 0) queueMicrotask(() => this.flush());
    this.#buffers.push(...buffers);
  }

  /** Sends what is waiting now. */
  flush(): void {
    if (this.#isClosed || this.#buffers.length === 0) return;
    const buffers = this.#buffers;
    this.#buffers = [];
    this.lastSentMs = this.#nowMs();
    this.#link.send(buffers);
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#buffers = [];
  }
}
