/** One torrent's content in one array, for tests and small simulations. */
import { assert } from "../base/assert.ts";
import { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Ports } from "../ports/ports.ts";
import { checkPieces } from "./checker.ts";
import { ContentLayout } from "./content-layout.ts";
import { PieceAssembler } from "./piece-assembler.ts";
import { piecesOfFile } from "./pieces-of-file.ts";
import type { CheckProgress, Storage, StorageEvents } from "./storage.ts";

/** More is not for memory. */
const totalLengthMax = 2 ** 30;

export interface MemoryStorageOptions {
  readonly metainfo: Metainfo;
  /** What is there at first. Default: zeros. It is used, not copied. */
  readonly bytes?: Uint8Array;
}

export class MemoryStorage implements Storage {
  readonly isCongested = false;
  readonly isFull = false;
  readonly isWarm = true;
  /** The content; zeros where nothing was written. */
  readonly bytes: Uint8Array;
  readonly #hasher: Ports["hasher"];
  readonly #metainfo: Metainfo;
  readonly #geometry: Geometry;
  readonly #layout: ContentLayout;
  readonly #assembler: PieceAssembler;
  #events: StorageEvents | undefined;
  #changeCount = 0;

  constructor(ports: Pick<Ports, "hasher" | "clock">, options: MemoryStorageOptions) {
    const { metainfo } = options;
    assert(metainfo.totalLength <= totalLengthMax, "content that fits in memory");
    this.#hasher = ports.hasher;
    this.#metainfo = metainfo;
    this.#geometry = new Geometry(metainfo.pieceLength, metainfo.totalLength);
    this.#layout = new ContentLayout(metainfo.files.map((file) => file.length));
    this.bytes = options.bytes ?? new Uint8Array(metainfo.totalLength);
    assert(this.bytes.length === metainfo.totalLength, "the bytes are the content's");
    this.#assembler = new PieceAssembler(ports, this.#geometry, metainfo.pieceHashes, {
      keep: (offset, data) => this.#keep(offset, data),
      readBack: (offset, into) => into.set(this.bytes.subarray(offset, offset + into.length)),
      isWritten: () => true,
      onPieceChecked: (piece, isRight) => this.#events?.onPieceChecked(piece, isRight),
      onFailure: (error) => {
        throw error;
      },
    });
  }

  async open(events: StorageEvents): Promise<void> {
    this.#events = events;
  }

  /** Nothing is in files here: nothing changes. */
  async setWanted(): Promise<void> {}

  async takeSpace(_verified: Bitfield, _signal: AbortSignal): Promise<void> {}

  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): void {
    if (this.#events !== undefined) this.#assembler.add(piece, begin, data);
  }

  endOfTurn(): void {
    this.#assembler.settle();
  }

  dropPiece(piece: PieceIndex): void {
    this.#assembler.drop(piece);
  }

  read(piece: PieceIndex, begin: number, length: number): Uint8Array {
    assert(this.#geometry.contains(piece, begin, length), "the span lies inside its piece");
    const offset = this.#geometry.offsetOf(piece) + begin;
    return this.bytes.slice(offset, offset + length);
  }

  readInto(piece: PieceIndex, begin: number, into: readonly Uint8Array[]): void {
    let offset = this.#geometry.offsetOf(piece) + begin;
    for (const target of into) {
      target.set(this.bytes.subarray(offset, offset + target.length));
      offset += target.length;
    }
  }

  check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal, only?: Bitfield): Promise<Bitfield> {
    const candidates = only ?? Bitfield.full(this.#geometry.pieceCount);
    const job = {
      geometry: this.#geometry,
      pieceHashes: this.#metainfo.pieceHashes,
      hasher: this.#hasher,
      candidates,
      skippedCount: this.#geometry.pieceCount - candidates.count,
      read: async (offset: number, into: Uint8Array) => {
        into.set(this.bytes.subarray(offset, offset + into.length));
        return [];
      },
    };
    return checkPieces(job, onProgress, signal);
  }

  async finish(): Promise<void> {
    this.endOfTurn();
  }

  async sync(): Promise<void> {
    this.endOfTurn();
  }

  async fingerprint(): Promise<readonly string[]> {
    return this.#metainfo.files.map((file) => `memory ${file.length} ${this.#changeCount}`);
  }

  piecesOfFile(fileIndex: number): { readonly first: number; readonly last: number } | undefined {
    return piecesOfFile(this.#metainfo, fileIndex);
  }

  async removeFiles(): Promise<string> {
    await this.close();
    this.bytes.fill(0);
    return "";
  }

  async close(): Promise<void> {
    this.endOfTurn();
    this.#assembler.clear();
    this.#events = undefined;
  }

  #keep(offset: number, data: Uint8Array): void {
    this.#changeCount++;
    for (const part of this.#layout.parts(offset, data.length)) {
      if (this.#metainfo.files[part.fileIndex]?.isPadding === true) continue;
      this.bytes.set(data.subarray(part.at, part.at + part.length), offset + part.at);
    }
  }
}
