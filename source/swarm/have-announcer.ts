/** Verified pieces wait a moment for others, so that their `have` messages leave together. */
import type { PieceIndex } from "../base/ids.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { encodeIndices, messageId } from "../wire/messages.ts";

const delayMs = 50;

export class HaveAnnouncer {
  readonly #clock: Clock;
  readonly #announce: (haves: Uint8Array) => void;
  #pieces: PieceIndex[] = [];
  #timer: Timer | undefined;

  /** @param announce is given messages that are the same for all. */
  constructor(clock: Clock, announce: (haves: Uint8Array) => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  add(piece: PieceIndex): void {
    this.#pieces.push(piece);
    this.#timer ??= this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#announce(encodeIndices(messageId.have, pieces));
    });
  }

  /** What waits is not announced. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pieces = [];
  }
}
