/**
 * Sequential mode: the pieces in the order in which a player needs them. Only a window of the next ones is held to;
 * a neighbour that has none of these is asked for what the swarm needs most, so that its line is not wasted.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { Availability } from "./availability.ts";
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";

/** Waiting pieces, from the first on, of which a neighbour is asked for the first that it has. */
const windowPieces = 64;

export class Sequence {
  readonly #waiting: Front;
  readonly #missing: Front;

  /** @param pieces each once, the first to be fetched first; see `pieceSequence`. */
  constructor(pieces: Int32Array) {
    this.#waiting = new Front(pieces);
    this.#missing = new Front(pieces);
  }

  /** The first waiting piece that is in `field`, of those in the window. */
  next(field: Bitfield, availability: Availability): number | undefined {
    return this.#waiting
      .first(windowPieces, (piece) => availability.isWaiting(piece))
      .find((piece) => field.has(piece));
  }

  /** A piece waits again that was begun. */
  cameBack(): void {
    this.#waiting.rewind();
  }

  /** Of the first missing pieces those under way, at most so many. */
  foremost(have: Bitfield, ledger: BlockLedger, countMax: number): ActivePiece[] {
    return this.#missing
      .first(countMax, (piece) => !have.has(piece))
      .flatMap((piece) => ledger.get(ledger.geometry.piece(piece)) ?? []);
  }
}

/** The first pieces of a sequence that something is still so of. Each is walked over once, however many are behind one. */
class Front {
  readonly #pieces: Int32Array;
  #first: number[] = [];
  #next = 0;

  constructor(pieces: Int32Array) {
    this.#pieces = pieces;
  }

  /** At most so many. @param isSo of no piece that it was not so of before, unless `rewind` is called. */
  first(countMax: number, isSo: (piece: number) => boolean): readonly number[] {
    const first = this.#first.filter(isSo);
    this.#first = first;
    for (; first.length < countMax && this.#next < this.#pieces.length; this.#next++) {
      const piece = this.#pieces[this.#next] ?? 0;
      if (isSo(piece)) first.push(piece);
    }
    return first;
  }

  rewind(): void {
    this.#first = [];
    this.#next = 0;
  }
}
