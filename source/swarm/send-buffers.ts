/**
 * Memory for blocks on their way to sockets, of all neighbours together: used again when it has left, the last first, while it
 * is still hot in the processor's cache. Fresh memory for each write costs more than reading and sending it.
 */
import { blockLength } from "../metainfo/geometry.ts";
import type { Clock } from "../ports/clock.ts";
import { pieceHeaderLength } from "../wire/messages.ts";
import { SendTurn } from "./send-turn.ts";

/** Blocks of one write to a socket: with half as many a fast neighbour was sent 3 to 6 % less, for a tenth more of the processor. */
export const blocksPerWrite = 32;
/** Blocks, each with its header, in buffers of each size: a slow line is not to hold the memory of a fast one. */
const sizes = [1, 4, 16, blocksPerWrite].map((blocks) => blocks * (blockLength + pieceHeaderLength));
/** Bytes of the largest. */
export const sendBufferLength = blocksPerWrite * (blockLength + pieceHeaderLength);
/** Bytes kept for later, 4 MiB: more would not stay in the processor's cache. */
const keptBytesMax = 8 * sendBufferLength;
/** Bytes on their way from which on each neighbour is to be content with little: 32 MiB. */
const plentyBytes = 64 * sendBufferLength;

export class SendBuffers {
  /** How much of it may leave before the event loop goes round. */
  readonly turn: SendTurn;
  readonly #kept: Uint8Array[][] = sizes.map(() => []);
  #keptBytes = 0;
  #lentBytes = 0;

  constructor(clock: Clock) {
    this.turn = new SendTurn(clock);
  }

  /** Bytes that were taken and not given back. */
  get lentBytes(): number {
    return this.#lentBytes;
  }

  get isScarce(): boolean {
    return this.#lentBytes >= plentyBytes;
  }

  /** @param length 1 … `sendBufferLength`. @returns a buffer of that length or more, with anything in it. */
  take(length: number): Uint8Array {
    const index = sizes.findIndex((size) => size >= length);
    const kept = this.#kept[index]?.pop();
    if (kept !== undefined) this.#keptBytes -= kept.length;
    const buffer = kept ?? new Uint8Array(sizes[index] ?? length);
    this.#lentBytes += buffer.length;
    return buffer;
  }

  /** Nobody reads the buffer any more. */
  giveBack(buffer: Uint8Array): void {
    this.#lentBytes -= buffer.length;
    if (this.#keptBytes + buffer.length > keptBytesMax) return;
    this.#keptBytes += buffer.length;
    this.#kept[sizes.indexOf(buffer.length)]?.push(buffer);
  }

  /** It may yet be read, and nobody will know when it is not: it is not used again. */
  letGo(buffer: Uint8Array): void {
    this.#lentBytes -= buffer.length;
  }
}
