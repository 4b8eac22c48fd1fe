/**
 * An engine's end of a line, as it follows from what that end has written and read: what it may say now, what it asked for
 * and owes. It judges every message that the end writes, by what the end had read before; messages under way do not count.
 *
 * An engine decides at once and writes at the end of its turn, which lasts a virtual millisecond: what it read within one
 * may be too late for what it says.
 */
import { Bitfield } from "../../base/bitfield.ts";
import { ProtocolError } from "../../base/errors.ts";
import type { Endpoint } from "../../base/ip-address.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Connection } from "../../ports/network.ts";
import type { Neighbour } from "../../swarm/neighbour.ts";
import { decodeExtensionHandshake } from "../../wire/extension-handshake.ts";
import type { Handshake } from "../../wire/handshake.ts";
import { messageId } from "../../wire/messages.ts";
import { turnMs } from "../world.ts";
import type { LastMessages } from "./violation.ts";
import { type WireMessage, WireReader } from "./wire-reader.ts";

/** What a neighbour takes that does not say (BEP 10 `reqq`). */
const requestQueueDefault = 250;
/** An engine gives up what is not answered for so long; see `RequestPipeline`. */
const silenceMs = 29_000;

/** The connection. */
type LineLink = Pick<Connection, "remote" | "queuedBytes">;

/** The node behind an end. */
export interface LineOwner {
  readonly name: string;
  readonly pieceCount: number;
  /** Whether it has verified the piece. */
  holds(piece: number): boolean;
  /** A block came to it. @returns whether it is what it should be. */
  received(message: WireMessage): void;
  /** It sends a block. @returns whether the block is what it should be. */
  isRight(message: WireMessage): boolean;
  violated(rule: string, detail: string, line: LineEnd): void;
}

/** What one end has said in all. */
export class Words {
  isChoking = true;
  isInterested = false;
  hasFast = false;
  requestQueue = requestQueueDefault;
  readonly field: Bitfield;
  /** Pieces that are free though it chokes (BEP 6). */
  readonly allowed = new Set<number>();
  /** When it was choked and when pieces came, for what is decided within a turn. */
  chokedMs = Number.NEGATIVE_INFINITY;

  constructor(pieceCount: number) {
    this.field = new Bitfield(pieceCount);
  }
}

/** One number for a block, wherever in its piece it begins. */
export function requestKey(index: number, begin: number): number {
  return index * 0x1_0000_0000 + begin;
}

export class LineEnd {
  readonly owner: LineOwner;
  /** Of the other end, for people. */
  readonly otherName: string;
  readonly messages: LastMessages;
  /** What it has written. */
  readonly said: Words;
  /** What it has read. */
  readonly heard: Words;
  /** What it asked for and counts on, and when that was. */
  readonly asked = new Map<number, number>();
  /** What it asked for and gave up: it may yet come. */
  readonly late = new Set<number>();
  /** What it was asked for and neither sent nor refused. */
  readonly owed = new Set<number>();
  /** Of what it was asked for twice it has rejected one, and may have kept the other. */
  readonly maybeOwed = new Set<number>();
  /** Payload that it read and had asked for, and that it sent. */
  askedBytes = 0;
  /** Of the first, what the engine may rightly count as unasked. */
  unsureBytes = 0;
  sentBytes = 0;
  /** Of what it read last: where it closed the line meanwhile, not all of that may have counted. */
  lastReadBytes = 0;
  /** Whatever was asked for before this moment may have been given up in silence. */
  givenUpMs = Number.NEGATIVE_INFINITY;
  /** The engine's own view, once it has one. */
  neighbour: Neighbour | undefined;
  isOver = false;
  readonly #line: LineLink;
  readonly #clock: Clock;
  readonly #saidReader: WireReader;
  readonly #heardReader: WireReader;
  /** Asked for while it was owed already: answered once, but each may be rejected. */
  readonly #askedTwice = new Set<number>();
  /** Asked for again when it had been given up in silence. */
  readonly #reasked = new Set<number>();
  #aliveMs = 0;
  #emptiedMs = Number.NEGATIVE_INFINITY;

  constructor(owner: LineOwner, line: LineLink, otherName: string, clock: Clock, messages: LastMessages) {
    this.owner = owner;
    this.#line = line;
    this.otherName = otherName;
    this.messages = messages;
    this.#clock = clock;
    this.said = new Words(owner.pieceCount);
    this.heard = new Words(owner.pieceCount);
    const bitfieldLength = this.said.field.bytes.length;
    const listen = (words: Words, said: (message: WireMessage) => void) => ({
      shookHands: ({ hasFast }: Handshake) => {
        words.hasFast = hasFast;
      },
      said,
    });
    this.#saidReader = new WireReader(
      listen(this.said, (message) => this.#says(message)),
      bitfieldLength,
    );
    this.#heardReader = new WireReader(
      listen(this.heard, (message) => this.#hears(message)),
      bitfieldLength,
    );
  }

