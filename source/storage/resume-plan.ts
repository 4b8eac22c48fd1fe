/**
 * Decides on a start which pieces may be believed without reading them. A pure function of what was remembered and of
 * what the files look like now.
 *
 * Why it is right:
 * - Bytes are written before their piece is entered in the journal or a record, and the page cache outlives a process.
 *   So after a kill every piece that record or journal names is in the files, as long as the machine has not restarted.
 * - After a restart of the machine (or where that is not known) only what was synced before its record was written is
 *   sure; the rest is read and hashed again.
 * - A file that somebody else has changed is hashed again from end to end, whatever was verified before: it may also
 *   hold more than we knew. After a clean stop any difference in length or time of change means that. After a kill the
 *   files under way differ from the record because we went on writing; such a difference is taken for ours only if the
 *   file was not complete in the record, is still the same file, has not become shorter or older, and was last changed
 *   no later than we were alive.
 * - A file that ends before a piece that it is to hold was cut by somebody, whatever the record says: it is hashed again.
 * - Pieces of a file that is not there are neither believed nor hashed.
 * - What lies aside (side-file.ts) is judged by the side file, which changes as long as any of it changes. A file that
 *   came out of it since is one that appeared; one whose bytes were in itself is not there, whatever the side file has.
 *
 * What it cannot see: a change that keeps length and time, and one made to an unfinished file within the half minute
 * after a kill. `p2p-tui verify` sees those.
 */
import { Bitfield } from "../base/bitfield.ts";
import type { Metainfo, MetainfoFile } from "../metainfo/metainfo.ts";
import { asidePrefix, missingFingerprint } from "./file-care.ts";
import { piecesOfFile } from "./pieces-of-file.ts";
import type { ResumeRecord } from "./resume-record.ts";

/** Blocks are written after the last record or journal entry before a kill: a record is due every few seconds. */
const aliveSlackMs = 30_000;
/** FAT keeps times of change to 2 s: a machine's restart rounds them. */
const coarseTimeMs = 2000;

export interface ResumeInput {
  readonly metainfo: Pick<Metainfo, "files" | "pieceLength" | "pieceCount" | "infoHash">;
  readonly record: ResumeRecord;
  /** From `decodeJournal`; empty where there is none. */
  readonly journal: readonly number[];
  /** `Storage.fingerprint()` now. */
  readonly current: readonly string[];
  /** Of the machine's present run; "" where it is not known. */
  readonly bootId: string;
  /** When the record or journal file was last changed, by the file system's clock. Default: when the record says. */
  readonly aliveUntilWallMs?: number;
}

export interface ResumePlan {
  /** Pieces that are right. */
  readonly trusted: Bitfield;
  /** Pieces to be hashed (`Storage.check`), none of which is in `trusted`. Empty: nothing is to be read. */
  readonly recheck: Bitfield;
  /** Files that somebody else has changed since, to be told to the user. */
  readonly changedFiles: readonly number[];
  /** `trusted` is on the disk and survives a loss of power. Else a process that was killed may have left it in memory. */
  readonly isSynced: boolean;
}

export function planResume(input: ResumeInput): ResumePlan {
  const { metainfo, record, journal, current } = input;
  const trusted = new Bitfield(metainfo.pieceCount);
  const recheck = new Bitfield(metainfo.pieceCount);
  const isOfThisTorrent =
    record.infoHash === metainfo.infoHash &&
    record.verified.length === metainfo.pieceCount &&
    record.fingerprints.length === metainfo.files.length &&
    current.length === metainfo.files.length;
  if (!isOfThisTorrent) {
    recheck.fill();
    return { trusted, recheck, changedFiles: [], isSynced: false };
  }
  const isSameBoot = record.bootId !== "" && record.bootId === input.bootId;
  const isRecordSure = record.isSynced || isSameBoot;
  for (let piece = 0; piece < metainfo.pieceCount; piece++) {
    if (record.verified.has(piece)) (isRecordSure ? trusted : recheck).set(piece);
  }
  for (const piece of journal) {
    if (piece < metainfo.pieceCount && !record.verified.has(piece)) (isSameBoot ? trusted : recheck).set(piece);
  }

  const changedFiles: number[] = [];
  const missingFiles: number[] = [];
  metainfo.files.forEach((file, index) => {
    if (file.isPadding || file.length === 0) return;
    const verdict = judgeFile(input, file, index, isSameBoot);
    if (verdict === "changed") changedFiles.push(index);
    if (verdict === "missing") missingFiles.push(index);
    if ((verdict === "same" || verdict === "ours") && isCut(input, file, index, trusted)) changedFiles.push(index);
  });
  for (const index of changedFiles) {
    forEachPiece(metainfo, index, (piece) => {
      trusted.clear(piece);
      recheck.set(piece);
    });
  }
  // Last: a piece that reaches into a missing file need not be read for the sake of a changed one.
  for (const index of missingFiles) {
    forEachPiece(metainfo, index, (piece) => {
      trusted.clear(piece);
      recheck.clear(piece);
    });
  }
  return { trusted, recheck, changedFiles, isSynced: record.isSynced && journal.length === 0 };
}

