/**
 * A node's disk: pieces of generated content, kept when the torrent is stopped and begun again, and what can go wrong with
 * them. While nothing is wrong it costs neither time nor memory.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import { type Random, randomFraction } from "../base/random.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { diskError } from "../storage/disk-error.ts";
import type { CheckProgress, Storage, StorageEvents } from "../storage/storage.ts";
import type { DiskTrouble } from "./trouble.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Pieces that wait to be written before no more is asked for. */
const waitingPiecesMax = 64;

export class VirtualDisk {
  /** Pieces that lie here as they should. */
  readonly held: Bitfield;
  /** Only says how much room there is: content is not in files here. */
  readonly files = {
    freeSpace: async () => (this.isFull ? 0 : Number.MAX_SAFE_INTEGER),
  } as Partial<FileSystem> as FileSystem;
  isFull = false;
  readMs = 0;
  writeMs = 0;
  /** Something was wrong at some time. */
  hasHadTrouble = false;
  #misreads = 0;
  #miswrites = 0;
  /** Lie here, but wrong. */
  readonly #rotten = new Set<PieceIndex>();
  readonly #fork: () => Random;
  #random: Random | undefined;

  /** @param fork chance for this disk, asked for when something goes wrong. */
  constructor(held: Bitfield, fork: () => Random) {
    this.held = held;
    this.#fork = fork;
  }

  befall(trouble: DiskTrouble): void {
    this.hasHadTrouble = true;
    this.#set(trouble, true);
  }

  recover(trouble: DiskTrouble): void {
    this.#set(trouble, false);
  }

  /** A piece was verified on its way here. */
  keep(piece: PieceIndex): void {
    if (this.#miswrites > 0 && this.#chance() < this.#miswrites) this.#rotten.add(piece);
    else this.#rotten.delete(piece);
    this.held.set(piece);
  }

  /** What comes back of a block. */
  readBack(piece: PieceIndex, block: Uint8Array): Uint8Array {
    const isWrong = this.#rotten.has(piece) || (this.#misreads > 0 && this.#chance() < this.#misreads);
    return isWrong ? block.map((byte) => byte ^ 0xff) : block;
  }

  /** What is found by hashing all of it; what was wrong is free to be written again. */
  check(): Bitfield {
    for (const piece of this.#rotten) this.held.clear(piece);
    this.#rotten.clear();
    return this.held.clone();
  }

  #set(trouble: DiskTrouble, isOn: boolean): void {
    switch (trouble.how) {
      case "slow":
        this.readMs = isOn ? trouble.readMs : 0;
        this.writeMs = isOn ? trouble.writeMs : 0;
        return;
      case "full":
        this.isFull = isOn;
        return;
      case "misreads":
        this.#misreads = isOn ? trouble.part : 0;
        return;
      case "miswrites":
        this.#miswrites = isOn ? trouble.part : 0;
        return;
    }
  }

  #chance(): number {
    this.#random ??= this.#fork();
    return randomFraction(this.#random);
  }
}

/** Another storage as it is on a disk with troubles. */
export class DiskStorage implements Storage {
  readonly isWarm = false;
  readonly #inner: Storage;
  readonly #disk: VirtualDisk;
  readonly #clock: VirtualClock;
  #events: StorageEvents | undefined;
  /** Verified pieces on their way to the disk. */
  #waiting = 0;
  #hasFailed = false;
  #onIdle: (() => void)[] = [];

  constructor(inner: Storage, disk: VirtualDisk, clock: VirtualClock) {
    this.#inner = inner;
    this.#disk = disk;
    this.#clock = clock;
  }

  get isCongested(): boolean {
    return this.#waiting > waitingPiecesMax;
  }

  get isFull(): boolean {
    return this.#waiting > 2 * waitingPiecesMax;
  }

  async open(events: StorageEvents): Promise<void> {
    this.#events = events;
    this.#hasFailed = false;
    await this.#inner.open({ ...events, onPieceChecked: (piece, isRight) => this.#checked(piece, isRight) });
  }

  setWanted(wanted: Bitfield, verified: Bitfield): Promise<void> {
    return this.#inner.setWanted(wanted, verified);
  }

  takeSpace(verified: Bitfield, signal: AbortSignal): Promise<void> {
    return this.#inner.takeSpace(verified, signal);
  }

  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): void {
    if (this.#hasFailed) return;
    if (!this.#disk.isFull) {
      this.#inner.writeBlock(piece, begin, data);
      return;
    }
    this.#hasFailed = true;
    this.#clock.after(0, () => this.#events?.onFailure(diskError("disk-full", "cannot write: the disk is full")));
  }

  endOfTurn(): void {
    this.#inner.endOfTurn();
  }

  dropPiece(piece: PieceIndex): void {
    this.#inner.dropPiece(piece);
  }

  read(piece: PieceIndex, begin: number, length: number): Uint8Array | Promise<Uint8Array> {
    const block = this.#inner.read(piece, begin, length);
    if (block instanceof Promise) return block;
    const found = this.#disk.readBack(piece, block);
    if (this.#disk.readMs === 0) return found;
    return new Promise((resolve) => this.#clock.after(this.#disk.readMs, () => resolve(found)));
  }

  readInto(piece: PieceIndex, begin: number, into: readonly Uint8Array[]): void {
    this.#inner.readInto(piece, begin, into);
    for (const span of into) span.set(this.#disk.readBack(piece, span));
  }

  async check(onProgress: (progress: CheckProgress) => void, signal: AbortSignal, only?: Bitfield): Promise<Bitfield> {
    signal.throwIfAborted();
    const found = this.#disk.check();
    for (let piece = 0; only !== undefined && piece < found.length; piece++) if (!only.has(piece)) found.clear(piece);
    onProgress({ checkedPieces: found.length, pieceCount: found.length });
    return found;
  }

  async finish(): Promise<void> {
    await this.#inner.finish();
    await this.#idle();
  }

  async sync(what?: "written" | "all"): Promise<void> {
    await this.#inner.sync(what);
    await this.#idle();
  }

  fingerprint(): Promise<readonly string[]> {
    return this.#inner.fingerprint();
  }

  piecesOfFile(fileIndex: number): { readonly first: number; readonly last: number } | undefined {
    return this.#inner.piecesOfFile(fileIndex);
  }

  removeFiles(how?: "delete" | "trash"): Promise<string> {
    return this.#inner.removeFiles(how);
  }

  async close(): Promise<void> {
    await this.#inner.close();
    await this.#idle();
    this.#events = undefined;
  }

  #checked(piece: PieceIndex, isRight: boolean): void {
    if (isRight) this.#disk.keep(piece);
    if (this.#disk.writeMs === 0 && this.#waiting === 0) {
      this.#events?.onPieceChecked(piece, isRight);
      return;
    }
    this.#waiting++;
    this.#clock.after(this.#disk.writeMs, () => this.#written(piece, isRight));
  }

  #written(piece: PieceIndex, isRight: boolean): void {
    const wasCongested = this.isCongested;
    this.#waiting--;
    this.#events?.onPieceChecked(piece, isRight);
    if (wasCongested && !this.isCongested) this.#events?.onRelieved();
    if (this.#waiting > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  async #idle(): Promise<void> {
    if (this.#waiting > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }
}
