/**
 * One end of a TCP connection in a virtual network: what it has written and what is under way from it.
 *
 * Bytes go from our queue (of which the kernel takes `sendBufferMin` and more) through the host's line, a segment at a
 * time while the congestion window has room, over the network, through the other host's line, and to its handler. The
 * window opens as TCP's does (RFC 5681: ten segments at first, doubled each round trip while that is used, halved by a
 * loss), and closes where the other end does not read.
 */
import type { Endpoint } from "../base/ip-address.ts";
import { blockLength } from "../metainfo/geometry.ts";
import type { Connection, ConnectionHandler } from "../ports/network.ts";
import type { VirtualEvent } from "./virtual-clock.ts";
import { freeLength } from "./virtual-link.ts";
import type { VirtualHost, VirtualNetwork } from "./virtual-network.ts";

/** RFC 6928, 10 × 1,460 bytes. */
const firstWindow = 14_600;
/** What a receiver's kernel grants at most. */
const windowMax = 1024 * 1024;
/** The kernel's send buffer: twice the window, but at least this. */
const sendBufferMin = 32 * 1024;
const retransmitMs = 200;

/** What leaves together, as it was written: it is put together only when it is read. */
export interface Segment {
  readonly buffers: readonly Uint8Array[];
  /** Bytes. */
  readonly length: number;
}

export class VirtualConnection implements Connection {
  readonly id: number;
  readonly host: VirtualHost;
  readonly remote: Endpoint;
  readonly #network: VirtualNetwork;
  #handler: ConnectionHandler | undefined;
  #other: VirtualConnection | undefined;
  #local: Endpoint;
  #isOpen = false;
  #isPaused = false;
  #isEnded = false;
  /** Written, not yet on the line. */
  #queue: Uint8Array[] = [];
  #queueAt = 0;
  /** Of the first buffer in the queue, what has gone already. */
  #queueOffset = 0;
  #pendingBytes = 0;
  #mustTellDrain = false;
  /** Waits for its turn on the line, or is on it. */
  #isInLine = false;
  #leaving: Segment | undefined;
  #underWayBytes = 0;
  #window = firstWindow;
  #isWindowFull = false;
  #lastArrivalMs = 0;
  /** Come, but not read. */
  #unread: Segment[] = [];

  constructor(network: VirtualNetwork, id: number, host: VirtualHost, local: Endpoint, remote: Endpoint) {
    this.#network = network;
    this.id = id;
    this.host = host;
    this.#local = local;
    this.remote = remote;
  }

