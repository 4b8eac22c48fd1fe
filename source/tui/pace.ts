/**
 * When the picture is drawn anew of what the engine sends (keys are answered at once, by the store). A moment after a frame
 * came, so that frames that come together are seen together and none waits for a clock of ours that runs beside the engine's.
 * That is four times a second as the engine sends them. Where it sends nothing, countdowns go on a little slower.
 */

/** Frames of one tick of the engine are read by then. */
const gatherMs = 15;
/** Frames that come faster than the engine's four a second share a picture. */
const spacingMs = 180;
/** So far apart that the next frame comes before it, if one comes at all. */
const silentMs = 350;

export class Pace {
  readonly #nowMs: () => number;
  readonly #show: () => void;
  #shownMs = Number.NEGATIVE_INFINITY;
  #dueMs = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param nowMs a clock that only goes forward. */
  constructor(nowMs: () => number, show: () => void) {
    this.#nowMs = nowMs;
    this.#show = show;
  }

  start(): void {
    this.#arm(this.#nowMs() + silentMs);
  }

  /** A frame has come. */
  came(): void {
    const dueMs = Math.max(this.#nowMs() + gatherMs, this.#shownMs + spacingMs);
    if (this.#timer !== undefined && dueMs < this.#dueMs) this.#arm(dueMs);
  }

  /** Shows nothing from now on. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(dueMs: number): void {
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(
      () => {
        this.#shownMs = this.#nowMs();
        this.#arm(this.#shownMs + silentMs);
        this.#show();
      },
      Math.max(0, dueMs - this.#nowMs()),
    );
  }
}
