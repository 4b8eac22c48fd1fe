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
  readonly #pieces: Int32Array;
  /** Nothing before this waits to be begun. */
  #nextWaiting = 0;
  /** Everything before this is verified. */
  #nextMissing = 0;

  /** @param pieces each once, the first to be fetched first; see `pieceSequence`. */
  constructor(pieces: Int32Array) {
    this.#pieces = pieces;
  }

  /** The first waiting piece that is in `field`, of those in the window. */
  next(field: Bitfield, availability: Availability): number | undefined {
    let seen = 0;
    for (let at = this.#nextWaiting; at < this.#pieces.length && seen < windowPieces; at++) {
      const piece = this.#pieces[at] ?? 0;
      if (!availability.isWaiting(piece)) {
        if (seen === 0) this.#nextWaiting = at + 1;
        continue;
      }
      seen++;
      if (field.has(piece)) return piece;
    }
    return undefined;
  }

  /** A piece waits again that was begun. */
  cameBack(): void {
    this.#nextWaiting = 0;
  }

  /** Of the first missing pieces those under way, at most so many. */
  foremost(have: Bitfield, ledger: BlockLedger, countMax: number): ActivePiece[] {
    const found: ActivePiece[] = [];
    let missing = 0;
    for (let at = this.#nextMissing; at < this.#pieces.length && missing < countMax; at++) {
      const piece = ledger.geometry.piece(this.#pieces[at] ?? 0);
      if (have.has(piece)) {
        if (missing === 0) this.#nextMissing = at + 1;
        continue;
      }
      missing++;
      const active = ledger.get(piece);
      if (active !== undefined) found.push(active);
    }
    return found;
  }
}
