/**
 * Hashes what lies on the disk. On several cores threads read and hash runs of pieces; on one, or where it is little, this
 * thread goes piece after piece: two buffers, one of which is filled while the other is hashed, so that it runs at the speed of
 * the slower of disk and processor. Between two buffers (about a millisecond of hashing) the event loop gets its turn.
 */

import { Bitfield } from "../base/bitfield.ts";
import { fewAtOnce } from "../base/few-at-once.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Hasher, RunningHash } from "../ports/hasher.ts";
import { alonePieceBytesMax, type FileSpan, jobBytes, type PieceHashing, pathOf } from "../ports/piece-hashing.ts";
import { diskErrorOf } from "./disk-error.ts";
import { isDigestAt } from "./piece-assembler.ts";
import type { CheckProgress } from "./storage.ts";

/** Bytes read at once. Two of these stay in a processor's cache; smaller reads cost more for each byte. */
const readLength = 1024 * 1024;

export interface CheckJob {
  readonly geometry: Geometry;
  readonly pieceHashes: Uint8Array;
  readonly hasher: Hasher;
  /** The pieces to look at, all of which may be there. */
  readonly candidates: Bitfield;
  /** Pieces that count as looked at from the start, for the progress. */
  readonly skippedCount: number;
  /** Fills `into`; returns the spans that are not there. Lets the event loop have its turn. */
  readonly read: (offset: number, into: Uint8Array) => Promise<readonly number[]>;
  /** All cores, and where on the disk bytes of the content lie. */
  readonly threads?: {
    readonly hashing: PieceHashing;
    readonly spans: (offset: number, length: number) => readonly FileSpan[];
  };
}

interface Step {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly missing: Promise<readonly number[]>;
}

/** @returns the candidates that are right. @throws the signal's reason; OperationalError. */
export async function checkPieces(
  job: CheckJob,
  onProgress: (progress: CheckProgress) => void,
  signal: AbortSignal,
): Promise<Bitfield> {
  const { threads, candidates, geometry } = job;
  if (threads !== undefined && candidates.count * geometry.pieceLength > alonePieceBytesMax) {
    return checkInThreads(job, threads, onProgress, signal);
  }
  const stream = new PieceStream(job);
  const spans = spansOf(job);
  const buffers = [new Uint8Array(readLength), new Uint8Array(readLength)];
  let count = 0;
  const begin = (): Step | undefined => {
    const span = spans.next();
    if (span.done === true) return undefined;
    const bytes = (buffers[count++ & 1] ?? new Uint8Array(readLength)).subarray(0, span.value.length);
    const missing = job.read(span.value.offset, bytes);
    // Observed here too: when the check is stopped nobody waits for the read that is under way.
    missing.catch(() => undefined);
    return { offset: span.value.offset, bytes, missing };
  };
  const report = () => {
    onProgress({ checkedPieces: job.skippedCount + stream.checkedCount, pieceCount: job.geometry.pieceCount });
  };
  signal.throwIfAborted();
  report();
  let step = begin();
  while (step !== undefined) {
    const missing = await step.missing;
    const following = signal.aborted ? undefined : begin();
    try {
      signal.throwIfAborted();
      stream.feed(step.offset, step.bytes, missing);
      report();
    } catch (error) {
      await following?.missing.catch(() => undefined);
      throw error;
    }
    step = following;
  }
  return stream.right;
}

