import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SendWindow, windowMax, windowMin } from "../../source/swarm/send-window.ts";

const block = 16384 + 13;
const stepMs = 5;

/** A line that takes so many bytes a second behind a kernel's buffer, and a neighbour that always wants more. */
class Line {
  readonly window = new SendWindow();
  nowMs = 0;
  queuedBytes = 0;
  sentBytes = 0;
  /** Steps in which nothing was left for the line to take. */
  starvedSteps = 0;
  #kernelBytes = 0;
  readonly #kernelMax: number;

  constructor(kernelMax: number) {
    this.#kernelMax = kernelMax;
  }

  /** @param isAskedOften tops up whenever there is room, as new requests make us do; else only when all has left. */
  run(rate: number, ms: number, isAskedOften = false): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      if (isAskedOften || this.queuedBytes === 0) this.#serve();
      this.nowMs += stepMs;
      const takes = (rate * stepMs) / 1000;
      if (this.#kernelBytes + this.queuedBytes < takes) this.starvedSteps++;
      this.#kernelBytes = Math.max(0, this.#kernelBytes - takes);
      // As Linux does: it says that there is room again when a third of it is free.
      if (this.#kernelMax === 0) this.queuedBytes = Math.max(0, this.queuedBytes - takes);
      else if (this.#kernelBytes < (this.#kernelMax * 2) / 3) this.#fill();
    }
  }

  #serve(): void {
    for (let rounds = 0; rounds < 1000; rounds++) {
      let room = this.window.room(this.queuedBytes, this.nowMs);
      if (room <= 0) return;
      let bytes = 0;
      for (; room > 0; room -= block) bytes += block;
      this.window.sent(bytes, this.nowMs);
      this.sentBytes += bytes;
      this.queuedBytes += bytes;
      this.#fill();
    }
  }

  #fill(): void {
    const bytes = Math.min(this.queuedBytes, Math.max(0, this.#kernelMax - this.#kernelBytes));
    this.queuedBytes -= bytes;
    this.#kernelBytes += bytes;
  }
}

describe("the send window", () => {
  it("is two blocks of a line that nothing is known of", () => {
    expect(new SendWindow().room(0, 5)).toBe(2 * 16384);
  });

  it("comes to half a second of what the line takes, within a block, however often it is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 20_000_000 }), fc.boolean(), (rate, isAskedOften) => {
        const line = new Line(0);
        line.run(rate, 60_000, isAskedOften);
        const room = line.window.room(line.queuedBytes, line.nowMs) + line.queuedBytes;
        const half = Math.min(windowMax, Math.max(windowMin, rate / 2));
        expect(room).toBeGreaterThan(half * 0.7 - block);
        expect(room).toBeLessThan(half * 1.3 + block);
      }),
    );
  });

  it("lets little wait in front of a slow line, whatever its kernel takes at first", () => {
    for (const rate of [1000, 4000, 20_000]) {
      for (const kernelMax of [0, 16_000, 87_000, 200_000]) {
        const line = new Line(kernelMax);
        line.run(rate, stepMs);
        expect(line.queuedBytes).toBeLessThanOrEqual(3 * block + kernelMax / 4);
        line.run(rate, 200_000);
        for (let seconds = 0; seconds < 120; seconds++) {
          line.run(rate, 1000);
          expect(line.queuedBytes).toBeLessThanOrEqual(3 * block);
        }
      }
    }
  });

  it("keeps the line busy at every rate", () => {
    for (const rate of [4000, 50_000, 1e6, 20e6]) {
      const line = new Line(Math.max(87_000, rate / 10));
      line.run(rate, 20_000);
      expect(line.starvedSteps).toBe(0);
    }
  });

  it("is at its most in front of a fast line that took eight mebibytes", () => {
    const line = new Line(8 * 2 ** 20);
    line.run(0, stepMs);
    expect(line.window.room(0, line.nowMs)).toBe(windowMax);
  });

  it("follows a line that becomes slow, and one that becomes fast again", () => {
    const line = new Line(0);
    line.run(20e6, 2000, true);
    line.run(40_000, 90_000, true);
    expect(line.queuedBytes).toBeLessThan(40_000 + block);
    line.run(20e6, 1000, true);
    expect(line.queuedBytes).toBeGreaterThan(windowMax / 2);
  });

  it("lets no more than a block wait in front of a line that stands still, however fast it was", () => {
    const window = new SendWindow();
    for (let rounds = 0; rounds < 20; rounds++) {
      const room = window.room(0, rounds);
      window.sent(room, rounds);
    }
    expect(window.room(0, 20)).toBe(windowMax);
    window.sent(windowMin, 20);
    expect(window.room(windowMin, 1000)).toBe(windowMax - windowMin);
    expect(window.room(windowMin, 1100)).toBe(0);
    expect(window.room(windowMin, 500_000)).toBe(0);
  });

  it("does not take a neighbour that asks for little for a slow or for a fast one", () => {
    const window = new SendWindow();
    for (let nowMs = 0; nowMs < 100_000; nowMs += 7000) {
      window.sent(block, nowMs);
      expect(window.room(0, nowMs)).toBe(2 * 16384);
    }
  });
});
