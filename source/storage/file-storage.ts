/**
 * One torrent's content in files: the product's storage.
 *
 * The way of a block: `writeBlock` notes the view into the receive buffer. As soon as a contiguous run ends it goes into the
 * running hashes of its pieces, and is written with one gathered write straight from the receive buffer into the page cache,
 * while its bytes are in the processor's cache still; `endOfTurn` writes the last one, catches up hashing what had
 * come out of order, and gives verdicts. No copy, no buffer of our own.
 *
 * Where the disk holds writers up, bytes are copied and written behind the thread's back (write-behind.ts). Hashing goes on
 * as they come; a verdict is given when the whole piece is written.
 *
 * After a failure everything unfinished is forgotten and nothing is accepted until `open` is called again.
 */
import { assert } from "../base/assert.ts";
import { Bitfield } from "../base/bitfield.ts";
import { OperationalError } from "../base/errors.ts";
import type { PieceIndex } from "../base/ids.ts";
import { Geometry } from "../metainfo/geometry.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { FileStat } from "../ports/file-system.ts";
import type { Ports } from "../ports/ports.ts";
import { checkPieces, overlaps } from "./checker.ts";
import { diskError, diskErrorOf } from "./disk-error.ts";
import { fingerprints, finishFiles, removeFiles, statFiles, syncFiles, syncWhatIsThere } from "./file-care.ts";
import { FilePool } from "./file-pool.ts";
import { FileSet } from "./file-set.ts";
import { PieceAssembler } from "./piece-assembler.ts";
import { piecesOfFile } from "./pieces-of-file.ts";
import type { Preallocation } from "./preallocation.ts";
import { type CacheRegion, type Extent, extentLength, ReadCache } from "./read-cache.ts";
import { ReadPace } from "./read-pace.ts";
import { findAside } from "./side-care.ts";
import type { CheckProgress, Storage, StorageEvents } from "./storage.ts";
import { tooShort } from "./stored-file.ts";
import type { TrashPlace } from "./trash.ts";
import { WantedFiles } from "./wanted-files.ts";
import type { WorkMeter } from "./work-meter.ts";
import { WriteBehind, WriteRoom } from "./write-behind.ts";

/** Bytes written at once: they are to be in the processor's second-level cache since they were hashed. */
const runLengthMax = 256 * 1024;

export interface FileStorageOptions {
  readonly metainfo: Metainfo;
  /** Absolute path of the folder that holds the torrent's file or folder. Need not exist yet. */
  readonly savePath: string;
  /** What of wanted files `takeSpace` takes. Default `off`. */
  readonly preallocation?: Preallocation;
  /** The engine's open files. Default: a pool of this storage alone. */
  readonly pool?: FilePool;
  /** The engine's cache for uploads. Default: a cache of this storage alone. */
  readonly cache?: ReadCache;
  /** The engine's, for what the disk does not take at once. Default: a room of this storage alone. */
  readonly room?: WriteRoom;
  /** Default: there is none. */
  readonly trash?: TrashPlace;
  /** The engine's. Default: the work is not metered. */
  readonly work?: WorkMeter;
}

export class FileStorage implements Storage {
  readonly geometry: Geometry;
  readonly #ports: Pick<Ports, "files" | "hasher" | "clock" | "pieceHashing">;
  readonly #metainfo: Metainfo;
  readonly #trash: TrashPlace | undefined;
  readonly #work: WorkMeter | undefined;
  readonly #set: FileSet;
  readonly #assembler: PieceAssembler;
  readonly #region: CacheRegion;
  readonly #behind: WriteBehind;
  readonly #wanted: WantedFiles;
  readonly #pace = new ReadPace();
  #events: StorageEvents | undefined;
  #isAccepting = false;
  #isClosed = false;
  /** Contiguous bytes of this turn that are not written yet, and where in the content they begin and end. */
  #run: Uint8Array[] = [];
  #runStart = 0;
  #runEnd = 0;
  /** Why a write failed in the middle of a turn; told at its end. */
  #failure: unknown;

