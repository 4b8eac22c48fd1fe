/** What a neighbour is sent: messages of one turn leave together. It also knows whether the neighbour takes it. */
import type { NeighbourLink } from "./neighbour-owner.ts";

/** Messages below this are copied together: thousands of a few bytes each would cost many times their length to keep. */
const smallLength = 1024;
/** Of all that waits nothing was taken for so long: a line of 500 bytes a second may need that for one write. */
const stuckMs = 600_000;

export class Outbox {
  readonly #link: NeighbourLink;
  readonly #nowMs: () => number;
  #buffers: Uint8Array[] = [];
  #isClosed = false;
  #sentBytes = 0;
  #takenBytes = 0;
  #takenMs: number;
  /** When bytes left last; at first, when it was made. */
  lastSentMs: number;

  constructor(link: NeighbourLink, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
    this.lastSentMs = nowMs();
    this.#takenMs = this.lastSentMs;
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
    const buffers = joined(this.#buffers);
    this.#buffers = [];
    this.lastSentMs = this.#nowMs();
    for (const buffer of buffers) this.#sentBytes += buffer.length;
    this.#link.send(buffers);
  }

  /** To be asked about once a second: whether it does not read. */
  isStuck(nowMs: number): boolean {
    const waiting = this.#link.queuedBytes;
    const taken = this.#sentBytes - waiting;
    if (waiting === 0 || taken !== this.#takenBytes) {
      this.#takenBytes = taken;
      this.#takenMs = nowMs;
    }
    return nowMs - this.#takenMs > stuckMs;
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#buffers = [];
  }
}

/** Neighbouring small buffers as one. */
function joined(buffers: readonly Uint8Array[]): readonly Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let first = 0; first < buffers.length; ) {
    let length = 0;
    let end = first;
    for (; end < buffers.length; end++) {
      const next = buffers[end]?.length ?? 0;
      if (next >= smallLength) break;
      length += next;
    }
    // One small buffer, such as a block's header, or a large one: as it is.
    if (end - first < 2) all.push(...buffers.slice(first, first + 1));
    else all.push(joinedBytes(buffers, first, end, length));
    first = Math.max(end, first + 1);
  }
  return all;
}

function joinedBytes(buffers: readonly Uint8Array[], first: number, end: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = first; i < end; i++) {
    const buffer = buffers[i] ?? bytes.subarray(0, 0);
    bytes.set(buffer, at);
    at += buffer.length;
  }
  return bytes;
}
