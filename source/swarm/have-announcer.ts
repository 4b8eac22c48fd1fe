/** Verified pieces wait a moment for others, so that their `have` messages leave together. */
import type { PieceIndex } from "../base/ids.ts";
import type { Clock, Timer } from "../ports/clock.ts";

const delayMs = 50;

export class HaveAnnouncer {
  readonly #clock: Clock;
  readonly #announce: (pieces: readonly PieceIndex[]) => void;
  #pieces: PieceIndex[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, announce: (pieces: readonly PieceIndex[]) => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  add(piece: PieceIndex): void {
    this.#pieces.push(piece);
    this.#timer ??= this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#announce(pieces);
    });
  }

  /** What waits is not announced. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pieces = [];
  }
}