  /** @throws OperationalError `unsafe-path` where a file's path would leave the save folder. */
  constructor(ports: Pick<Ports, "files" | "hasher" | "clock" | "pieceHashing">, options: FileStorageOptions) {
    this.#work = options.work;
    const { files, clock, hasher, pieceHashing } = ports;
    this.#ports = { files, clock, hasher: options.work?.metered(hasher) ?? hasher, pieceHashing };
    this.#metainfo = options.metainfo;
    this.#trash = options.trash;
    this.geometry = new Geometry(options.metainfo.pieceLength, options.metainfo.totalLength);
    const pool = options.pool ?? new FilePool(ports.files);
    this.#set = new FileSet(ports.files, pool, options.savePath, options.metainfo);
    assert(this.#set.layout.totalLength === this.geometry.totalLength, "the files make up the content");
    this.#region = (options.cache ?? new ReadCache()).region();
    this.#behind = new WriteBehind(ports.clock, options.room ?? new WriteRoom(), {
      writeSync: (offset, buffers, length) => this.#set.writeSync(offset, buffers, length),
      write: (offset, buffers, length) => this.#set.write(offset, buffers, length),
      onWritten: (offset, length) =>
        this.#region.invalidate(Math.floor(offset / extentLength), Math.floor((offset + length - 1) / extentLength)),
      onCaughtUp: () => this.#settle(),
      onFailure: (error) => this.#fail(error),
      onRelieved: () => this.#events?.onRelieved(),
    });
    this.#wanted = new WantedFiles({
      ports: { files, clock },
      metainfo: options.metainfo,
      set: this.#set,
      behind: this.#behind,
      preallocation: options.preallocation ?? "off",
      isAccepting: () => this.#isAccepting,
    });
    this.#assembler = new PieceAssembler(
      { hasher, clock, work: options.work },
      this.geometry,
      options.metainfo.pieceHashes,
      {
        keep: (offset, data) => this.#keep(offset, data),
        readBack: (offset, into) => this.#readBack(offset, into),
        isWritten: (offset, length) => this.#behind.isWritten(offset, length),
        onPieceChecked: (piece, isRight) => this.#events?.onPieceChecked(piece, isRight),
        onFailure: (error) => this.#fail(error),
      },
    );
  }

  get isCongested(): boolean {
    return this.#behind.isCongested;
  }

  get isFull(): boolean {
    return this.#behind.isFull;
  }

  async open(events: StorageEvents): Promise<void> {
    assert(!this.#isClosed, "not opened after it was closed");
    await this.#behind.settled();
    await this.#wanted.settled();
    const { root } = this.#set;
    let stat: FileStat | undefined;
    try {
      stat = await this.#ports.files.stat(root);
    } catch (error) {
      throw diskErrorOf(error, "use", root);
    }
    if (stat?.kind === "file" || stat?.kind === "other") throw diskErrorOf({ code: "ENOTDIR" }, "use", root);
    this.#set.forgetFolders();
    await findAside(this.#ports.files, this.#set);
    this.#events = events;
    this.#isAccepting = true;
  }

  setWanted(wanted: Bitfield, verified: Bitfield): Promise<void> {
    return this.#wanted.choose(wanted, verified);
  }

  takeSpace(verified: Bitfield, signal: AbortSignal): Promise<void> {
    return this.#wanted.takeSpace(verified, signal);
  }

  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): void {
    if (this.#isAccepting && !this.#isClosed) this.#assembler.add(piece, begin, data);
  }

  endOfTurn(): void {
    if (!this.#isAccepting) return;
    this.#flush();
    const failure = this.#failure;
    if (failure !== undefined) this.#fail(failure);
    else this.#settle();
  }

  dropPiece(piece: PieceIndex): void {
    this.#assembler.drop(piece);
    this.#behind.keepOrder();
  }

  read(piece: PieceIndex, begin: number, length: number): Uint8Array | Promise<Uint8Array> {
    assert(this.geometry.contains(piece, begin, length), "the span lies inside its piece");
    if (this.#isClosed) return Promise.reject(diskError("closed", "the torrent's files are closed"));
    const offset = this.geometry.offsetOf(piece) + begin;
    const first = Math.floor(offset / extentLength);
    const last = Math.floor((offset + length - 1) / extentLength);
    if (first !== last) return this.#readAcross(offset, length, first, last);
    const extent = this.#extent(first);
    const from = offset - first * extentLength;
    // Blocks of a piece are asked for in order: its next extent is there when its turn comes.
    if (from + length > extentLength / 2 && this.geometry.lengthOf(piece) - begin > extentLength - from) {
      this.#region.readAhead(first + 1, () => this.#load(first + 1));
    }
    if (!(extent instanceof Promise)) return this.#slice(extent, first, from, length);
    return extent.then((loaded) => this.#slice(loaded, first, from, length));
  }

  get isWarm(): boolean {
    return this.#pace.isWarm(this.#ports.clock.nowMs());
  }

  readInto(piece: PieceIndex, begin: number, into: readonly Uint8Array[]): void {
    const length = into.reduce((sum, { length }) => sum + length, 0);
    assert(this.geometry.contains(piece, begin, length), "the span lies inside its piece");
    if (this.#isClosed) throw diskError("closed", "the torrent's files are closed");
    const startMs = this.#ports.clock.nowMs();
    this.#set.readGathered(this.geometry.offsetOf(piece) + begin, into, length);
    const nowMs = this.#ports.clock.nowMs();
    this.#pace.readAtOnce(nowMs - startMs, nowMs);
  }

  async check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal, only?: Bitfield): Promise<Bitfield> {
    await this.#written();
    const candidates = await this.#present(only);
    const hashing = this.#ports.pieceHashing;
    const spans = (offset: number, length: number) => this.#set.spans(offset, length);
    return checkPieces(
      {
        geometry: this.geometry,
        pieceHashes: this.#metainfo.pieceHashes,
        hasher: this.#ports.hasher,
        candidates,
        skippedCount: this.geometry.pieceCount - candidates.count,
        read: (offset, into) => this.#readToCheck(offset, into),
        ...(hashing === undefined ? {} : { threads: { hashing, spans } }),
      },
      onProgress,
      signal,
    );
  }

  async finish(): Promise<void> {
    await this.#written();
    await finishFiles(this.#ports.files, this.#set);
  }

  async sync(what: "written" | "all" = "written"): Promise<void> {
    await this.#written();
    if (what === "all") await syncWhatIsThere(this.#ports.files, this.#set);
    else await syncFiles(this.#set);
  }

  async fingerprint(): Promise<readonly string[]> {
    await this.#written();
    return fingerprints(this.#ports.files, this.#set);
  }

  piecesOfFile(fileIndex: number): { readonly first: number; readonly last: number } | undefined {
    return piecesOfFile(this.#metainfo, fileIndex);
  }

  async removeFiles(how: "delete" | "trash" = "delete"): Promise<string> {
    await this.close();
    if (how === "delete") return removeFiles(this.#ports.files, this.#set);
    if (this.#trash === undefined) throw new OperationalError("no-trash", "there is no trash here");
    return removeFiles(this.#ports.files, this.#set, this.#trash);
  }

  async close(): Promise<void> {
    this.endOfTurn();
    this.#isClosed = true;
    const changed = this.#wanted.close();
    await this.#behind.settled();
    this.#isAccepting = false;
    await changed;
    await this.#wanted.giveBack();
    this.#assembler.clear();
    this.#region.clear();
    await this.#set.close();
  }

  #keep(offset: number, data: Uint8Array): void {
    if (offset !== this.#runEnd || this.#runEnd - this.#runStart >= runLengthMax) this.#flush();
    if (this.#run.length === 0) this.#runStart = offset;
    this.#run.push(data);
    this.#runEnd = offset + data.length;
  }

  #flush(): void {
    const run = this.#run;
    if (run.length === 0) return;
    this.#run = [];
    this.#assembler.hashTaken();
    if (this.#failure !== undefined) return;
    const startMs = this.#ports.clock.nowMs();
    try {
      this.#behind.write(this.#runStart, run, this.#runEnd - this.#runStart);
    } catch (error) {
      this.#failure = error;
    }
    this.#work?.wrote(startMs);
  }

  /** Resolves when all that has come until now is written, or the disk has failed. */
  #written(): Promise<void> {
    this.endOfTurn();
    return this.#behind.settled();
  }

  #settle(): void {
    if (!this.#isAccepting) return;
    try {
      this.#assembler.settle();
    } catch (error) {
      this.#fail(error);
    }
  }

  #readBack(offset: number, into: Uint8Array): void {
    const written = this.#behind.readBack(offset, into);
    for (let i = 0; i < written.length; i += 2) {
      const from = written[i] ?? 0;
      this.#set.readSync(offset + from, into.subarray(from, written[i + 1]));
    }
  }

  #fail(error: unknown): void {
    // Not the disk's: a bug of ours, which must not be taken for one.
    if (!(error instanceof OperationalError)) throw error;
    if (!this.#isAccepting) return;
    this.#isAccepting = false;
    this.#assembler.clear();
    this.#behind.clear();
    this.#run = [];
    this.#failure = undefined;
    this.#events?.onFailure(error);
  }

  #extent(index: number): Extent | Promise<Extent> {
    return this.#region.read(index, () => this.#load(index));
  }

  async #load(index: number): Promise<Extent> {
    if (this.#isClosed) throw diskError("closed", "the torrent's files are closed");
    const offset = index * extentLength;
    const bytes = new Uint8Array(Math.min(extentLength, this.geometry.totalLength - offset));
    const startMs = this.#ports.clock.nowMs();
    const missing = await this.#set.read(offset, bytes);
    const nowMs = this.#ports.clock.nowMs();
    this.#pace.readLater(nowMs - startMs, nowMs);
    return { bytes, missing };
  }

  #slice(extent: Extent, index: number, from: number, length: number): Uint8Array {
    if (extent.missing.length > 0 && overlaps(extent.missing, from, from + length)) {
      throw tooShort(this.#set.fileOf(this.#set.layout.fileAt(index * extentLength + from)));
    }
    return extent.bytes.subarray(from, from + length);
  }

  #readAcross(offset: number, length: number, first: number, last: number): Uint8Array | Promise<Uint8Array> {
    const extents: (Extent | Promise<Extent>)[] = [];
    const ready: Extent[] = [];
    for (let index = first; index <= last; index++) {
      const extent = this.#extent(index);
      extents.push(extent);
      if (!(extent instanceof Promise)) ready.push(extent);
    }
    const assemble = (loaded: readonly Extent[]): Uint8Array => {
      const bytes = new Uint8Array(length);
      loaded.forEach((extent, i) => {
        const start = (first + i) * extentLength;
        const from = Math.max(offset - start, 0);
        const to = Math.min(offset + length - start, extentLength);
        bytes.set(this.#slice(extent, first + i, from, to - from), start + from - offset);
      });
      return bytes;
    };
    return ready.length === extents.length ? assemble(ready) : Promise.all(extents).then(assemble);
  }

  /** The pieces asked for whose bytes may all be there, by the lengths of the files. */
  async #present(only: Bitfield | undefined): Promise<Bitfield> {
    const present = only?.clone() ?? Bitfield.full(this.geometry.pieceCount);
    const stats = await statFiles(this.#ports.files, this.#set.files);
    for (const file of this.#set.files) {
      if (file.info.isPadding || file.info.length === 0) continue;
      const found = Math.min(stats[file.index]?.length ?? 0, file.info.length);
      if (found === file.info.length) continue;
      const first = Math.floor((file.info.offset + found) / this.geometry.pieceLength);
      const last = Math.floor((file.info.offset + file.info.length - 1) / this.geometry.pieceLength);
      for (let piece = first; piece <= last; piece++) {
        if (!file.isAside || this.#set.sideLayout.positionOf(piece) === undefined) present.clear(piece);
      }
    }
    return present;
  }

  async #readToCheck(offset: number, into: Uint8Array): Promise<readonly number[]> {
    const parts = this.#set.layout.parts(offset, into.length);
    if (parts.every((part) => this.#set.fileOf(part.fileIndex).info.isPadding)) {
      // No read gives the event loop its turn here, and a torrent may claim any amount of padding.
      await new Promise<void>((resolve) => this.#ports.clock.after(0, resolve));
    }
    return this.#set.read(offset, into);
  }
}
