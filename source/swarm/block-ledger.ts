/**
 * Every block of every piece that is begun: free → requested → received, and who sent it. A piece is in the ledger from
 * its first request to its verification or failure; its blocks are counted, so that "all requested" and "all received"
 * are known without a scan.
 */
import { assert } from "../base/assert.ts";
import type { PieceIndex } from "../base/ids.ts";
import { Turnover } from "../base/turnover.ts";
import { blockLength, type Geometry } from "../metainfo/geometry.ts";

/** No neighbour: a block nobody has sent yet. Neighbour ids begin at 1. */
const nobody = 0;

export class ActivePiece {
  readonly piece: PieceIndex;
  readonly blockCount: number;
  /** How many neighbours are asked for each block now (more than one only in the endgame). */
  readonly requesters: Uint8Array;
  /** Id of the neighbour that sent each block, 0 for none yet. */
  readonly senders: Int32Array;
  /** Blocks that are neither asked for nor received. */
  freeCount: number;
  receivedCount = 0;
  /** First block that may be free: searches begin here. */
  #firstFree = 0;
  /** Only this neighbour may be asked (a suspect, or a piece that failed before); `undefined`: all may. */
  owner: number | undefined;
  /** How long it has been its owner's. */
  ownedTicks = 0;
  /** How long it has been under way. */
  ticks = 0;
  /** It is not in the ledger any more: verified, or dropped. */
  isEnded = false;
  /** Who sent all that has come of it; 0 where nothing has, or several have sent some. */
  soleSender = nobody;
  /** It is not wanted any more: what has come is kept, and nothing is asked for. */
  isParked = false;

  constructor(piece: PieceIndex, blockCount: number) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.freeCount = blockCount;
    this.requesters = new Uint8Array(blockCount);
    this.senders = new Int32Array(blockCount);
  }

  get isReceived(): boolean {
    return this.receivedCount === this.blockCount;
  }

  has(block: number): boolean {
    return this.senders[block] !== nobody;
  }

  /** The lowest block that nobody is asked for, `undefined` if there is none. */
  nextFree(): number | undefined {
    if (this.freeCount === 0) return undefined;
    for (let block = this.#firstFree; block < this.blockCount; block++) {
      if (this.requesters[block] === 0 && this.senders[block] === nobody) {
        this.#firstFree = block;
        return block;
      }
    }
    assert(false, "free count");
  }

  request(block: number): void {
    assert(this.senders[block] === nobody, "a received block is not requested");
    if (this.requesters[block] === 0) this.freeCount--;
    this.requesters[block] = (this.requesters[block] ?? 0) + 1;
  }

  /** A request was given up: choked, rejected, timed out, cancelled, disconnected. */
  release(block: number): void {
    if (this.senders[block] !== nobody) return;
    const count = this.requesters[block] ?? 0;
    assert(count > 0, "a request to release");
    this.requesters[block] = count - 1;
    if (count === 1) {
      this.freeCount++;
      this.#firstFree = Math.min(this.#firstFree, block);
    }
  }

  /** @returns false if the block was there already. */
  receive(block: number, sender: number): boolean {
    if (this.senders[block] !== nobody) return false;
    if (this.requesters[block] === 0) this.freeCount--;
    this.requesters[block] = 0;
    this.senders[block] = sender;
    if (this.receivedCount === 0) this.soleSender = sender;
    else if (this.soleSender !== sender) this.soleSender = nobody;
    this.receivedCount++;
    return true;
  }

  /** Nobody is asked for any of it, and nobody but this neighbour has sent any. @param isHere others that count. Default: all. */
  isNobodysBut(neighbourId: number, isHere: (senderId: number) => boolean = () => true): boolean {
    if (this.freeCount + this.receivedCount !== this.blockCount) return false;
    return this.senders.every((sender) => sender === nobody || sender === neighbourId || !isHere(sender));
  }

  /** Everybody who sent a part of it, each once. */
  contributors(): number[] {
    if (this.soleSender !== nobody) return [this.soleSender];
    const all = new Set(this.senders);
    all.delete(nobody);
    return [...all];
  }
}

export class BlockLedger {
  readonly geometry: Geometry;
  #pieces = new Map<PieceIndex, ActivePiece>();
  /** Those with free blocks, oldest first: what is begun is finished before anything else is. */
  #open = new Set<ActivePiece>();
  readonly #turnover = new Turnover();

  constructor(geometry: Geometry) {
    this.geometry = geometry;
  }

  get size(): number {
    return this.#pieces.size;
  }

  get(piece: PieceIndex): ActivePiece | undefined {
    return this.#pieces.get(piece);
  }

  pieces(): Iterable<ActivePiece> {
    return this.#pieces.values();
  }

  open(): Iterable<ActivePiece> {
    return this.#open;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Not for an iteration over `pieces` or `open` that is under way to see. */
  begin(piece: PieceIndex): ActivePiece {
    assert(!this.#pieces.has(piece), "a piece is begun once");
    if (this.#turnover.isDue(this.#pieces.size)) {
      this.#pieces = new Map(this.#pieces);
      this.#open = new Set(this.#open);
    }
    const active = new ActivePiece(piece, this.geometry.blockCountOf(piece));
    this.#pieces.set(piece, active);
    this.#open.add(active);
    return active;
  }

  end(piece: PieceIndex): void {
    const active = this.#pieces.get(piece);
    if (active === undefined) return;
    active.isEnded = true;
    this.#pieces.delete(piece);
    this.#open.delete(active);
  }

  /** Nothing more is to be asked for of it. */
  park(active: ActivePiece): void {
    active.isParked = true;
    this.#open.delete(active);
  }

  /** It goes on where it was. */
  unpark(active: ActivePiece): void {
    active.isParked = false;
    if (active.freeCount > 0) this.#open.add(active);
  }

  request(active: ActivePiece, block: number): void {
    active.request(block);
    if (active.freeCount === 0) this.#open.delete(active);
  }

  release(active: ActivePiece, block: number): void {
    active.release(block);
    if (active.freeCount > 0 && !active.isParked) this.#open.add(active);
  }

  /** @returns false if the block was there already. */
  receive(active: ActivePiece, block: number, sender: number): boolean {
    const wasOpen = active.freeCount > 0;
    const isNew = active.receive(block, sender);
    if (wasOpen && active.freeCount === 0) this.#open.delete(active);
    return isNew;
  }

  /** One number for a block of the torrent, for maps. */
  keyOf(piece: PieceIndex, block: number): number {
    return piece * this.geometry.blocksPerPiece + block;
  }

  blockAt(begin: number): number {
    return Math.floor(begin / blockLength);
  }
}

/** A block from outside as `keyOf` would name it; `undefined` where the torrent has no such block. */
export function blockKey(geometry: Geometry, piece: PieceIndex, begin: number, length: number): number | undefined {
  const block = begin / blockLength;
  if (!Number.isInteger(block) || block >= geometry.blockCountOf(piece)) return undefined;
  return length === geometry.blockLengthOf(piece, block) ? piece * geometry.blocksPerPiece + block : undefined;
}
