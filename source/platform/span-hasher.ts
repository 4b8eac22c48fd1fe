/** Reads spans of files and hashes the pieces that they make up: the work of one thread of `WorkerHashing`. */
import { codeOf } from "../base/errors.ts";
import type { OpenFile } from "../ports/file-system.ts";
import type { RunningHash } from "../ports/hasher.ts";
import type { FileSpan, HashedPieces, HashingJob } from "../ports/piece-hashing.ts";
import { NodeFileSystem } from "./node-file-system.ts";
import { NodeHasher } from "./node-hasher.ts";

/** Bytes read before they are hashed: what a disk reads in one sweep, and what still fits in the processor's cache. */
const batchLength = 2 * 1024 * 1024;
const digestLength = 20;

/** Keeps others from reading at the same time: a disk that turns would seek to and fro between them. */
export interface ReadingTurn {
  take(): void;
  give(): void;
}

export class SpanHasher {
  readonly #files = new NodeFileSystem();
  readonly #hasher = new NodeHasher();
  readonly #turn: ReadingTurn;
  readonly #batch = new Uint8Array(batchLength);

  constructor(turn: ReadingTurn) {
    this.#turn = turn;
  }

  /** Throws the system's error with the `path`. */
  async hash({ spans, pieceLength }: HashingJob): Promise<HashedPieces> {
    const total = spans.reduce((sum, { length }) => sum + length, 0);
    const pieceCount = Math.ceil(total / pieceLength);
    const result = { digests: new Uint8Array(digestLength * pieceCount), whole: new Uint8Array(pieceCount).fill(1) };
    const reader = new SpanReader(this.#files, spans);
    let hash: RunningHash | undefined;
    let offset = 0;
    try {
      while (offset < total) {
        const batch = this.#batch.subarray(0, Math.min(batchLength, total - offset));
        const missing = this.#read(reader, batch);
        for (let i = 0; i < missing.length; i += 2) {
          const from = Math.floor((offset + (missing[i] ?? 0)) / pieceLength);
          const to = Math.ceil((offset + (missing[i + 1] ?? 0)) / pieceLength);
          result.whole.fill(0, from, to);
        }
        for (let at = 0; at < batch.length; ) {
          const piece = Math.floor((offset + at) / pieceLength);
          const end = Math.min((piece + 1) * pieceLength - offset, batch.length);
          hash ??= this.#hasher.begin();
          hash.update(batch.subarray(at, end));
          at = end;
          if (offset + at !== Math.min((piece + 1) * pieceLength, total)) continue;
          result.digests.set(hash.digest(), digestLength * piece);
          hash = undefined;
        }
        offset += batch.length;
      }
      return result;
    } finally {
      await reader.close();
    }
  }

  #read(reader: SpanReader, into: Uint8Array): readonly number[] {
    this.#turn.take();
    try {
      return reader.read(into);
    } finally {
      this.#turn.give();
    }
  }
}

/** The spans as one stream. */
class SpanReader {
  readonly #files: NodeFileSystem;
  readonly #spans: readonly FileSpan[];
  #index = 0;
  /** Read of the span at `#index`. */
  #done = 0;
  #open: { readonly path: string; readonly file: OpenFile | undefined } | undefined;

  constructor(files: NodeFileSystem, spans: readonly FileSpan[]) {
    this.#files = files;
    this.#spans = spans;
  }

  /** Fills `into` with what follows. @returns what of it is not there: start, end, start, end, … */
  read(into: Uint8Array): readonly number[] {
    const missing: number[] = [];
    for (let at = 0; at < into.length; ) {
      const span = this.#spans[this.#index];
      if (span === undefined) break;
      const target = into.subarray(at, at + Math.min(span.length - this.#done, into.length - at));
      const count = this.#fill(span, target);
      if (count < target.length) missing.push(at + count, at + target.length);
      at += target.length;
      this.#done += target.length;
      if (this.#done < span.length) continue;
      this.#index++;
      this.#done = 0;
    }
    return missing;
  }

  async close(): Promise<void> {
    const file = this.#open?.file;
    this.#open = undefined;
    await file?.close();
  }

  #fill({ path, position }: FileSpan, target: Uint8Array): number {
    if (path === undefined) return target.fill(0).length;
    try {
      return this.#fileAt(path)?.readSync([target], position + this.#done) ?? 0;
    } catch (error) {
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), { path });
    }
  }

  /** `undefined` where there is none. */
  #fileAt(path: string): OpenFile | undefined {
    if (this.#open?.path === path) return this.#open.file;
    // Only read: there is nothing that closing could still tell.
    this.close().catch(() => undefined);
    let file: OpenFile | undefined;
    try {
      file = this.#files.openSync(path, "read");
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
    }
    this.#open = { path, file };
    return file;
  }
}
