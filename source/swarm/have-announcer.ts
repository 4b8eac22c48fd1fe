/**
 * Tells neighbours which pieces we have got. What is verified within a moment leaves together. A neighbour that has a piece
 * itself, and gives us none, can do nothing with our having it, too, but show it: that half of all `have` messages waits
 * for whatever else it is sent, or for company. In a swarm of many neighbours they would be most of all packets.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { encodeIndices, messageId } from "../wire/messages.ts";

const delayMs = 50;
/** What is no news waits so long at most. */
const laterMs = 30_000;

export interface HaveTaker {
  readonly field: Bitfield;
  /** It chokes us. */
  readonly peerChoking: boolean;
  announce(haves: Uint8Array): void;
  /** With the next that it is sent. */
  announceLater(haves: Uint8Array): void;
  /** What waits leaves now. */
  sendLater(): void;
}

export class HaveAnnouncer {
  readonly #clock: Clock;
  readonly #takers: ReadonlyMap<number, HaveTaker>;
  #pieces: PieceIndex[] = [];
  #timer: Timer | undefined;
  #later: Timer | undefined;

  constructor(clock: Clock, takers: ReadonlyMap<number, HaveTaker>) {
    this.#clock = clock;
    this.#takers = takers;
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
    for (const taker of this.#takers.values()) {
      if (taker.peerChoking && pieces.every((piece) => taker.field.has(piece))) taker.announceLater(haves);
      else taker.announce(haves);
    }
    this.#later ??= this.#clock.after(laterMs, () => this.#sendLater());
  }

  #sendLater(): void {
    this.#later?.cancel();
    this.#later = undefined;
    for (const taker of this.#takers.values()) taker.sendLater();
  }
}
