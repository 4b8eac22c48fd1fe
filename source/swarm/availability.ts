/**
 * How many neighbours have each piece, and the wanted pieces still to be begun, in order: those of high priority before
 * normal before low, the rarest first within each. Seeds are counted apart (they have everything, so they change no
 * order), which makes a seed's coming and going free.
 */
import { assert } from "../base/assert.ts";
import type { Bitfield } from "../base/bitfield.ts";
import type { Random } from "../base/random.ts";
import { type PiecePriorities, piecePriority } from "./piece-priorities.ts";
import { absent, RarityOrder } from "./rarity-order.ts";

/** Waiting pieces that go before another: of higher priority; as wanted and rarer; and how many are as rare as itself. */
export interface PieceQueue {
  readonly higher: number;
  readonly rarer: number;
  /** Itself included. */
  readonly equal: number;
}

export class Availability {
  readonly #random: Random;
  /** Of neighbours that are not seeds. At most the neighbour limit, far below 65,536. */
  readonly #counts: Uint16Array;
  readonly #position: Int32Array;
  /** By priority, made when one has its first piece. */
  readonly #orders: (RarityOrder | undefined)[] = [];
  /** `undefined`: all are normal. */
  #priorities: PiecePriorities | undefined;
  #seeds = 0;

  constructor(random: Random, pieceCount: number) {
    this.#random = random;
    this.#counts = new Uint16Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(absent);
  }

  /** How many neighbours have the piece. */
  of(piece: number): number {
    return (this.#counts[piece] ?? 0) + this.#seeds;
  }

  /** Of neighbours that are no seeds. Not to be written to. */
  get counts(): Uint16Array {
    return this.#counts;
  }

  get seeds(): number {
    return this.#seeds;
  }

  /** Pieces waiting to be begun. */
  get waitingCount(): number {
    let count = 0;
    for (const order of this.#orders) count += order?.length ?? 0;
    return count;
  }

  /** Whether somebody has one of the waiting pieces. */
  get hasObtainable(): boolean {
    return this.#orders.some((order) => order?.last !== undefined && this.of(order.last) > 0);
  }

  isWaiting(piece: number): boolean {
    return this.#position[piece] !== absent;
  }

  /** What comes before a waiting piece; `undefined` where it does not wait. */
  queueOf(piece: number): PieceQueue | undefined {
    const position = this.#position[piece] ?? absent;
    if (position === absent) return undefined;
    let higher = 0;
    for (let priority: number = piecePriority.high; priority > this.#priorityOf(piece); priority--) {
      higher += this.#orders[priority]?.length ?? 0;
    }
    return { higher, ...this.#orderOf(piece).placeOf(piece) };
  }

  isWanted(piece: number): boolean {
    return this.#priorityOf(piece) !== piecePriority.skip;
  }

  /** Other priorities: what waits and is not wanted any more waits no longer. */
  setPriorities(priorities: PiecePriorities | undefined): void {
    const waiting: number[] = [];
    this.#position.forEach((at, piece) => {
      if (at === absent || this.#priorityOf(piece) === (priorities?.[piece] ?? piecePriority.normal)) return;
      waiting.push(piece);
      this.removeWaiting(piece);
    });
    this.#priorities = priorities;
    for (const piece of waiting) this.addWaiting(piece);
  }

  seedCame(): void {
    this.#seeds++;
  }

  seedLeft(): void {
    assert(this.#seeds > 0, "seed count");
    this.#seeds--;
  }

  /** A neighbour that is no seed came (or sent its bitfield). */
  fieldCame(field: Bitfield): void {
    forEachBit(field, (piece) => this.increase(piece));
  }

  fieldLeft(field: Bitfield): void {
    forEachBit(field, (piece) => this.decrease(piece));
  }

  increase(piece: number): void {
    this.#counts[piece] = (this.#counts[piece] ?? 0) + 1;
    if (this.#position[piece] !== absent) this.#orderOf(piece).raised(piece);
  }

  decrease(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    assert(count > 0, "availability");
    this.#counts[piece] = count - 1;
    if (this.#position[piece] !== absent) this.#orderOf(piece).lowered(piece);
  }

  /** The piece is to be begun some time, if it is wanted: it was missing at the start, or has failed. */
  addWaiting(piece: number): void {
    if (this.#position[piece] === absent && this.isWanted(piece)) this.#orderOf(piece).add(piece);
  }

  /** The piece was begun or verified. */
  removeWaiting(piece: number): void {
    if (this.#position[piece] !== absent) this.#orderOf(piece).remove(piece);
  }

  /** The waiting piece of highest priority, and of those the one of lowest availability, among those in `field`. */
  rarest(field: Bitfield): number | undefined {
    return this.#first((order) => order.rarest(field));
  }

  /** Any waiting piece of the highest priority in `field`, each equally likely where the neighbour has them all. */
  anyOf(field: Bitfield): number | undefined {
    return this.#first((order) => order.anyOf(field));
  }

  #first(find: (order: RarityOrder) => number | undefined): number | undefined {
    for (let priority: number = piecePriority.high; priority > piecePriority.skip; priority--) {
      const order = this.#orders[priority];
      const piece = order === undefined ? undefined : find(order);
      if (piece !== undefined) return piece;
    }
    return undefined;
  }

  #priorityOf(piece: number): number {
    return this.#priorities?.[piece] ?? piecePriority.normal;
  }

  #orderOf(piece: number): RarityOrder {
    const priority = this.#priorityOf(piece);
    const order = this.#orders[priority] ?? new RarityOrder(this.#random, this.#counts, this.#position);
    this.#orders[priority] = order;
    return order;
  }
}

function forEachBit(field: Bitfield, visit: (index: number) => void): void {
  for (let byteIndex = 0; byteIndex < field.bytes.length; byteIndex++) {
    const byte = field.bytes[byteIndex] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) visit(byteIndex * 8 + bit);
  }
}
