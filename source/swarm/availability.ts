/**
 * How many neighbours have each piece, and the wanted pieces still to be begun, in order: those of high priority before
 * normal before low, the rarest first within each. Seeds are counted apart (they have everything, so they change no
 * order), which makes a seed's coming and going free.
 *
 * Nothing that happens often walks over all pieces: of each neighbour it is known how many of the waiting pieces it has, a
 * search for the rarest of them looks at some thousands at most, and a field of very many pieces, come or gone, changes
 * the counts at once and the order with the next `tick`.
 */
import { assert } from "../base/assert.ts";
import { Bitfield } from "../base/bitfield.ts";
import { type Random, randomBelow } from "../base/random.ts";
import { countCommon } from "./count-common.ts";
import { type PiecePriorities, piecePriority } from "./piece-priorities.ts";
import { absent, eachBit, RarityOrder } from "./rarity-order.ts";

/** A field of more pieces is not put in order piece by piece: in a torrent of so many nobody notices. */
const piecewiseMax = 16_384;
/** Between two times that all is put in order: with two million pieces that takes a tenth of a second. */
const sortTicks = 30;
/** Pieces looked at in order, and then in the field, before the best of those found is good enough. */
const searchMax = 16_384;
const foundMax = 4096;

/** A neighbour, as far as what it has goes. */
export interface Holder {
  readonly field: Bitfield;
  /** How many of the waiting pieces it has. Kept by `Availability`. */
  waitingCount: number;
}

/** Waiting pieces that go before another: of higher priority; as wanted and rarer; and how many are as rare as itself. */
export interface PieceQueue {
  readonly higher: number;
  readonly rarer: number;
  /** Itself included. */
  readonly equal: number;
}

export class Availability {
  readonly #random: Random;
  readonly #holders = new Set<Holder>();
  /** Of neighbours that are not seeds. At most the neighbour limit, far below 65,536. */
  readonly #counts: Uint16Array;
  readonly #waiting: Bitfield;
  readonly #position: Int32Array;
  /** By priority, made when one has its first piece. */
  readonly #orders: (RarityOrder | undefined)[] = [];
  /** `undefined`: all are normal. */
  #priorities: PiecePriorities | undefined;
  #seeds = 0;
  /** The orders are not those of the counts. */
  #isStale = false;
  #ticksToSort = 0;

  constructor(random: Random, pieceCount: number) {
    this.#random = random;
    this.#counts = new Uint16Array(pieceCount);
    this.#waiting = new Bitfield(pieceCount);
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
    return this.#waiting.count;
  }

