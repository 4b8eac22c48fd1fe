/**
 * What is remembered of a torrent between two runs: which pieces are verified and what its files looked like.
 *
 * Layout: 8 bytes of magic, a version byte, the length of a JSON header (32 bits, big endian), the header, the bitfield
 * of verified pieces in the wire's order, and the CRC-32 of all that. Written whole and atomically by its owner.
 * Anything that is not exactly that decodes to `undefined`: the torrent is then checked from the start.
 */
import { Bitfield } from "../base/bitfield.ts";
import { type InfoHash, infoHashFromHex } from "../base/ids.ts";
import { amountOf, finiteOf, listOf, naturalOf, textOf, truthOf } from "../base/json-fields.ts";
import { crc32 } from "./crc32.ts";

export interface ResumeRecord {
  readonly infoHash: InfoHash;
  /** Absolute path of the folder that the files are in. */
  readonly savePath: string;
  readonly isPaused: boolean;
  /** Taken before `fingerprints`, so that a file is never older in the record than the pieces that it claims. */
  readonly verified: Bitfield;
  /** `Storage.fingerprint()`, one for each file. */
  readonly fingerprints: readonly string[];
  /**
   * Written when the torrent was stopped: nothing was written to its files afterwards, so that any difference is
   * somebody else's. Says nothing of a loss of power: see `isSynced`.
   */
  readonly isClean: boolean;
  /** `Storage.sync()` (or `finish`) was called after `verified` was taken, and succeeded: they survive a loss of power. */
  readonly isSynced: boolean;
  /** Of the machine's run that this was written in; "" where it is not known. */
  readonly bootId: string;
  /** Of the journal that goes with this record: 0 … 2^32 - 1. */
  readonly generation: number;
  readonly writtenWallMs: number;
  /** Bytes of content ever received and sent. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** As an active seed, and of these since the last upload; 0 in records of version 0.1. */
  readonly seedingSeconds: number;
  readonly idleSeconds: number;
  readonly addedWallMs: number;
  readonly completedWallMs: number | undefined;
}

const magic = Uint8Array.of(0x50, 0x32, 0x50, 0x54, 0x55, 0x49, 0x00, 0x52);
const version = 1;
const headerAt = magic.length + 5;
const checksumLength = 4;

/** For the reader of the file: 100,000 files with long fingerprints and 10 million pieces fit. */
export const resumeRecordLengthMax = 32 * 1024 * 1024;

export function encodeResume(record: ResumeRecord): Uint8Array {
  const { verified, ...rest } = record;
  const header = new TextEncoder().encode(JSON.stringify({ ...rest, pieceCount: verified.length }));
  const bytes = new Uint8Array(headerAt + header.length + verified.bytes.length + checksumLength);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint8(magic.length, version);
  view.setUint32(magic.length + 1, header.length);
  bytes.set(header, headerAt);
  bytes.set(verified.bytes, headerAt + header.length);
  view.setUint32(bytes.length - checksumLength, crc32(bytes.subarray(0, -checksumLength)));
  return bytes;
}

/** @returns `undefined` for anything that is not a whole record of this version. Never throws. */
export function decodeResume(bytes: Uint8Array): ResumeRecord | undefined {
  if (bytes.length < headerAt + checksumLength || bytes.length > resumeRecordLengthMax) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (magic.some((byte, i) => bytes[i] !== byte) || view.getUint8(magic.length) !== version) return undefined;
  const bodyEnd = bytes.length - checksumLength;
  if (view.getUint32(bodyEnd) !== crc32(bytes.subarray(0, bodyEnd))) return undefined;
  const headerEnd = headerAt + view.getUint32(magic.length + 1);
  if (headerEnd > bodyEnd) return undefined;
  try {
    const header: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(headerAt, headerEnd)),
    );
    if (typeof header !== "object" || header === null || Array.isArray(header)) return undefined;
    return recordOf(header, bytes.subarray(headerEnd, bodyEnd));
  } catch {
    return undefined;
  }
}

type Untrusted = { readonly [Field in keyof ResumeRecord | "pieceCount"]?: unknown };

/** Throws where a field is not what it must be. */
function recordOf(header: Untrusted, bits: Uint8Array): ResumeRecord | undefined {
  const verified = Bitfield.fromWire(naturalOf(header.pieceCount), bits);
  if (verified === undefined) return undefined;
  const completed = header.completedWallMs;
  const generation = naturalOf(header.generation);
  if (generation > 0xffff_ffff) return undefined;
  return {
    infoHash: infoHashFromHex(textOf(header.infoHash)),
    savePath: textOf(header.savePath),
    isPaused: truthOf(header.isPaused),
    verified,
    fingerprints: listOf(header.fingerprints).map(textOf),
    isClean: truthOf(header.isClean),
    isSynced: truthOf(header.isSynced),
    bootId: textOf(header.bootId),
    generation,
    writtenWallMs: finiteOf(header.writtenWallMs),
    downloadedBytes: naturalOf(header.downloadedBytes),
    uploadedBytes: naturalOf(header.uploadedBytes),
    seedingSeconds: amountOf(header.seedingSeconds ?? 0),
    idleSeconds: amountOf(header.idleSeconds ?? 0),
    addedWallMs: finiteOf(header.addedWallMs),
    completedWallMs: completed === undefined ? undefined : finiteOf(completed),
  };
}
