/**
 * A storage whose bytes are computed: it verifies what arrives by SHA-1 like any other, keeps nothing of it, and can
 * serve every piece. For the demo's neighbours and for simulations.
 */
import { assert } from "../base/assert.ts";
import { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Ports } from "../ports/ports.ts";
import type { ComputedContent } from "./generated-content.ts";
import { PieceAssembler } from "./piece-assembler.ts";
import { piecesOfFile } from "./pieces-of-file.ts";
import type { CheckProgress, Storage, StorageEvents } from "./storage.ts";

export interface GeneratedStorageOptions {
  readonly metainfo: Metainfo;
  readonly content: ComputedContent;
  /** What `check` finds before anything was received. Default false: nothing. */
  readonly holdsAll?: boolean;
}

export class GeneratedStorage implements Storage {
  readonly isCongested = false;
  readonly isFull = false;
  /** Content that costs no memory is not to be copied. */
  readonly isWarm = false;
  readonly #geometry: Geometry;
  readonly #metainfo: Metainfo;
  readonly #content: ComputedContent;
  readonly #assembler: PieceAssembler;
  readonly #held: Bitfield;
  /** Pieces under way of which a block that came ahead was not the content: its place is read back right. */
  readonly #spoilt = new Set<PieceIndex>();
  #events: StorageEvents | undefined;

  constructor(ports: Pick<Ports, "hasher" | "clock">, options: GeneratedStorageOptions) {
    this.#metainfo = options.metainfo;
    this.#content = options.content;
    this.#geometry = new Geometry(options.metainfo.pieceLength, options.metainfo.totalLength);
    assert(this.#geometry.totalLength === options.content.totalLength, "the metainfo is of this content");
    this.#held =
      options.holdsAll === true ? Bitfield.full(this.#geometry.pieceCount) : new Bitfield(this.#geometry.pieceCount);
    this.#assembler = new PieceAssembler(ports, this.#geometry, options.metainfo.pieceHashes, {
      keep: (offset, data, isAhead) => {
        if (isAhead && !this.#content.matches(offset, data)) {
          this.#spoilt.add(this.#geometry.piece(Math.floor(offset / this.#geometry.pieceLength)));
        }
      },
      readBack: (offset, into) => this.#content.fill(offset, into),
      isWritten: () => true,
      onPieceChecked: (piece, isHashRight) => {
        const isRight = !this.#spoilt.delete(piece) && isHashRight;
        if (isRight) this.#held.set(piece);
        this.#events?.onPieceChecked(piece, isRight);
      },
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
    this.#spoilt.delete(piece);
  }

  read(piece: PieceIndex, begin: number, length: number): Uint8Array {
    assert(this.#geometry.contains(piece, begin, length), "the span lies inside its piece");
    return this.#content.span(this.#geometry.offsetOf(piece) + begin, length);
  }

  readInto(piece: PieceIndex, begin: number, into: readonly Uint8Array[]): void {
    let offset = this.#geometry.offsetOf(piece) + begin;
    for (const target of into) {
      this.#content.fill(offset, target);
      offset += target.length;
    }
  }

  async check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal, only?: Bitfield): Promise<Bitfield> {
    signal.throwIfAborted();
    const found = this.#held.clone();
    if (only !== undefined) {
      for (let index = 0; index < found.length; index++) if (!only.has(index)) found.clear(index);
    }
    onProgress({ checkedPieces: found.length, pieceCount: found.length });
    return found;
  }

  async finish(): Promise<void> {
    this.endOfTurn();
  }

  async sync(): Promise<void> {
    this.endOfTurn();
  }

  async fingerprint(): Promise<readonly string[]> {
    return this.#metainfo.files.map((file) => `generated ${file.length} ${this.#content.seed}`);
  }

  piecesOfFile(fileIndex: number): { readonly first: number; readonly last: number } | undefined {
    return piecesOfFile(this.#metainfo, fileIndex);
  }

  async removeFiles(): Promise<string> {
    await this.close();
    for (let index = 0; index < this.#held.length; index++) this.#held.clear(index);
    return "";
  }

  async close(): Promise<void> {
    this.endOfTurn();
    this.#assembler.clear();
    this.#events = undefined;
  }
}