  get remote(): Endpoint {
    return this.#line.remote;
  }

  /** Bytes that it has written and that the kernel has not taken. */
  get queuedBytes(): number {
    return this.#line.queuedBytes;
  }

  get hasFast(): boolean {
    return this.said.hasFast && this.heard.hasFast;
  }

  wrote(buffers: readonly Uint8Array[]): void {
    try {
      for (const buffer of buffers) this.#saidReader.feed(buffer);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#violated("it writes what is against the protocol", error.message);
    }
  }

  reads(bytes: Uint8Array): void {
    this.lastReadBytes = 0;
    try {
      this.#heardReader.feed(bytes);
    } catch (error) {
      // The other end is to blame, and this one will not listen to it any more.
      if (!(error instanceof ProtocolError)) throw error;
      this.#heardReader.close();
    }
  }

  /** Whether what it counted on may have been given up in silence. To be asked before it is looked at. */
  mayGiveUp(askedMs: number): boolean {
    this.#lookAtSilence();
    return askedMs <= this.givenUpMs;
  }

  giveUp(key: number): void {
    this.asked.delete(key);
    this.late.add(key);
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #says(message: WireMessage): void {
    const { said } = this;
    const { id, index, begin } = message;
    this.messages.add(this.#clock.nowMs(), `${this.owner.name} writes`, message);
    switch (id) {
      case messageId.choke:
      case messageId.unchoke: {
        const isChoking = id === messageId.choke;
        if (said.isChoking === isChoking) this.#violated(isChoking ? "it chokes twice" : "it unchokes twice", "");
        said.isChoking = isChoking;
        // Without the fast extension a choke answers everything.
        if (isChoking && !this.hasFast) this.owed.clear();
        return;
      }
      case messageId.interested:
      case messageId.notInterested: {
        const isInterested = id === messageId.interested;
        if (said.isInterested === isInterested) this.#violated("it says twice whether it is interested", "");
        said.isInterested = isInterested;
        return;
      }
      case messageId.have:
        this.#announces(index);
        return;
      case messageId.bitfield:
      case messageId.haveAll:
        this.#announcesField(message);
        return;
      case messageId.allowedFast:
        this.#needsFast();
        said.allowed.add(index);
        return;
      case messageId.request:
        this.#asks(message);
        return;
      case messageId.cancel:
        if (this.asked.has(requestKey(index, begin))) this.giveUp(requestKey(index, begin));
        return;
      case messageId.piece:
        this.#sends(message);
        return;
      case messageId.rejectRequest:
        this.#needsFast();
        this.#rejects(message);
        return;
      default:
        return;
    }
  }

  #announces(piece: number): void {
    if (!this.owner.holds(piece)) this.#violated("it announces what it has not verified", `piece ${piece}`);
    this.said.field.set(piece);
  }