  /** Whether somebody has one of the waiting pieces. */
  get hasObtainable(): boolean {
    for (const holder of this.#holders) if (holder.waitingCount > 0) return true;
    return false;
  }

  isWaiting(piece: number): boolean {
    return this.#waiting.has(piece);
  }

  /** What comes before a waiting piece; `undefined` where it does not wait. */
  queueOf(piece: number): PieceQueue | undefined {
    if (!this.#waiting.has(piece)) return undefined;
    let higher = 0;
    for (let priority: number = piecePriority.high; priority > this.#priorityOf(piece); priority--) {
      higher += this.#orders[priority]?.length ?? 0;
    }
    return { higher, ...this.#orderOf(piece).placeOf(piece) };
  }

  isWanted(piece: number): boolean {
    return this.#priorityOf(piece) !== piecePriority.skip;
  }

  /** Other priorities, and what waits from now on. @param waiting wanted pieces; copied. */
  setPriorities(priorities: PiecePriorities | undefined, waiting: Bitfield): void {
    this.#priorities = priorities;
    this.#waiting.copy(waiting);
    this.#position.fill(absent);
    this.#sort();
    for (const holder of this.#holders) holder.waitingCount = countCommon(holder.field, waiting);
  }

  // ── what neighbours have ───────────────────────────────────────────────────────────────────────────────────────

  joined(holder: Holder): void {
    this.#holders.add(holder);
    this.#came(holder.field);
    holder.waitingCount = countCommon(holder.field, this.#waiting);
  }

  left(holder: Holder): void {
    this.#holders.delete(holder);
    this.#went(holder.field);
  }

  /** Its field was replaced whole, from what `old` was. */
  fieldSaid(holder: Holder, old: Bitfield): void {
    this.#went(old);
    this.#came(holder.field);
    holder.waitingCount = countCommon(holder.field, this.#waiting);
  }

  /** It has one piece more, which is in its field already. */
  gained(holder: Holder, piece: number): void {
    if (holder.field.isFull) {
      // The last piece it lacked: from here it is counted among the seeds.
      const before = holder.field.clone();
      before.clear(piece);
      this.#went(before);
      this.#seeds++;
    } else {
      this.#raise(piece);
    }
    if (this.#waiting.has(piece)) holder.waitingCount++;
  }

  /** About once a second. */
  tick(): void {
    if (this.#ticksToSort > 0) {
      this.#ticksToSort--;
    } else if (this.#isStale) {
      this.#ticksToSort = sortTicks;
      this.#sort();
    }
  }

  // ── what waits ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** The piece is to be begun some time, if it is wanted: it has failed. */
  addWaiting(piece: number): void {
    if (!this.isWanted(piece) || !this.#waiting.set(piece)) return;
    this.#orderOf(piece).add(piece);
    for (const holder of this.#holders) if (holder.field.has(piece)) holder.waitingCount++;
  }

  /** The piece was begun or verified. */
  removeWaiting(piece: number): void {
    if (!this.#waiting.clear(piece)) return;
    this.#orderOf(piece).remove(piece);
    for (const holder of this.#holders) if (holder.field.has(piece)) holder.waitingCount--;
  }

  /** The waiting piece of highest priority, and of those the one of lowest availability, among those that it has. */
  rarest(holder: Holder): number | undefined {
    // What nobody has but seeds goes first, and who is none has none of it.
    const rarestCount = holder.field.isFull || this.#isStale ? 0 : 1;
    return this.#search(holder, (order) => order.startOf(rarestCount));
  }

  /** Any waiting piece of the highest priority that it has, each equally likely where it has them all. */
  anyOf(holder: Holder): number | undefined {
    return this.#search(holder, ({ length }) => randomBelow(this.#random, Math.max(1, length)));
  }

  #search({ field, waitingCount }: Holder, startIn: (order: RarityOrder) => number): number | undefined {
    if (waitingCount === 0) return undefined;
    let left = searchMax;
    for (let priority: number = piecePriority.high; priority > piecePriority.skip && left > 0; priority--) {
      const order = this.#orders[priority];
      if (order === undefined) continue;
      const piece = order.firstOf(field, startIn(order), left);
      if (piece !== undefined) return piece;
      left -= Math.min(left, order.length);
    }
    return this.#searchField(field);
  }

  /** As `rarest`, for a neighbour that has few of many: the best of the first waiting pieces found in its field. */
  #searchField(field: Bitfield): number | undefined {
    let best: number | undefined;
    let found = 0;
    const { bytes } = field;
    for (let step = 0, at = randomBelow(this.#random, bytes.length); step < bytes.length; step++, at++) {
      if (at >= bytes.length) at = 0;
      const common = (bytes[at] ?? 0) & (this.#waiting.bytes[at] ?? 0);
      if (common === 0) continue;
      for (let bit = 0; bit < 8; bit++) {
        if ((common & (0x80 >> bit)) === 0) continue;
        const piece = 8 * at + bit;
        if (best === undefined || this.#isBefore(piece, best)) best = piece;
        found++;
      }
      if (found >= foundMax) break;
    }
    return best;
  }

  #isBefore(a: number, b: number): boolean {
    const more = this.#priorityOf(a) - this.#priorityOf(b);
    return more === 0 ? (this.#position[a] ?? 0) < (this.#position[b] ?? 0) : more > 0;
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #came(field: Bitfield): void {
    if (field.isFull) {
      this.#seeds++;
    } else if (field.count <= piecewiseMax) {
      eachBit(field, (piece) => this.#raise(piece));
    } else {
      this.#isStale = true;
      countIn(this.#counts, field, 1);
    }
  }

  #went(field: Bitfield): void {
    if (field.isFull) {
      assert(this.#seeds > 0, "seed count");
      this.#seeds--;
    } else if (field.count <= piecewiseMax) {
      eachBit(field, (piece) => this.#lower(piece));
    } else {
      this.#isStale = true;
      countIn(this.#counts, field, -1);
    }
  }

  #raise(piece: number): void {
    this.#counts[piece] = (this.#counts[piece] ?? 0) + 1;
    if (!this.#isStale && this.#position[piece] !== absent) this.#orderOf(piece).raised(piece);
  }

  #lower(piece: number): void {
    const count = this.#counts[piece] ?? 0;
    assert(count > 0, "availability");
    this.#counts[piece] = count - 1;
    if (!this.#isStale && this.#position[piece] !== absent) this.#orderOf(piece).lowered(piece);
  }

  /** Puts all that waits in order. */
  #sort(): void {
    this.#isStale = false;
    for (let priority: number = piecePriority.high; priority > piecePriority.skip; priority--) {
      const pieces = this.#waitingOf(priority);
      if (pieces.isEmpty && this.#orders[priority] === undefined) continue;
      this.#orderFor(priority).sort(pieces);
    }
  }

  #waitingOf(priority: number): Bitfield {
    const all = this.#priorities;
    if (all === undefined)
      return priority === piecePriority.normal ? this.#waiting : new Bitfield(this.#waiting.length);
    const pieces = new Bitfield(this.#waiting.length);
    eachBit(this.#waiting, (piece) => {
      if (all[piece] === priority) pieces.set(piece);
    });
    return pieces;
  }

  #priorityOf(piece: number): number {
    return this.#priorities?.[piece] ?? piecePriority.normal;
  }

  #orderOf(piece: number): RarityOrder {
    return this.#orderFor(this.#priorityOf(piece));
  }

  #orderFor(priority: number): RarityOrder {
    const order = this.#orders[priority] ?? new RarityOrder(this.#random, this.#counts, this.#position);
    this.#orders[priority] = order;
    return order;
  }
}

function countIn(counts: Uint16Array, field: Bitfield, by: number): void {
  for (let byteIndex = 0; byteIndex < field.bytes.length; byteIndex++) {
    const byte = field.bytes[byteIndex] ?? 0;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) {
      const index = 8 * byteIndex + bit;
      if ((byte & (0x80 >> bit)) !== 0) counts[index] = (counts[index] ?? 0) + by;
    }
  }
}
