/**
 * The "allowed fast" pieces that one neighbour may ask for though we choke it (BEP 6): a start for a newcomer, each byte
 * once, and no free ride.
 */
import type { PieceIndex } from "../base/ids.ts";

export class FreePieces {
  /** `undefined`: none. */
  #pieces: Set<PieceIndex> | undefined;
  readonly #pieceLength: number;
  #askedBytes = 0;

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  add(pieces: readonly PieceIndex[]): void {
    this.#pieces ??= new Set();
    for (const piece of pieces) this.#pieces.add(piece);
  }

  has(piece: PieceIndex): boolean {
    return this.#pieces?.has(piece) === true;
  }

  /** Whether these bytes of the piece are still free; if so, they are taken. */
  take(piece: PieceIndex, length: number): boolean {
    const pieces = this.#pieces;
    if (pieces?.has(piece) !== true || this.#askedBytes + length > pieces.size * this.#pieceLength) return false;
    this.#askedBytes += length;
    return true;
  }
}
