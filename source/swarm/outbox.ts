/** What a neighbour is sent: messages of one turn leave together. It also knows whether the neighbour takes it. */
import { requestMessageLength, writeRequest } from "../wire/messages.ts";
import type { NeighbourLink } from "./neighbour-owner.ts";
import type { Turn, TurnTaker } from "./turn.ts";

/**
 * Requests, cancels and rejects are written together: thousands of little buffers cost many times their length. One alone
 * has a buffer of just its length, which V8 keeps in its heap: one of 65 bytes and more costs several times that.
 */
const togetherMin = 16 * requestMessageLength;
const togetherMax = 256 * requestMessageLength;
/** Buffers that wait for something else to leave. */
const laterMax = 64;
/** Of all that waits nothing was taken for so long: a line of 500 bytes a second may need that for one write. */
const stuckMs = 600_000;

export interface OutboxOwner {
  readonly turn: Turn;
  nowMs(): number;
}

export class Outbox implements TurnTaker {
  readonly #link: NeighbourLink;
  readonly #owner: OutboxOwner;
  readonly #onQueued: () => void;
  #buffers: Uint8Array[] = [];
  /** Goes after what is sent next. */
  #later: Uint8Array[] = [];
  /** The last of what waits, where that is written together. */
  #together: Uint8Array | undefined;
  #togetherLength = 0;
  #isFlushDue = false;
  #isClosed = false;
  #sentBytes = 0;
  #takenBytes = 0;
  #takenMs: number;
  /** When bytes left last; at first, when it was made. */
  lastSentMs: number;

  /** @param onQueued is told when the link does not take at once what is sent. */
  constructor(link: NeighbourLink, owner: OutboxOwner, onQueued: () => void = () => {}) {
    this.#link = link;
    this.#owner = owner;
    this.#onQueued = onQueued;
    this.lastSentMs = owner.nowMs();
    this.#takenMs = this.lastSentMs;
  }

  /** Sends at the end of this turn. The buffers are not written to any more. */
  post(...buffers: Uint8Array[]): void {
    if (this.#isClosed) return;
    this.#endTogether();
    if (this.#buffers.length === 0) this.#buffers = buffers;
    else this.#buffers.push(...buffers);
    this.#flushSoon();
  }

  /** A request, cancel or reject, at the end of this turn. */
  postRequest(id: number, index: number, begin: number, length: number): void {
    if (this.#isClosed) return;
    writeRequest(this.#roomTogether(), this.#togetherLength, id, index, begin, length);
    this.#togetherLength += requestMessageLength;
    this.#flushSoon();
  }

  /** Sends with what is sent next, or once there is much of it. */
  postLater(buffer: Uint8Array): void {
    if (this.#isClosed) return;
    this.#later.push(buffer);
    if (this.#later.length >= laterMax) this.sendLater();
  }

  /** Sends what was posted for later at the end of this turn. */
  sendLater(): void {
    if (this.#later.length > 0 && !this.#isClosed) this.#flushSoon();
  }

  turnEnds(): void {
    this.#isFlushDue = false;
    this.#addLater();
    this.flush();
  }

  /** Sends what is waiting now. */
  flush(): void {
    this.#endTogether();
    if (this.#isClosed || this.#buffers.length === 0) return;
    this.#addLater();
    const buffers = this.#buffers;
    this.#buffers = [];
    this.lastSentMs = this.#owner.nowMs();
    for (const buffer of buffers) this.#sentBytes += buffer.length;
    this.#link.send(buffers);
    if (this.#link.queuedBytes > 0) this.#onQueued();
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
    this.#later = [];
    this.#together = undefined;
  }

  #addLater(): void {
    if (this.#later.length === 0) return;
    this.#endTogether();
    this.#buffers.push(...this.#later);
    this.#later = [];
  }

  /** With room for one more: it grows with what is written in one turn. */
  #roomTogether(): Uint8Array {
    if (this.#togetherLength === togetherMax) this.#endTogether();
    const before = this.#together;
    if (before !== undefined && this.#togetherLength < before.length) return before;
    const length = before === undefined ? requestMessageLength : Math.max(togetherMin, 4 * before.length);
    const together = new Uint8Array(length);
    if (before !== undefined) together.set(before);
    this.#together = together;
    return together;
  }

  #endTogether(): void {
    const together = this.#together;
    if (together === undefined) return;
    const isFull = this.#togetherLength === together.length;
    this.#add(isFull ? together : together.subarray(0, this.#togetherLength));
    this.#together = undefined;
    this.#togetherLength = 0;
  }

  /** Most often one buffer leaves alone: an array that grows has room for many. */
  #add(buffer: Uint8Array): void {
    if (this.#buffers.length === 0) this.#buffers = [buffer];
    else this.#buffers.push(buffer);
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#owner.turn.await(this);
  }
}
