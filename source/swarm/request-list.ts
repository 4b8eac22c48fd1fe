/**
 * What a neighbour is asked for, in the order in which it was asked. Nearly all send in that order, so what is looked for is
 * found at the beginning: a map with an entry for each block cost more than anything else that is done for one. Where a
 * neighbour sends in another order a search walks over what it was asked for before, a few thousand requests at most.
 */
import type { OutstandingRequest } from "./request-pipeline.ts";

/** So many places that were given up may lie between requests, besides as many as there are requests. */
const gapsMax = 64;

export class RequestList {
  #places: (OutstandingRequest | undefined)[] = [];
  /** Before it there is nothing. */
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Behind all others. None of this key is in the list. */
  add(request: OutstandingRequest): void {
    this.#places.push(request);
    this.#size++;
  }

  has(key: number): boolean {
    return this.#placeOf(key) !== undefined;
  }

  /** Removes a request. @returns it, `undefined` where there is none. */
  take(key: number): OutstandingRequest | undefined {
    const place = this.#placeOf(key);
    if (place === undefined) return undefined;
    const request = this.#places[place];
    this.#places[place] = undefined;
    this.#size--;
    while (this.#first < this.#places.length && this.#places[this.#first] === undefined) this.#first++;
    if (this.#places.length > 2 * this.#size + gapsMax) this.#closeGaps();
    return request;
  }

  /** All of them, in their order. */
  all(): OutstandingRequest[] {
    return this.#places.slice(this.#first).filter((request) => request !== undefined);
  }

  clear(): void {
    this.#places = [];
    this.#first = 0;
    this.#size = 0;
  }

  #placeOf(key: number): number | undefined {
    const places = this.#places;
    for (let place = this.#first; place < places.length; place++) if (places[place]?.key === key) return place;
    return undefined;
  }

  #closeGaps(): void {
    this.#places = this.all();
    this.#first = 0;
  }
}
