/**
 * The pieces verified since the resume record was begun: eight bytes for each, appended as soon as the piece's bytes
 * are in its files. What a process has written survives its death (only a loss of power takes it away), so after a
 * kill record and journal together name every verified piece, for a system call each time that some are.
 *
 * A journal belongs to the records of one generation. A new one is begun (first the record of the next generation is
 * written, then the journal is started with it) whenever pieces that were verified stop being so: on each start, and
 * when a torrent is checked again. Until then it only grows, by at most one entry for each piece.
 */
import { type InfoHash, infoHashToBytes } from "../base/ids.ts";
import type { FileSystem, OpenFile } from "../ports/file-system.ts";
import { crc32 } from "./crc32.ts";
import { diskErrorOf } from "./disk-error.ts";

const magic = Uint8Array.of(0x50, 0x32, 0x50, 0x54, 0x55, 0x49, 0x00, 0x4a);
const version = 1;
/** Magic, version, info hash, generation, CRC-32. */
const headerLength = magic.length + 1 + 20 + 4 + 4;
/** Piece and check, 32 bits each. */
const entryLength = 8;

/** For the reader of the file: twice what a journal of that many pieces can need. */
export function resumeJournalLengthMax(pieceCount: number): number {
  return headerLength + 2 * entryLength * pieceCount;
}

export class ResumeJournal {
  readonly #file: OpenFile;
  readonly #path: string;
  readonly #generation: number;
  #length: number;

  private constructor(file: OpenFile, path: string, generation: number) {
    this.#file = file;
    this.#path = path;
    this.#generation = generation;
    this.#length = headerLength;
  }

  /** Begins an empty journal in place of what is there. @param generation 0 … 2^32 - 1. @throws OperationalError. */
  static async begin(files: FileSystem, path: string, infoHash: InfoHash, generation: number): Promise<ResumeJournal> {
    try {
      const file = await files.open(path, "create");
      try {
        await file.truncate(0);
        await file.write([headerOf(infoHash, generation)], 0);
      } catch (error) {
        await file.close();
        throw error;
      }
      return new ResumeJournal(file, path, generation);
    } catch (error) {
      throw diskErrorOf(error, "write", path);
    }
  }

  /** To be called when the pieces' bytes have been written. @throws OperationalError. */
  append(pieces: readonly number[]): void {
    const bytes = new Uint8Array(entryLength * pieces.length);
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] ?? 0;
      putUint32(bytes, entryLength * i, piece);
      putUint32(bytes, entryLength * i + 4, checkOf(piece, this.#generation));
    }
    try {
      this.#file.writeSync([bytes], this.#length);
    } catch (error) {
      throw diskErrorOf(error, "write", this.#path);
    }
    this.#length += bytes.length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * The pieces that a journal names, as far as it is whole: the entry that a crash has cut, and all after it, are left
 * out. Empty for a journal of another torrent or generation, and for garbage.
 */
export function decodeJournal(bytes: Uint8Array, infoHash: InfoHash, generation: number, pieceCount: number): number[] {
  const header = headerOf(infoHash, generation);
  if (bytes.length < headerLength || header.some((byte, i) => bytes[i] !== byte)) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: number[] = [];
  for (let at = headerLength; at + entryLength <= bytes.length; at += entryLength) {
    const piece = view.getUint32(at);
    if (piece >= pieceCount || view.getUint32(at + 4) !== checkOf(piece, generation)) break;
    pieces.push(piece);
  }
  return pieces;
}

function headerOf(infoHash: InfoHash, generation: number): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint8(magic.length, version);
  bytes.set(infoHashToBytes(infoHash), magic.length + 1);
  view.setUint32(headerLength - 8, generation);
  view.setUint32(headerLength - 4, crc32(bytes.subarray(0, headerLength - 4)));
  return bytes;
}

/** By hand: a view takes memory of its own for what is written once and thrown away, for each few pieces of a download. */
function putUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (24 - 8 * i);
}

const checked = new Uint8Array(8);
const checkedView = new DataView(checked.buffer);

/** Zeros, old contents and half an entry do not pass for an entry. */
function checkOf(piece: number, generation: number): number {
  checkedView.setUint32(0, piece);
  checkedView.setUint32(4, generation);
  return crc32(checked);
}
