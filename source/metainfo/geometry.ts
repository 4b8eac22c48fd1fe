/**
 * How a torrent's content is cut: pieces, and 16 KiB blocks in them. The one place where indices, offsets and lengths
 * are derived and checked; a `PieceIndex` comes from nowhere else.
 */
import { assert } from "../base/assert.ts";
import type { PieceIndex } from "../base/ids.ts";

/** The length of every block but the last of a piece: what all clients request. */
export const blockLength = 16 * 1024;

export class Geometry {
  readonly pieceLength: number;
  readonly totalLength: number;
  readonly pieceCount: number;
  /** Blocks in every piece but perhaps the last. */
  readonly blocksPerPiece: number;

  /** @param pieceLength bytes, 1 or more. @param totalLength bytes, 1 or more. */
  constructor(pieceLength: number, totalLength: number) {
    assert(Number.isSafeInteger(pieceLength) && pieceLength > 0, "piece length");
    assert(Number.isSafeInteger(totalLength) && totalLength > 0, "total length");
    this.pieceLength = pieceLength;
    this.totalLength = totalLength;
    this.pieceCount = Math.ceil(totalLength / pieceLength);
    this.blocksPerPiece = Math.ceil(pieceLength / blockLength);
  }

  /** A number from outside as a piece index; `undefined` where there is no such piece. */
  pieceIndex(value: number): PieceIndex | undefined {
    return Number.isInteger(value) && value >= 0 && value < this.pieceCount ? (value as PieceIndex) : undefined;
  }

  /** A number that we computed ourselves as a piece index. */
  piece(value: number): PieceIndex {
    assert(Number.isInteger(value) && value >= 0 && value < this.pieceCount, "piece index");
    return value as PieceIndex;
  }

  /** Where the piece begins in the content. */
  offsetOf(piece: PieceIndex): number {
    return piece * this.pieceLength;
  }

  /** Bytes of this piece; only the last may be shorter. */
  lengthOf(piece: PieceIndex): number {
    return piece === this.pieceCount - 1 ? this.totalLength - piece * this.pieceLength : this.pieceLength;
  }

  blockCountOf(piece: PieceIndex): number {
    return Math.ceil(this.lengthOf(piece) / blockLength);
  }

  /** Bytes of a block of this piece. */
  blockLengthOf(piece: PieceIndex, block: number): number {
    return Math.min(blockLength, this.lengthOf(piece) - block * blockLength);
  }

  /** Whether a neighbour may ask for this span of the piece: not empty, and inside it. */
  contains(piece: PieceIndex, begin: number, length: number): boolean {
    return begin >= 0 && length > 0 && begin + length <= this.lengthOf(piece);
  }
}
