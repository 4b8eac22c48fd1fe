/**
 * A torrent's own limit on bytes per second, within the limit of all torrents: what is taken counts against both. Costs
 * nothing while the torrent has none of its own.
 *
 * There are two lines to stand in, the torrent's own first. Who comes from there pays for a block and then stands in the
 * line of all, where its turn cannot be lost to another of the same torrent; so nobody is sent to and fro, and nobody
 * starves, however many share either limit.
 */
import type { Clock } from "../../ports/clock.ts";
import { Bandwidth, type RateLimit } from "./bandwidth.ts";

/** A block: what one turn is for. What of it is not taken is given back. */
const paidBytes = 16 * 1024;

export class TorrentLimit implements RateLimit {
  readonly #clock: Clock;
  readonly #all: Bandwidth;
  #own: Bandwidth | undefined;
  /** Those in the line of all who have paid here, and what stands there for them. */
  readonly #paid = new Map<() => void, () => void>();
  /** What is left of the payment of the one whose turn it is. */
  #credit = 0;

  /** @param bytesPerSecond of its own; 0 is no limit. */
  constructor(clock: Clock, all: Bandwidth, bytesPerSecond: number) {
    this.#clock = clock;
    this.#all = all;
    this.setLimit(bytesPerSecond);
  }

  setLimit(bytesPerSecond: number): void {
    const own = this.#own;
    if (bytesPerSecond > 0) {
      if (own === undefined) this.#own = new Bandwidth(this.#clock, bytesPerSecond);
      else if (own.bytesPerSecond !== bytesPerSecond) own.setLimit(bytesPerSecond);
      return;
    }
    this.#own = undefined;
    // Those who waited for it now ask the limit of all.
    own?.setLimit(0);
    own?.close();
  }

  /** Whether there is any limit. */
  get isLimited(): boolean {
    return this.#own !== undefined || this.#all.bytesPerSecond > 0;
  }

  take(bytes: number): boolean {
    const own = this.#own;
    if (own === undefined) return this.#all.take(bytes);
    const isOpen = this.#credit > 0 || own.isOpen(own.isServing);
    if (!isOpen || !this.#all.take(bytes)) return false;
    own.spend(bytes - this.#credit);
    this.#credit = 0;
    return true;
  }

  spend(bytes: number): boolean {
    const isOwnKept = this.#own?.spend(bytes) ?? true;
    return this.#all.spend(bytes) && isOwnKept;
  }

  wait(again: () => void): void {
    const own = this.#own;
    if (own === undefined) this.#all.wait(again);
    else if (this.#paid.has(again)) return;
    else if (own.isOpen(own.isServing)) this.#waitForAll(again, own);
    else own.wait(again);
  }

  forget(again: () => void): void {
    const turn = this.#paid.get(again);
    if (turn !== undefined) {
      this.#paid.delete(again);
      this.#all.forget(turn);
      this.#own?.spend(-paidBytes);
    }
    this.#own?.forget(again);
    this.#all.forget(again);
  }

  close(): void {
    this.#own?.close();
    for (const turn of this.#paid.values()) this.#all.forget(turn);
    this.#paid.clear();
  }

  #waitForAll(again: () => void, own: Bandwidth): void {
    own.spend(paidBytes);
    const turn = (): void => {
      this.#paid.delete(again);
      // The limit may be another by now, or none.
      const isPaid = this.#own === own;
      this.#credit = isPaid ? paidBytes : 0;
      try {
        again();
      } finally {
        if (isPaid) own.spend(-this.#credit);
        this.#credit = 0;
      }
    };
    this.#paid.set(again, turn);
    this.#all.wait(turn);
  }
}
