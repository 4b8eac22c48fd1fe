/** A digest of what every end of every connection reads, and when: equal for equal runs. */
import type { Clock } from "../ports/clock.ts";
import type { VirtualConnection } from "./virtual-connection.ts";
import type { NetworkObserver } from "./virtual-network.ts";

const words = new Uint32Array(2);
const time = new Float64Array(words.buffer);

export class TraceHash implements NetworkObserver {
  readonly #clock: Clock;
  #a = 0x2545f491;
  #b = 0x6a09e667;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  delivered(to: VirtualConnection, bytes: Uint8Array): void {
    const { length } = bytes;
    this.#mix(to.id, length);
    // The kind of the first message, its first words, and the last byte.
    this.#mix(((bytes[4] ?? 0) << 16) ^ ((bytes[7] ?? 0) << 8) ^ (bytes[8] ?? 0), bytes[length - 1] ?? 0);
  }

  opened(dialler: VirtualConnection): void {
    this.#mix(dialler.id, -1);
  }

  closed(end: VirtualConnection): void {
    this.#mix(end.id, -2);
  }

  #mix(first: number, second: number): void {
    time[0] = this.#clock.nowMs();
    this.#a = Math.imul(this.#a ^ (words[0] ?? 0) ^ first, 0x85ebca6b);
    this.#a ^= this.#a >>> 13;
    this.#b = Math.imul(this.#b ^ (words[1] ?? 0) ^ second ^ this.#a, 0xc2b2ae35);
    this.#b ^= this.#b >>> 16;
  }
}
