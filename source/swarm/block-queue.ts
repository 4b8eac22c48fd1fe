/**
 * What a neighbour has asked for, first come first served, each place of the content once. Cancelled requests leave gaps until
 * these outnumber what waits: then all that waits moves to a new list and a new Map, which nothing of what is gone is linked to
 * (`base/turnover.ts`).
 */
import type { PieceIndex } from "../base/ids.ts";

/** So many places may be empty besides as many as there are requests. */
const gapsMax = 64;

export interface BlockRequest {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

export class BlockQueue {
  readonly #pieceLength: number;
  #queue: (BlockRequest | undefined)[] = [];
  /** Before it there is nothing, and at it the next, if there is one. */
  #first = 0;
  /** Where in the queue each is, by its offset in the content. */
  #places = new Map<number, number>();

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  get size(): number {
    return this.#places.size;
  }

  get next(): BlockRequest | undefined {
    return this.#queue[this.#first];
  }

  /** Behind all others; where what begins at the same place is asked for already, in its stead. */
  add(request: BlockRequest): void {
    const key = this.#keyOf(request);
    const place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, this.#queue.push(request) - 1);
    else this.#queue[place] = request;
  }

  /** Removes the next, if there is one. */
  takeNext(): void {
    const { next } = this;
    if (next !== undefined) this.#remove(this.#keyOf(next), this.#first);
  }

  /** @returns whether it was there. */
  cancel(request: BlockRequest): boolean {
    const key = this.#keyOf(request);
    const place = this.#places.get(key);
    if (place === undefined || this.#queue[place]?.length !== request.length) return false;
    this.#remove(key, place);
    return true;
  }

  /** All of them, in their order. */
  all(): BlockRequest[] {
    return this.#queue.slice(this.#first).filter((request) => request !== undefined);
  }

  #remove(key: number, place: number): void {
    this.#places.delete(key);
    this.#queue[place] = undefined;
    while (this.#first < this.#queue.length && this.next === undefined) this.#first++;
    if (this.#queue.length > 2 * this.size + gapsMax) this.#closeGaps();
  }

  #closeGaps(): void {
    const waiting = this.all();
    this.#queue = waiting;
    this.#first = 0;
    this.#places = new Map(waiting.map((request, place) => [this.#keyOf(request), place]));
  }

  #keyOf({ piece, begin }: BlockRequest): number {
    return piece * this.#pieceLength + begin;
  }
}