async function checkInThreads(
  { geometry, candidates, pieceHashes, skippedCount }: CheckJob,
  { hashing, spans }: NonNullable<CheckJob["threads"]>,
  onProgress: (progress: CheckProgress) => void,
  signal: AbortSignal,
): Promise<Bitfield> {
  const right = new Bitfield(geometry.pieceCount);
  let checkedPieces = skippedCount;
  const report = () => onProgress({ checkedPieces, pieceCount: geometry.pieceCount });
  signal.throwIfAborted();
  report();
  const check = async ({ first, count }: Run): Promise<void> => {
    signal.throwIfAborted();
    const offset = first * geometry.pieceLength;
    const end = Math.min(offset + count * geometry.pieceLength, geometry.totalLength);
    const job = { spans: spans(offset, end - offset), pieceLength: geometry.pieceLength };
    const { digests, whole } = await hashing.hash(job).catch((error: unknown) => {
      throw diskErrorOf(error, "read", pathOf(error));
    });
    signal.throwIfAborted();
    for (let i = 0; i < count; i++) {
      const digest = digests.subarray(20 * i, 20 * i + 20);
      if (whole[i] === 1 && isDigestAt(pieceHashes, first + i, digest)) right.set(geometry.piece(first + i));
    }
    checkedPieces += count;
    report();
  };
  // The next job of each thread waits for it there.
  await fewAtOnce(
    runsOf(candidates, Math.max(1, Math.floor(jobBytes / geometry.pieceLength))),
    check,
    2 * hashing.width,
  );
  return right;
}

/** Consecutive pieces. */
interface Run {
  readonly first: number;
  readonly count: number;
}

function* runsOf(candidates: Bitfield, countMax: number): Generator<Run> {
  for (let first = 0; first < candidates.length; first++) {
    let count = 0;
    while (count < countMax && first + count < candidates.length && candidates.has(first + count)) count++;
    if (count === 0) continue;
    yield { first, count };
    first += count - 1;
  }
}

/** The candidates' bytes, consecutive pieces together, in spans of at most one buffer. */
function* spansOf(job: CheckJob): Generator<{ readonly offset: number; readonly length: number }> {
  const { geometry, candidates } = job;
  let index = 0;
  while (index < geometry.pieceCount) {
    if (!candidates.has(index)) {
      index++;
      continue;
    }
    let offset = geometry.offsetOf(geometry.piece(index));
    while (index < geometry.pieceCount && candidates.has(index)) index++;
    const end = Math.min(index * geometry.pieceLength, geometry.totalLength);
    for (; offset < end; offset += readLength) yield { offset, length: Math.min(readLength, end - offset) };
  }
}

/** Cuts the bytes into pieces and hashes each. */
class PieceStream {
  readonly right: Bitfield;
  checkedCount = 0;
  readonly #job: CheckJob;
  #hash: RunningHash | undefined;
  #isBroken = false;

  constructor(job: CheckJob) {
    this.#job = job;
    this.right = new Bitfield(job.geometry.pieceCount);
  }

  /** @param offset follows the bytes before, or begins a piece. */
  feed(offset: number, bytes: Uint8Array, missing: readonly number[]): void {
    const { geometry, hasher, pieceHashes } = this.#job;
    let at = 0;
    while (at < bytes.length) {
      const piece = geometry.piece(Math.floor((offset + at) / geometry.pieceLength));
      const pieceLength = geometry.lengthOf(piece);
      const begin = offset + at - geometry.offsetOf(piece);
      const end = Math.min(at + pieceLength - begin, bytes.length);
      const part = bytes.subarray(at, end);
      if (overlaps(missing, at, end)) this.#isBroken = true;
      const isLast = begin + part.length === pieceLength;
      if (!this.#isBroken) {
        const isWhole = part.length === pieceLength;
        if (!isWhole) {
          this.#hash ??= hasher.begin();
          this.#hash.update(part);
        }
        const digest = isWhole ? hasher.sha1(part) : isLast ? this.#hash?.digest() : undefined;
        if (digest !== undefined && isDigestAt(pieceHashes, piece, digest)) this.right.set(piece);
      }
      if (isLast) {
        this.checkedCount++;
        this.#isBroken = false;
        this.#hash = undefined;
      }
      at = end;
    }
  }
}

/** Whether one of the spans (start, end, start, end, …) has bytes from `from` to `to`. */
export function overlaps(spans: readonly number[], from: number, to: number): boolean {
  for (let i = 0; i < spans.length; i += 2) {
    if ((spans[i] ?? 0) < to && (spans[i + 1] ?? 0) > from) return true;
  }
  return false;
}
