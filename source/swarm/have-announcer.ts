/**
 * Tells neighbours which pieces we have got. What is verified within a moment leaves together. In a swarm of many neighbours
 * that would be most of all packets, and most who get them can do nothing with what they are told: one that has the piece
 * itself, or that we choke and that wants other pieces of us already. Their news wait for whatever else they are sent, be it
 * the unchoke that makes them useful, or for company; those of a seed that gives us something, for what it is asked next. Not where
 * the piece is rare: what others believe to be rare is what they ask seeds for.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { encodeIndices, messageId } from "../wire/messages.ts";

const delayMs = 50;
/** What is of no use to somebody waits so long at most. */
const laterMs = 30_000;
/** A piece that fewer of our neighbours have than one in so many is rare. */
const rareShare = 8;

export interface HaveTaker {
  readonly field: Bitfield;
  readonly amChoking: boolean;
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  announce(haves: Uint8Array): void;
  /** With the next that it is sent. */
  announceLater(haves: Uint8Array): void;
  /** What waits leaves now. */
  sendLater(): void;
}

export class HaveAnnouncer {
  readonly #clock: Clock;
  readonly #takers: ReadonlyMap<number, HaveTaker>;
  readonly #countOf: (piece: PieceIndex) => number;
  #pieces: PieceIndex[] = [];
  #timer: Timer | undefined;
  #later: Timer | undefined;

  /** @param countOf how many neighbours have a piece. */
  constructor(clock: Clock, takers: ReadonlyMap<number, HaveTaker>, countOf: (piece: PieceIndex) => number) {
    this.#clock = clock;
    this.#takers = takers;
    this.#countOf = countOf;
  }

  add(piece: PieceIndex): void {
    this.#pieces.push(piece);
    this.#timer ??= this.#clock.after(delayMs, () => this.#announce());
  }

  /** Everything is told now: there is no more to come. */
  flush(): void {
    if (this.#pieces.length > 0) this.#announce();
    this.#sendLater();
  }

  /** What waits is not announced. */
  close(): void {
    this.#timer?.cancel();
    this.#later?.cancel();
    this.#timer = undefined;
    this.#later = undefined;
    this.#pieces = [];
  }

  #announce(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const pieces = this.#pieces;
    this.#pieces = [];
    const haves = encodeIndices(messageId.have, pieces);
    const isRare = pieces.some((piece) => this.#countOf(piece) * rareShare < this.#takers.size);
    for (const taker of this.#takers.values()) {
      const hasUse = (isRare || !isStuck(taker)) && pieces.some((piece) => !taker.field.has(piece));
      const mayWait = taker.peerChoking || taker.field.isFull;
      if (hasUse || !mayWait) taker.announce(haves);
      else taker.announceLater(haves);
    }
    this.#later ??= this.#clock.after(laterMs, () => this.#sendLater());
  }

  #sendLater(): void {
    this.#later?.cancel();
    this.#later = undefined;
    for (const taker of this.#takers.values()) taker.sendLater();
  }
}

/** It may not ask us for what it hears of, and wants to already. */
function isStuck({ amChoking, peerInterested }: HaveTaker): boolean {
  return amChoking && peerInterested;
}
