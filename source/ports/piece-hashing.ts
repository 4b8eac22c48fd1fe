/**
 * Reading and hashing pieces on all of the processor's cores. A world without it (one core, a disk that is not the system's)
 * hashes where it is, through `Hasher`.
 */

/** Bytes of the content as they lie on the disk. */
export interface FileSpan {
  /** Absolute. `undefined`: bytes that are zero and on no disk (padding). */
  readonly path: string | undefined;
  readonly position: number;
  readonly length: number;
}

/** Consecutive pieces. */
export interface HashingJob {
  /** Their bytes in order. Links are not followed in the last part of a path. */
  readonly spans: readonly FileSpan[];
  /** Of each but the last, which may be shorter. */
  readonly pieceLength: number;
}

export interface HashedPieces {
  /** 20 bytes for each piece. */
  readonly digests: Uint8Array;
  /** For each piece 1 where all of its bytes were there; where not, 0, and its digest means nothing. */
  readonly whole: Uint8Array;
}

export interface PieceHashing {
  /** Jobs that are worked on at once, 2 or more. */
  readonly width: number;
  /** Rejects with the system's error, which has the `path`. A file that is missing or too short is none. */
  hash(job: HashingJob): Promise<HashedPieces>;
}

/** Content that is not worth the start of threads: hashed in a twentieth of a second. */
export const alonePieceBytesMax = 64 * 1024 * 1024;
/** What a job should come to: a few milliseconds, so that progress is smooth and stopping is quick. A piece may be longer. */
export const jobBytes = 4 * 1024 * 1024;

/** Of the file that an error of `PieceHashing.hash` is about. */
export function pathOf(error: unknown): string {
  return error instanceof Error && "path" in error ? String(error.path) : "";
}
