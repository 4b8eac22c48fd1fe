import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pace } from "../../source/tui/pace.ts";

describe("the pace of the picture", () => {
  let shownMs: number[] = [];
  let pace = new Pace(
    () => 0,
    () => {},
  );
  beforeEach(() => {
    vi.useFakeTimers();
    const beginMs = performance.now();
    const nowMs = () => performance.now() - beginMs;
    shownMs = [];
    pace = new Pace(nowMs, () => shownMs.push(Math.round(nowMs())));
    pace.start();
  });
  afterEach(() => {
    pace.close();
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.advanceTimersByTime(ms);

  it("follows frames a moment after each, and shows together what comes together", () => {
    pass(100);
    for (let tick = 0; tick < 8; tick++) {
      pace.came();
      pass(5);
      pace.came();
      // A tick of the engine's is never quite as long as the other.
      pass(tick % 2 === 0 ? 240 : 250);
    }
    expect(shownMs).toHaveLength(8);
    shownMs.forEach((ms, tick) => {
      const cameMs = 100 + Math.ceil(tick / 2) * 245 + Math.floor(tick / 2) * 255;
      expect(ms - cameMs).toBeGreaterThan(0);
      expect(ms - cameMs).toBeLessThan(30);
    });
  });

  it("goes on slowly where nothing comes", () => {
    pass(2000);
    expect(shownMs.length).toBeGreaterThanOrEqual(4);
    expect(shownMs.length).toBeLessThanOrEqual(8);
  });

  it("shows a flood of frames as few pictures, the last frame among them", () => {
    for (let i = 0; i < 200; i++) {
      pace.came();
      pass(10);
    }
    expect(shownMs.length).toBeLessThanOrEqual(12);
    pace.came();
    pass(200);
    expect(shownMs.at(-1)).toBeGreaterThan(2000);
  });

  it("shows nothing after its end", () => {
    pace.came();
    pace.close();
    pace.came();
    pass(1000);
    expect(shownMs).toEqual([]);
  });
});