  #announcesField({ id, bytes }: WireMessage): void {
    if (id === messageId.haveAll) this.#needsFast();
    const { length } = this.said.field;
    const field = id === messageId.haveAll ? Bitfield.full(length) : Bitfield.fromWire(length, bytes);
    if (field === undefined) this.#violated("its bitfield has spare bits", "");
    else for (let piece = 0; piece < length; piece++) if (field.has(piece)) this.#announces(piece);
  }

  #asks(message: WireMessage): void {
    const { heard, asked } = this;
    const nowMs = this.#clock.nowMs();
    const key = requestKey(message.index, message.begin);
    const isFree = !heard.isChoking || nowMs - heard.chokedMs <= turnMs || heard.allowed.has(message.index);
    if (!isFree) this.#violated("it asks while choked", at(message));
    if (!this.said.isInterested) this.#violated("it asks though it is not interested", at(message));
    if (!heard.field.has(message.index)) this.#violated("it asks for what the other does not have", at(message));
    const askedMs = asked.get(key);
    if (askedMs !== undefined) {
      if (this.mayGiveUp(askedMs)) {
        this.late.add(key);
        this.#reasked.add(key);
      } else this.#violated("it asks twice for the same", at(message));
    }
    // The engine asks for the next before it has written it.
    if (asked.size === 0 && nowMs - this.#emptiedMs > turnMs) this.#aliveMs = nowMs;
    // A choke that came within the turn has voided it.
    if (heard.isChoking && !this.hasFast) this.late.add(key);
    else asked.set(key, nowMs);
    if (asked.size > heard.requestQueue)
      this.#violated("it asks for more than the other queues", `${asked.size} requests`);
  }

  #sends(message: WireMessage): void {
    const { index, begin, length } = message;
    this.sentBytes += length;
    if (!this.owner.holds(index)) this.#violated("it serves what it has not verified", at(message));
    if (!this.owner.isRight(message)) this.#violated("it serves wrong bytes", at(message));
    const key = requestKey(index, begin);
    if (this.owed.delete(key) || this.maybeOwed.delete(key)) return;
    this.#violated(this.said.isChoking ? "it sends while choking" : "it sends what nobody asked for", at(message));
  }

  #rejects(message: WireMessage): void {
    const key = requestKey(message.index, message.begin);
    const isTwice = this.#askedTwice.has(key);
    if (!this.owed.delete(key)) {
      if (!isTwice) this.#violated("it rejects what nobody asked for", at(message));
      return;
    }
    // Whether that was the one in the queue or the one that came after it cannot be seen.
    if (isTwice) this.maybeOwed.add(key);
  }

  #needsFast(): void {
    if (!this.hasFast) this.#violated("it uses the fast extension, which the other does not know", "");
  }

  #hears(message: WireMessage): void {
    const { heard } = this;
    const { id, index, begin, bytes } = message;
    this.messages.add(this.#clock.nowMs(), `${this.owner.name} reads`, message);
    switch (id) {
      case messageId.choke:
        if (!heard.isChoking) heard.chokedMs = this.#clock.nowMs();
        heard.isChoking = true;
        if (!this.hasFast) for (const key of [...this.asked.keys()]) this.giveUp(key);
        return;
      case messageId.unchoke:
        heard.isChoking = false;
        return;
      case messageId.interested:
      case messageId.notInterested:
        heard.isInterested = id === messageId.interested;
        return;
      case messageId.have:
        if (index < heard.field.length) heard.field.set(index);
        return;
      case messageId.haveAll:
        heard.field.fill();
        return;
      case messageId.bitfield:
        this.#hearsField(bytes);
        return;
      case messageId.allowedFast:
        heard.allowed.add(index);
        return;
      case messageId.request:
        // One that crosses a choke is void at once without the fast extension.
        if (this.hasFast || !this.said.isChoking) this.#owes(requestKey(index, begin));
        return;
      case messageId.cancel:
        if (!this.hasFast) this.owed.delete(requestKey(index, begin));
        return;
      case messageId.rejectRequest:
        if (this.asked.delete(requestKey(index, begin)) && this.asked.size === 0) this.#emptiedMs = this.#clock.nowMs();
        this.late.delete(requestKey(index, begin));
        return;
      case messageId.piece:
        this.#receives(message);
        return;
      case messageId.extended:
        if (index === 0) this.#hearsExtensions(bytes);
        return;
      default:
        return;
    }
  }

  #owes(key: number): void {
    if (this.owed.has(key)) this.#askedTwice.add(key);
    this.owed.add(key);
  }

  #hearsField(bytes: Uint8Array): void {
    const { field } = this.heard;
    const said = Bitfield.fromWire(field.length, bytes);
    for (let piece = 0; said !== undefined && piece < field.length; piece++) if (said.has(piece)) field.set(piece);
  }

  #hearsExtensions(payload: Uint8Array): void {
    this.heard.requestQueue = decodeExtensionHandshake(payload).requestQueue ?? this.heard.requestQueue;
  }

  #receives(message: WireMessage): void {
    this.#lookAtSilence();
    const { index, begin, length } = message;
    const key = requestKey(index, begin);
    this.lastReadBytes += length;
    const isAsked = this.asked.delete(key);
    if (isAsked || this.late.delete(key)) {
      this.askedBytes += length;
      this.#aliveMs = this.#clock.nowMs();
      // The engine may have given it up twice in silence, and then counts on it once.
      if (!isAsked && this.#reasked.has(key)) this.unsureBytes += length;
    }
    this.owner.received(message);
  }

  #lookAtSilence(): void {
    const nowMs = this.#clock.nowMs();
    if (this.asked.size > 0 && nowMs - this.#aliveMs > silenceMs) this.givenUpMs = nowMs;
  }

  #violated(rule: string, detail: string): void {
    this.owner.violated(rule, detail, this);
  }
}

function at({ index, begin, length }: WireMessage): string {
  return `${length} bytes at ${begin} of piece ${index}`;
}