  get local(): Endpoint {
    return this.#local;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get queuedBytes(): number {
    return Math.max(0, this.#pendingBytes - Math.max(sendBufferMin, 2 * this.#window));
  }

  get other(): VirtualConnection | undefined {
    return this.#other;
  }

  /** Whom to tell of what happens, and who is at the other end. */
  join(other: VirtualConnection, handler: ConnectionHandler): void {
    this.#other = other;
    this.#handler = handler;
  }

  /** Bytes can go both ways. */
  opened(): void {
    this.#isOpen = true;
    this.#stand();
  }

  tellOpen(): void {
    if (!this.#isEnded) this.#handler?.onOpen?.();
  }

  /** Copies nothing: what is written must never change. Blocks do not, since no storage here is warm. */
  write(buffers: readonly Uint8Array[]): void {
    if (this.#isEnded) return;
    let length = 0;
    for (const buffer of buffers) length += buffer.length;
    if (length === 0) return;
    this.#network.observer?.sent?.(this, buffers);
    if (this.#pendingBytes === 0 && length < freeLength && this.#isOpen) {
      this.#leave({ buffers, length });
      return;
    }
    if (this.#pendingBytes === 0) {
      this.#queue = buffers.slice();
      this.#queueAt = 0;
    } else {
      this.#queue.push(...buffers);
    }
    this.#pendingBytes += length;
    if (this.queuedBytes > 0) this.#mustTellDrain = true;
    this.#stand();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#unread.length > 0) this.#network.soon(() => this.#readOn());
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { clock } = this.#network;
    const other = this.#other;
    this.#forget();
    this.#network.soon(() => this.#tellClosed(undefined));
    if (other !== undefined) clock.at(clock.nowMs() + this.#latencyMs(), new End(other, undefined));
  }

  /** It has come to an end by itself. */
  end(error: Error | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#forget();
    this.#tellClosed(error);
  }

  // ── for the line ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Puts the next bytes on the line.
   * @returns how many of them count, `undefined` where nothing may be sent.
   */
  takeSegment(): number | undefined {
    this.#isInLine = false;
    if (!this.#maySend()) return undefined;
    const first = this.#queueAt;
    const cut = this.#queueOffset;
    let length = 0;
    let counted = 0;
    // What is small, up to the first buffer that counts, and of that a block: so none is cut that need not be.
    for (let buffer = this.#queue[first]; buffer !== undefined; buffer = this.#queue[this.#queueAt]) {
      const left = buffer.length - this.#queueOffset;
      const isCounted = buffer.length >= freeLength;
      if (!isCounted && length + left > freeLength) break;
      const taken = isCounted ? Math.min(left, blockLength) : left;
      length += taken;
      if (isCounted) counted = taken;
      if (taken < left) {
        this.#queueOffset += taken;
        break;
      }
      this.#queueOffset = 0;
      this.#queueAt++;
      if (isCounted) break;
    }
    this.#leaving = { buffers: this.#taken(first, cut), length };
    if (this.#queueAt > 64) {
      this.#queue = this.#queue.slice(this.#queueAt);
      this.#queueAt = 0;
    }
    this.#isInLine = true;
    return counted;
  }

  /** What was put on the line has left. @returns whether code of an engine ran. */
  segmentLeft(): boolean {
    const segment = this.#leaving;
    this.#leaving = undefined;
    this.#isInLine = false;
    if (segment === undefined || this.#isEnded) return false;
    this.#pendingBytes -= segment.length;
    this.#leave(segment);
    this.#stand();
    if (!this.#mustTellDrain || this.queuedBytes > 0) return false;
    this.#mustTellDrain = false;
    this.#handler?.onDrain();
    return true;
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What was taken from the queue. @param first its first buffer. @param cut bytes of that one which had left before. */
  #taken(first: number, cut: number): Uint8Array[] {
    const buffers = this.#queue.slice(first, this.#queueAt);
    const [head] = buffers;
    if (cut > 0 && head !== undefined) buffers[0] = head.subarray(cut);
    const last = this.#queue[this.#queueAt];
    if (last === undefined || this.#queueOffset === 0) return buffers;
    buffers.push(last.subarray(first === this.#queueAt ? cut : 0, this.#queueOffset));
    return buffers;
  }

  #maySend(): boolean {
    if (!this.#isOpen || this.#isEnded || this.#pendingBytes === 0) return false;
    this.#isWindowFull = this.#underWayBytes >= this.#window;
    return !this.#isWindowFull;
  }

  /** Gets in line, where there is something to send. */
  #stand(): void {
    if (this.#isInLine || !this.#maySend()) return;
    this.#isInLine = true;
    this.host.uplink.enqueue(this);
  }

  #latencyMs(): number {
    return this.host.link.latencyMs + (this.#other?.host.link.latencyMs ?? 0);
  }

  /** Bytes are beyond our line. */
  #leave(segment: Segment): void {
    const other = this.#other;
    if (other === undefined) return;
    const { clock } = this.#network;
    this.#underWayBytes += segment.length;
    const arrivalMs = clock.nowMs() + this.#latencyMs() + this.#network.disturbance(this.host, other.host, this.#lost);
    const readMs = other.host.arrives(segment.length, Math.max(arrivalMs, this.#lastArrivalMs));
    this.#lastArrivalMs = readMs;
    clock.at(readMs, new Arrival(other, segment));
  }

  readonly #lost = (): number => {
    this.#window = Math.max(firstWindow, this.#window / 2);
    return retransmitMs + 2 * this.#latencyMs();
  };

  /** @returns whether code of an engine ran. */
  arrived(segment: Segment): boolean {
    if (this.#isEnded) return false;
    if (this.#isPaused || this.#unread.length > 0) {
      this.#unread.push(segment);
      return false;
    }
    this.#read(segment);
    return true;
  }

  #readOn(): void {
    while (!this.#isPaused && !this.#isEnded) {
      const segment = this.#unread.shift();
      if (segment === undefined) return;
      this.#read(segment);
    }
  }

  #read(segment: Segment): void {
    const bytes = this.#network.putTogether(segment);
    this.#network.observer?.delivered(this, bytes);
    this.#handler?.onData(bytes);
    this.#network.wasRead(bytes);
    this.#other?.acknowledged(segment.length);
  }

  acknowledged(bytes: number): void {
    this.#underWayBytes -= bytes;
    if (!this.#isWindowFull) return;
    this.#window = Math.min(windowMax, this.#window + bytes);
    const { clock } = this.#network;
    clock.at(clock.nowMs() + this.#latencyMs(), new Acknowledgement(this));
  }

  /** The other end has read something, and we know. */
  windowOpened(): void {
    this.#stand();
  }

  #forget(): void {
    this.#queue = [];
    this.#queueAt = 0;
    this.#pendingBytes = 0;
    this.#unread = [];
  }

  #tellClosed(error: Error | undefined): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#network.ended(this);
    handler?.onClose(error);
  }
}

class Arrival implements VirtualEvent {
  readonly isCancelled = false;
  readonly #to: VirtualConnection;
  readonly #segment: Segment;

  constructor(to: VirtualConnection, segment: Segment) {
    this.#to = to;
    this.#segment = segment;
  }

  fire(): boolean {
    return this.#to.arrived(this.#segment);
  }
}

class Acknowledgement implements VirtualEvent {
  readonly isCancelled = false;
  readonly #to: VirtualConnection;

  constructor(to: VirtualConnection) {
    this.#to = to;
  }

  fire(): boolean {
    this.#to.windowOpened();
    return false;
  }
}

class End implements VirtualEvent {
  readonly isCancelled = false;
  readonly #of: VirtualConnection;
  readonly #error: Error | undefined;

  constructor(of: VirtualConnection, error: Error | undefined) {
    this.#of = of;
    this.#error = error;
  }

  fire(): boolean {
    this.#of.end(this.#error);
    return true;
  }
}
