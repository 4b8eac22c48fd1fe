import { describe, expect, it } from "vitest";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { BlockLedger } from "../../source/swarm/block-ledger.ts";
import { RequestPipeline } from "../../source/swarm/request-pipeline.ts";

const blockBytes = 16384;
const geometry = new Geometry(2 ** 28, 2 ** 28);
const active = new BlockLedger(geometry).begin(geometry.piece(0));

/** A pipeline kept full over a line of fixed rate and delay, with a tick each second. */
class Line {
  readonly pipeline = new RequestPipeline(0);
  readonly #bytesPerSecond: number;
  readonly #delayMs: number;
  #nowMs = 0;
  #nextKey = 0;
  /** When each request is answered. */
  #answers: { readonly key: number; readonly atMs: number }[] = [];
  #freeMs = 0;

  constructor(bytesPerSecond: number, delayMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#delayMs = delayMs;
    this.#fill();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** @returns bytes that came. */
  run(seconds: number): number {
    let bytes = 0;
    const endMs = this.#nowMs + seconds * 1000;
    for (let tickMs = this.#nowMs + 1000; tickMs <= endMs; tickMs += 1000) {
      for (let next = this.#answers[0]; next !== undefined && next.atMs <= tickMs; next = this.#answers[0]) {
        this.#answers.shift();
        this.#nowMs = next.atMs;
        expect(this.pipeline.answered(next.key, blockBytes, next.atMs)).toBeDefined();
        bytes += blockBytes;
        this.#fill();
      }
      this.#nowMs = tickMs;
      expect(this.pipeline.tick(tickMs)).toBe(false);
    }
    return bytes;
  }

  #fill(): void {
    while (this.pipeline.room > 0) {
      const key = this.#nextKey++;
      this.pipeline.sent(key, active, 0, this.#nowMs);
      // The line sends one block after another, each a delay later than it could begin.
      this.#freeMs = Math.max(this.#freeMs, this.#nowMs) + (blockBytes / this.#bytesPerSecond) * 1000;
      this.#answers.push({ key, atMs: this.#freeMs + this.#delayMs });
    }
  }
}

describe("the request pipeline", () => {
  it("begins with four requests and never asks for more than its window", () => {
    const pipeline = new RequestPipeline(0);
    expect(pipeline.room).toBe(4);
    for (let key = 0; key < 4; key++) pipeline.sent(key, active, key, 0);
    expect(pipeline.room).toBe(0);
    expect(pipeline.outstanding).toBe(4);
  });

  // A slot of a home line that serves five: the queue that we make there ourselves is no reason to make it longer.
  it.each([4_000, 1_000, 20_000])("holds no more than about three seconds of a line of %i bytes a second", (rate) => {
    const line = new Line(rate, 40);
    line.run(120);
    expect(line.pipeline.window).toBeLessThanOrEqual(Math.max(2, Math.ceil((3 * rate) / blockBytes) + 1));
    expect(line.run(120)).toBeGreaterThan(0.85 * rate * 120);
  });

  it.each([
    [10_000_000, 100],
    [3_000_000, 200],
    [500_000, 50],
    [50_000_000, 2],
  ])("grows until it fills a line of %i bytes a second with %i ms of delay", (rate, delayMs) => {
    const line = new Line(rate, delayMs);
    line.run(15);
    expect(line.run(10)).toBeGreaterThan(0.95 * rate * 10);
  });

  it("holds little of a slow line: about half a second and two answer times", () => {
    const line = new Line(100_000, 40);
    line.run(30);
    expect(line.pipeline.window).toBeGreaterThanOrEqual(4);
    expect(line.pipeline.window).toBeLessThanOrEqual(12);
  });

  it.each([
    [400_000_000, 1],
    [400_000_000, 0],
    [100_000_000, 5],
  ])("lets no more than 8 MiB wait at who sends %i bytes a second over a path of %i ms", (rate, delayMs) => {
    const line = new Line(rate, delayMs);
    line.pipeline.setReqq(2000);
    const pathBlocks = (3 * rate * (delayMs + 1)) / 1000 / blockBytes;
    expect(line.run(1)).toBeGreaterThan(0.9 * rate);
    expect(line.pipeline.window).toBeLessThanOrEqual(512 + pathBlocks);
    expect(line.run(3)).toBeGreaterThan(0.99 * rate * 3);
    expect(line.pipeline.window).toBeLessThanOrEqual(512 + pathBlocks);
  });

  it("asks for as much as a fast and long path holds", () => {
    const line = new Line(200_000_000, 100);
    line.pipeline.setReqq(2000);
    line.run(5);
    expect(line.run(5)).toBeGreaterThan(0.99 * 200_000_000 * 5);
    expect(line.pipeline.window).toBeGreaterThan(1221);
  });

  it("asks for no more than the neighbour says it queues, nor than 2000", () => {
    const fast = new Line(400_000_000, 100);
    fast.run(10);
    expect(fast.pipeline.window).toBe(250);
    fast.pipeline.setReqq(100_000);
    expect(fast.pipeline.window).toBeLessThanOrEqual(2000);
    fast.pipeline.setReqq(1);
    expect(fast.pipeline.window).toBe(1);
    fast.pipeline.setReqq(-3);
    expect(fast.pipeline.window).toBe(1);
    expect(fast.pipeline.room).toBe(0);
  });

  it("tells an answer from a block that nobody asked for", () => {
    const pipeline = new RequestPipeline(0);
    pipeline.sent(5, active, 5, 0);
    expect(pipeline.answered(6, blockBytes, 100)).toBeUndefined();
    expect(pipeline.answered(5, blockBytes, 100)).toMatchObject({ block: 5, sentMs: 0 });
    expect(pipeline.answered(5, blockBytes, 100)).toBeUndefined();
    expect(pipeline.roundTripMs).toBe(100);
  });

  it("forgets what is rejected", () => {
    const pipeline = new RequestPipeline(0);
    for (const key of [1, 2]) pipeline.sent(key, active, key, 0);
    expect(pipeline.rejected(2)?.block).toBe(2);
    expect(pipeline.rejected(2)).toBeUndefined();
    expect(pipeline.has(2)).toBe(false);
    expect(pipeline.answered(2, blockBytes, 100)).toBeUndefined();
    expect(pipeline.outstanding).toBe(1);
  });

  it("knows a late block of what it gave up, once, until that is rejected", () => {
    const pipeline = new RequestPipeline(0);
    for (const key of [1, 2, 3, 4]) pipeline.sent(key, active, key, 0);
    expect(pipeline.cancelled(1)).toBe(true);
    expect(pipeline.cancelled(1)).toBe(false);
    expect(pipeline.takeAll().map((request) => request.block)).toEqual([2, 3, 4]);
    expect(pipeline.outstanding).toBe(0);
    expect(pipeline.rejected(3)).toBeUndefined();
    expect(pipeline.answered(1, blockBytes, 90_000)).toMatchObject({ block: 1, isLate: true });
    expect(pipeline.answered(1, blockBytes, 90_000)).toBeUndefined();
    expect(pipeline.answered(3, blockBytes, 90_000)).toBeUndefined();
    // Asked for again: the first copy answers that, the second is the late one.
    pipeline.sent(2, active, 2, 95_000);
    expect(pipeline.answered(2, blockBytes, 96_000)).toMatchObject({ sentMs: 95_000, isLate: false });
    expect(pipeline.answered(2, blockBytes, 97_000)).toMatchObject({ sentMs: 0, isLate: true });
  });

  it("remembers no more late blocks than a window may hold", () => {
    const pipeline = new RequestPipeline(0);
    for (let key = 0; key < 2500; key++) pipeline.sent(key, active, 0, 0);
    pipeline.takeAll();
    expect(pipeline.answered(499, blockBytes, 1)).toBeUndefined();
    expect(pipeline.answered(500, blockBytes, 1)).toBeDefined();
  });

  describe("when the neighbour sends nothing", () => {
    function asked(): RequestPipeline {
      const pipeline = new RequestPipeline(0);
      pipeline.sent(1, active, 1, 0);
      return pipeline;
    }

    function snubbedAfter(pipeline: RequestPipeline, fromMs: number): number {
      for (let nowMs = fromMs; nowMs < fromMs + 200_000; nowMs += 1000) if (pipeline.tick(nowMs)) return nowMs - fromMs;
      return -1;
    }

    it("is snubbed after 30 s if it never sent, after 60 s if it did", () => {
      expect(snubbedAfter(asked(), 0)).toBe(31_000);
      const pipeline = asked();
      pipeline.answered(1, blockBytes, 100_000);
      pipeline.sent(2, active, 2, 100_000);
      expect(snubbedAfter(pipeline, 100_000)).toBe(61_000);
    });

    it("is not snubbed while it is asked for nothing", () => {
      const pipeline = new RequestPipeline(0);
      expect(snubbedAfter(pipeline, 0)).toBe(-1);
      // The time before its first request is not its fault.
      pipeline.sent(1, active, 1, 200_000);
      expect(snubbedAfter(pipeline, 200_000)).toBe(31_000);
    });

    it("is then asked for one block at a time, and given up again if that does not come either", () => {
      const pipeline = asked();
      snubbedAfter(pipeline, 0);
      pipeline.takeAll();
      expect(pipeline.isSnubbed).toBe(true);
      expect(pipeline.room).toBe(1);
      pipeline.sent(2, active, 2, 40_000);
      expect(pipeline.room).toBe(0);
      expect(snubbedAfter(pipeline, 40_000)).toBe(31_000);
      expect(pipeline.isSnubbed).toBe(true);
    });

    it("is trusted again with a block that comes late", () => {
      const pipeline = asked();
      snubbedAfter(pipeline, 0);
      pipeline.takeAll();
      expect(pipeline.answered(1, blockBytes, 50_000)).toMatchObject({ isLate: true });
      expect(pipeline.isSnubbed).toBe(false);
    });

    it("is trusted again with its next block, beginning small", () => {
      const pipeline = asked();
      snubbedAfter(pipeline, 0);
      pipeline.takeAll();
      pipeline.sent(2, active, 2, 40_000);
      pipeline.answered(2, blockBytes, 41_000);
      expect(pipeline.isSnubbed).toBe(false);
      expect(pipeline.room).toBe(2);
    });
  });
});