type Verdict = "same" | "ours" | "changed" | "missing";

function judgeFile(input: ResumeInput, file: MetainfoFile, index: number, isSameBoot: boolean): Verdict {
  const { record } = input;
  const nowText = input.current[index] ?? missingFingerprint;
  const thenText = record.fingerprints[index] ?? missingFingerprint;
  if (nowText === missingFingerprint) return "missing";
  const isAside = nowText.startsWith(asidePrefix);
  const wasAside = thenText.startsWith(asidePrefix);
  if (isAside && !wasAside && thenText !== missingFingerprint) return "missing";
  const now = parse(withoutPrefix(nowText));
  if (now === undefined) return nowText === thenText ? "same" : "changed";
  if (now.kind !== "file") return "missing";
  const aliveUntilMs = (input.aliveUntilWallMs ?? record.writtenWallMs) + aliveSlackMs;
  const then = isAside === wasAside ? parse(withoutPrefix(thenText)) : undefined;
  if (then === undefined) {
    // It appeared since. A file longer than the torrent's is not what we were making.
    const mayBeOurs = isAside || now.length <= file.length;
    const isOurs = !record.isClean && now.modifiedMs <= aliveUntilMs && mayBeOurs;
    return isOurs && (wasAside || thenText === missingFingerprint) ? "ours" : "changed";
  }
  // The numbers of devices, and on some file systems of files, are given anew when the machine starts.
  const isSameFile = now.identity === then.identity || !isSameBoot;
  if (now.length === then.length && isSameTime(now.modifiedMs, then.modifiedMs, isSameBoot) && isSameFile)
    return "same";
  if (record.isClean || !isSameFile || (!isAside && isComplete(input, index))) return "changed";
  if (now.length < then.length || now.modifiedMs < then.modifiedMs || now.modifiedMs > aliveUntilMs) return "changed";
  return "ours";
}

/** Whether it is too short for what is trusted of it: somebody cut it while we were writing, and we took that for our doing. */
function isCut({ metainfo, current }: ResumeInput, file: MetainfoFile, index: number, trusted: Bitfield): boolean {
  const now = parse(current[index] ?? missingFingerprint);
  if (now === undefined || now.length >= file.length) return false;
  const first = Math.floor((file.offset + now.length) / metainfo.pieceLength);
  const last = Math.floor((file.offset + file.length - 1) / metainfo.pieceLength);
  for (let piece = first; piece <= last; piece++) if (trusted.has(piece)) return true;
  return false;
}

function withoutPrefix(text: string): string {
  return text.startsWith(asidePrefix) ? text.slice(asidePrefix.length) : text;
}

function isSameTime(nowMs: number, thenMs: number, isSameBoot: boolean): boolean {
  if (nowMs === thenMs) return true;
  return !isSameBoot && nowMs % 1000 === 0 && Math.abs(nowMs - thenMs) <= coarseTimeMs;
}

/** Whether all of the file's pieces were verified in the record: then we had no reason to write to it again. */
function isComplete(input: ResumeInput, index: number): boolean {
  let complete = true;
  forEachPiece(input.metainfo, index, (piece) => {
    if (!input.record.verified.has(piece)) complete = false;
  });
  return complete;
}

function forEachPiece(
  metainfo: Pick<Metainfo, "files" | "pieceLength">,
  fileIndex: number,
  visit: (piece: number) => void,
): void {
  const pieces = piecesOfFile(metainfo, fileIndex);
  if (pieces === undefined) return;
  for (let piece = pieces.first; piece <= pieces.last; piece++) visit(piece);
}

interface Fingerprint {
  readonly kind: string;
  readonly length: number;
  readonly modifiedMs: number;
  readonly identity: string;
}

/** The parts of `fingerprintOf`; `undefined` for anything else, generated content for one. */
function parse(text: string): Fingerprint | undefined {
  const match = /^(file|directory|link|other) (\d{1,16}) (-?\d{1,16}(?:\.\d{1,12})?) ([\d:]{1,64})$/.exec(text);
  if (match === null) return undefined;
  const [, kind = "", length, modifiedMs, identity = ""] = match;
  return { kind, length: Number(length), modifiedMs: Number(modifiedMs), identity };
}
