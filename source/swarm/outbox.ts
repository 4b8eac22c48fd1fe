/** What a neighbour is sent: messages of one turn leave together. It also knows whether the neighbour takes it. */
import { requestMessageLength, writeRequest } from "../wire/messages.ts";
import type { NeighbourLink } from "./neighbour-owner.ts";
import type { Turn, TurnTaker } from "./turn.ts";

/**
 * Requests, cancels and rejects are written one behind the other, those of all outboxes into one room, of which each sends what it
 * has written: thousands of little buffers cost many times their length, and so does each one of more than 64 bytes, which V8
 * does not keep in its heap.
 */
const roomLength = 8 * 1024;
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
  static #room = new Uint8Array(roomLength);
  static #roomEnd = 0;
  /** The last of what waits, where those are requests: the room that they are in, and from where to where. */
  #run: Uint8Array | undefined;
  #runStart = 0;
  #runEnd = 0;
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
    this.#endRun();
    if (this.#buffers.length === 0) this.#buffers = buffers;
    else this.#buffers.push(...buffers);
    this.#flushSoon();
  }

  /** A request, cancel or reject, at the end of this turn. */
  postRequest(id: number, index: number, begin: number, length: number): void {
    if (this.#isClosed) return;
    // What another outbox has written meanwhile is not between ours.
    const goesOn = this.#run === Outbox.#room && this.#runEnd === Outbox.#roomEnd;
    if (!goesOn || this.#runEnd + requestMessageLength > roomLength) this.#beginRun();
    writeRequest(Outbox.#room, this.#runEnd, id, index, begin, length);
    this.#runEnd += requestMessageLength;
    Outbox.#roomEnd = this.#runEnd;
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
    this.#endRun();
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
    this.#run = undefined;
  }

  #addLater(): void {
    if (this.#later.length === 0) return;
    this.#endRun();
    this.#buffers.push(...this.#later);
    this.#later = [];
  }

  #beginRun(): void {
    this.#endRun();
    if (Outbox.#roomEnd + requestMessageLength > roomLength) {
      Outbox.#room = new Uint8Array(roomLength);
      Outbox.#roomEnd = 0;
    }
    this.#run = Outbox.#room;
    this.#runStart = Outbox.#roomEnd;
    this.#runEnd = Outbox.#roomEnd;
  }

  #endRun(): void {
    if (this.#run === undefined) return;
    this.#add(this.#run.subarray(this.#runStart, this.#runEnd));
    this.#run = undefined;
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
