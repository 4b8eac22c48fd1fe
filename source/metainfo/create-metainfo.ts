/** Makes a .torrent file of a file or folder (BEP 3, 12, 27). Reads it once: on several cores in threads, else in the content's order. */

import { OperationalError } from "../base/errors.ts";
import { fewAtOnce } from "../base/few-at-once.ts";
import { encode } from "../bencode/encode.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { Hasher, RunningHash } from "../ports/hasher.ts";
import { alonePieceBytesMax, type FileSpan, jobBytes, type PieceHashing, pathOf } from "../ports/piece-hashing.ts";
import { attempt, type ContentFile, type ContentFiles, findContent, refuseCancelled } from "./content-files.ts";
import { isTrackerUrl } from "./metainfo-urls.ts";
import { metainfoLengthMax, pieceLengthMax } from "./parse-metainfo.ts";

export interface CreateProgress {
  /** Bytes. */
  readonly hashedLength: number;
  readonly totalLength: number;
}

export interface CreateOptions {
  /** Absolute: a file, or a folder with everything in it. */
  readonly path: string;
  /** Tiers of announce URLs (BEP 12), the first to be tried first. May be empty. */
  readonly trackers: readonly (readonly string[])[];
  /** Bytes, a power of two from 16 KiB to 2^28. Default: `automaticPieceLength`. */
  readonly pieceLength?: number | undefined;
  /** BEP 27: peers only from the trackers. */
  readonly isPrivate?: boolean | undefined;
  readonly comment?: string | undefined;
  /** Program and version, `p2p-tui/1.2.3`. */
  readonly createdBy?: string | undefined;
  /** After each read, of 1 to 4 MiB or a piece. */
  readonly onProgress?: ((progress: CreateProgress) => void) | undefined;
  /** Told of each link, socket, device below the path, all of which are left out. */
  readonly onSkipped?: ((absolutePath: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const pieceLengthMin = 16 * 1024;
const automaticPieceLengthMax = 16 * 1024 * 1024;
const automaticPiecesMax = 2000;
/** Few system calls a second, and the loop is free again every millisecond or two. */
const readLength = 1024 * 1024;
const hashLength = 20;

/**
 * A power of two that cuts the content into 1000 to 2000 pieces, from 16 KiB (one block) to 16 MiB: few enough for a
 * small torrent file, many enough that neighbours soon have something to give.
 */
export function automaticPieceLength(totalLength: number): number {
  let pieceLength = pieceLengthMin;
  while (pieceLength < automaticPieceLengthMax && totalLength > pieceLength * automaticPiecesMax) pieceLength *= 2;
  return pieceLength;
}

/**
 * @returns the bytes of the .torrent file.
 * @throws OperationalError `bad-piece-length`, `bad-tracker`, `empty`, `unsafe-name`, `too-large`, `changed` (while it
 * was read), `cancelled`, or the system's code.
 */
export async function createMetainfo(
  ports: {
    readonly files: FileSystem;
    readonly hasher: Hasher;
    readonly clock: Clock;
    readonly pieceHashing?: PieceHashing | undefined;
  },
  options: CreateOptions,
): Promise<Uint8Array> {
  refuseBadPieceLength(options.pieceLength);
  const tiers = options.trackers.filter((tier) => tier.length > 0);
  for (const url of tiers.flat()) {
    if (!isTrackerUrl(url)) {
      throw new OperationalError("bad-tracker", `${JSON.stringify(url)} is not an http, https or udp URL`);
    }
  }
  const content = await findContent(ports.files, options.path, options.onSkipped ?? (() => {}), options.signal);
  const pieceLength = options.pieceLength ?? automaticPieceLength(content.totalLength);
  const { pieceHashing } = ports;
  const pieces =
    pieceHashing !== undefined && content.totalLength > alonePieceBytesMax
      ? await hashInThreads(ports.files, pieceHashing, content, pieceLength, options)
      : await hashPieces(ports, content, pieceLength, options);
  const urls = tiers.flat();
  const bytes = encode({
    announce: urls[0],
    "announce-list": urls.length > 1 ? tiers : undefined,
    comment: options.comment,
    "created by": options.createdBy,
    "creation date": Math.floor(ports.clock.wallMs() / 1000),
    info: {
      name: content.name,
      "piece length": pieceLength,
      pieces,
      private: options.isPrivate === true ? 1 : undefined,
      ...(content.isFolder
        ? { files: content.files.map(({ path, length }) => ({ path, length })) }
        : { length: content.totalLength }),
    },
  });
  if (bytes.length > metainfoLengthMax) throw tooLarge();
  return bytes;
}

function refuseBadPieceLength(pieceLength: number | undefined): void {
  if (pieceLength === undefined) return;
  if (pieceLength >= pieceLengthMin && pieceLength <= pieceLengthMax && Number.isInteger(Math.log2(pieceLength)))
    return;
  throw new OperationalError("bad-piece-length", "a piece length is a power of two from 16 KiB to 256 MiB");
}

function tooLarge(): OperationalError {
  return new OperationalError("too-large", "the torrent file would be larger than 32 MiB; make the pieces longer");
}

/** @throws OperationalError `too-large`. */
function pieceCountOf(content: ContentFiles, pieceLength: number): number {
  const pieceCount = Math.ceil(content.totalLength / pieceLength);
  if (pieceCount * hashLength > metainfoLengthMax) throw tooLarge();
  return pieceCount;
}

async function hashInThreads(
  files: FileSystem,
  hashing: PieceHashing,
  content: ContentFiles,
  pieceLength: number,
  options: CreateOptions,
): Promise<Uint8Array> {
  const hashes = new Uint8Array(pieceCountOf(content, pieceLength) * hashLength);
  let hashedLength = 0;
  let isShort = false;
  const hash = async ({ first, spans, length }: Run): Promise<void> => {
    refuseCancelled(options.signal);
    const { digests, whole } = await hashing
      .hash({ spans, pieceLength })
      .catch((error: unknown) => attempt(pathOf(error), () => Promise.reject(error)));
    refuseCancelled(options.signal);
    if (whole.includes(0)) isShort = true;
    hashes.set(digests, first * hashLength);
    hashedLength += length;
    options.onProgress?.({ hashedLength, totalLength: content.totalLength });
  };
  // The next job of each thread waits for it there.
  await fewAtOnce(runsOf(content, pieceLength), hash, 2 * hashing.width);
  for (const file of content.files) {
    const stat = await attempt(file.absolutePath, () => files.stat(file.absolutePath));
    if (stat?.length !== file.length || stat.modifiedMs !== file.modifiedMs) throw changed(file);
  }
  if (isShort) throw new OperationalError("changed", "a file changed while it was read; try again");
  return hashes;
}

/** Consecutive pieces and where their bytes are. */
interface Run {
  readonly first: number;
  readonly spans: readonly FileSpan[];
  readonly length: number;
}

function* runsOf(content: ContentFiles, pieceLength: number): Generator<Run> {
  const lengthMax = Math.max(1, Math.floor(jobBytes / pieceLength)) * pieceLength;
  let first = 0;
  let spans: FileSpan[] = [];
  let length = 0;
  for (const file of content.files) {
    for (let position = 0; position < file.length; ) {
      const taken = Math.min(file.length - position, lengthMax - length);
      spans.push({ path: file.absolutePath, position, length: taken });
      position += taken;
      length += taken;
      if (length < lengthMax) continue;
      yield { first, spans, length };
      first += lengthMax / pieceLength;
      spans = [];
      length = 0;
    }
  }
  if (length > 0) yield { first, spans, length };
}

async function hashPieces(
  ports: { readonly files: FileSystem; readonly hasher: Hasher },
  content: ContentFiles,
  pieceLength: number,
  options: CreateOptions,
): Promise<Uint8Array> {
  const pieceCount = pieceCountOf(content, pieceLength);
  const hasher = new PieceHasher(ports.hasher, pieceLength, pieceCount);
  // One is read while the other is hashed.
  const buffers: [Uint8Array, Uint8Array] = [new Uint8Array(readLength), new Uint8Array(readLength)];
  let hashedLength = 0;
  for (const file of content.files) {
    await readFile(ports.files, file, buffers, (bytes) => {
      refuseCancelled(options.signal);
      hasher.update(bytes);
      hashedLength += bytes.length;
      options.onProgress?.({ hashedLength, totalLength: content.totalLength });
    });
  }
  return hasher.finish();
}

/** Hands over the whole file in order; the bytes are overwritten after `use` returns. */
async function readFile(
  files: FileSystem,
  file: ContentFile,
  buffers: [Uint8Array, Uint8Array],
  use: (bytes: Uint8Array) => void,
): Promise<void> {
  const open = await attempt(file.absolutePath, () => files.open(file.absolutePath, "read"));
  try {
    const begin = (offset: number): Promise<Uint8Array> | undefined => {
      if (offset >= file.length) return undefined;
      const into = buffers[0].subarray(0, Math.min(readLength, file.length - offset));
      buffers.reverse();
      const read = attempt(file.absolutePath, async () => into.subarray(0, await open.read(into, offset)));
      // It is awaited below; until then its failure is not nobody's.
      read.catch(() => {});
      return read;
    };
    let offset = 0;
    let next = begin(0);
    while (next !== undefined) {
      const bytes = await next;
      if (bytes.length === 0) throw changed(file);
      offset += bytes.length;
      next = begin(offset);
      use(bytes);
    }
    const stat = await attempt(file.absolutePath, () => open.stat());
    if (stat.length !== file.length || stat.modifiedMs !== file.modifiedMs) throw changed(file);
  } finally {
    await open.close();
  }
}

function changed(file: ContentFile): OperationalError {
  return new OperationalError("changed", `${file.absolutePath} changed while it was read; try again`);
}

/** The content as one stream, cut into pieces. */
class PieceHasher {
  readonly #hasher: Hasher;
  readonly #pieceLength: number;
  readonly #hashes: Uint8Array;
  #running: RunningHash | undefined;
  #missingLength = 0;
  #pieceIndex = 0;

  constructor(hasher: Hasher, pieceLength: number, pieceCount: number) {
    this.#hasher = hasher;
    this.#pieceLength = pieceLength;
    this.#hashes = new Uint8Array(pieceCount * hashLength);
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#running === undefined) {
        this.#running = this.#hasher.begin();
        this.#missingLength = this.#pieceLength;
      }
      const length = Math.min(this.#missingLength, bytes.length - at);
      this.#running.update(bytes.subarray(at, at + length));
      this.#missingLength -= length;
      at += length;
      if (this.#missingLength === 0) this.#endPiece(this.#running);
    }
  }

  finish(): Uint8Array {
    if (this.#running !== undefined) this.#endPiece(this.#running);
    return this.#hashes;
  }

  #endPiece(running: RunningHash): void {
    this.#hashes.set(running.digest(), hashLength * this.#pieceIndex++);
    this.#running = undefined;
  }
}
