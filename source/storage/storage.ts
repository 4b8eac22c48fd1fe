/**
 * The storage contract: where one torrent's content lives. Implementations: files on a disk (the product), memory and
 * generated content (demo, simulation, tests). All pass the same compliance suite.
 *
 * Bytes may be stored before their piece is verified; they are never counted, resumed from or read before that.
 */

import type { Bitfield } from "../base/bitfield.ts";
import type { OperationalError } from "../base/errors.ts";
import type { PieceIndex } from "../base/ids.ts";

export interface StorageEvents {
  /**
   * All blocks of a piece were written and hashed. `isRight` false: its bytes are forgotten and may be written anew.
   * Never called from within `writeBlock`; may be called from within `endOfTurn`, or in a later turn.
   */
  onPieceChecked(piece: PieceIndex, isRight: boolean): void;
  /** The disk failed (full, read-only, I/O): nothing more is accepted until `open` is called again. */
  onFailure(error: OperationalError): void;
  /** `isCongested` went from true to false. */
  onRelieved(): void;
}

export interface CheckProgress {
  readonly checkedPieces: number;
  readonly pieceCount: number;
}

export interface Storage {
  /** Unwritten bytes are above the high watermark: nothing more is to be asked for until `onRelieved`. */
  readonly isCongested: boolean;
  /** While congested: so much has come nevertheless that nothing is to be read either. */
  readonly isFull: boolean;

  /** Makes ready to write and read. Creates nothing yet. @throws OperationalError. */
  open(events: StorageEvents): Promise<void>;

  /**
   * Which files are wanted from now on, for all of them; all are after `open`. To be called when it is known what is
   * verified, and again whenever the user changes it. Bytes of a file that is not wanted and does not exist are kept out
   * of sight; where such a file is wanted again it is made with what there is of it. Blocks may come meanwhile, of
   * pieces that are wanted both before and after.
   * @param wanted a bit for each file. @param verified a bit for each piece. @throws OperationalError; then nothing is lost, and
   * it may be called again.
   */
  setWanted(wanted: Bitfield, verified: Bitfield): Promise<void>;

  /**
   * Takes the space of what is wanted in advance, as far as the user wants that. Resolves when blocks may come, which they may
   * do before. @param verified a bit for each piece. @param signal it is not needed any more.
   * @throws OperationalError; then it may be called again.
   */
  takeSpace(verified: Bitfield, signal: AbortSignal): Promise<void>;

  /**
   * Takes one block; the piece is hashed as its blocks come, in whatever order. `data` has been used or copied when
   * the next `endOfTurn` returns: the caller must call that before it lets go of the bytes. Each byte of a piece is to
   * be written once, unless the piece was found wrong or dropped.
   */
  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): void;

  /** Ends a run of `writeBlock` calls (one receive buffer): contiguous blocks go to the disk together. */
  endOfTurn(): void;

  /** Forgets what was written of an unfinished piece. */
  dropPiece(piece: PieceIndex): void;

  /**
   * Verified bytes for a neighbour. The result is immutable and may be shared; keep it no longer than it takes to send.
   * Returned directly where the bytes are cached, as a promise where they must be read. @throws OperationalError.
   */
  read(piece: PieceIndex, begin: number, length: number): Uint8Array | Promise<Uint8Array>;

  /** What is read comes from memory, by what it took lately: `readInto` does not hold up the thread. */
  readonly isWarm: boolean;

  /**
   * Verified bytes for a neighbour as of `read`, at once, into buffers of the caller's that follow one another: no memory
   * is made for them. @throws OperationalError.
   */
  readInto(piece: PieceIndex, begin: number, into: readonly Uint8Array[]): void;

  /**
   * Reads and hashes what is there. Yields to the event loop often.
   * @param only the pieces to look at, all where absent. @returns which of those are right.
   */
  check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal, only?: Bitfield): Promise<Bitfield>;

  /** Every wanted file exists with its length (empty files too) and all bytes are on the disk. @throws OperationalError. */
  finish(): Promise<void>;

  /**
   * Puts what was written on the disk (fsync) without closing.
   * @param what `all`: also what an earlier process may have written and was killed before it synced. Default: what this one wrote.
   * @throws OperationalError.
   */
  sync(what?: "written" | "all"): Promise<void>;

  /**
   * What the files look like now, for the resume record: compared on the next start to find what changed behind our
   * back. Equal strings mean unchanged.
   */
  fingerprint(): Promise<readonly string[]>;

  /** The pieces that touch the given file, to be checked again when its fingerprint changed. */
  piecesOfFile(fileIndex: number): { readonly first: number; readonly last: number } | undefined;

  /**
   * Removes only the torrent's own files (what was kept out of sight too), then folders of its own that are left empty
   * (HOSTILE A10).
   * @param how `trash`: files go to the user's trash. Default `delete`. @returns where they are in it, "" where none are.
   * @throws OperationalError, `no-trash` where there is none.
   */
  removeFiles(how?: "delete" | "trash"): Promise<string>;

  /** Writes what is pending, closes files. Idempotent. */
  close(): Promise<void>;
}
