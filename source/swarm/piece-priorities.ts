/**
 * From what a user wants of a torrent's files to what we want of its pieces. A piece has the highest priority of the
 * files that it holds bytes of; one of which no file is wanted is not wanted. Padding (BEP 47) wants nothing: a piece of
 * padding alone goes with the file before it.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";

/** Of a file and of a piece; a larger one goes first. */
export const piecePriority = { skip: 0, low: 1, normal: 2, high: 3 } as const;

/** One of `piecePriority` for each piece. */
export type PiecePriorities = Uint8Array;

/** What is wanted and not there. @param priorities `undefined`: all are normal. */
export function missingOf(have: Bitfield, priorities: PiecePriorities | undefined): Bitfield {
  const missing = have.inverted();
  if (priorities === undefined) return missing;
  for (let piece = 0; piece < missing.length; piece++)
    if (priorities[piece] === piecePriority.skip) missing.clear(piece);
  return missing;
}

type Cut = Pick<Metainfo, "files" | "pieceLength" | "pieceCount">;

/** @param files a priority for each file of the metainfo, padding included. */
export function piecePriorities(metainfo: Cut, files: Uint8Array): PiecePriorities {
  const pieces = new Uint8Array(metainfo.pieceCount);
  /** Pieces before this one hold bytes of a file that was seen. */
  let seen = 0;
  let before = files[metainfo.files.findIndex((file) => !file.isPadding)] ?? piecePriority.normal;
  metainfo.files.forEach((file, index) => {
    if (file.length === 0) return;
    const first = Math.floor(file.offset / metainfo.pieceLength);
    const end = Math.floor((file.offset + file.length - 1) / metainfo.pieceLength) + 1;
    if (file.isPadding) {
      pieces.fill(before, Math.max(first, seen), end);
      return;
    }
    before = files[index] ?? piecePriority.normal;
    // Set, not raised, where no other file was: padding may have been there.
    if (first < seen) pieces[first] = Math.max(pieces[first] ?? 0, before);
    pieces.fill(before, Math.max(first, seen), end);
    seen = end;
  });
  return pieces;
}

/**
 * The wanted pieces in the order of a player: file after file, those of higher priority first; of each file its first
 * and its last piece (where players look for what the file is) before the rest from beginning to end. File after file,
 * and not the ends of all files before anything else: of many files, the first is to be playable soon.
 */
export function pieceSequence(metainfo: Cut, files: Uint8Array): Int32Array {
  const isTaken = new Uint8Array(metainfo.pieceCount);
  const sequence: number[] = [];
  const take = (piece: number) => {
    if (isTaken[piece] === 1) return;
    isTaken[piece] = 1;
    sequence.push(piece);
  };
  for (let priority: number = piecePriority.high; priority > piecePriority.skip; priority--) {
    metainfo.files.forEach((file, index) => {
      if (file.length === 0 || file.isPadding || files[index] !== priority) return;
      const first = Math.floor(file.offset / metainfo.pieceLength);
      const last = Math.floor((file.offset + file.length - 1) / metainfo.pieceLength);
      take(first);
      take(last);
      for (let piece = first; piece < last; piece++) take(piece);
    });
  }
  return Int32Array.from(sequence);
}
