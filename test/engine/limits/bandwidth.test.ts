import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Bandwidth } from "../../../source/engine/limits/bandwidth.ts";
import type { Clock } from "../../../source/ports/clock.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const blockBytes = 16384;
const open: Bandwidth[] = [];

function limited(bytesPerSecond: number): { clock: VirtualClock; bandwidth: Bandwidth } {
  const clock = new VirtualClock();
  const bandwidth = new Bandwidth(clock, bytesPerSecond);
  open.push(bandwidth);
  return { clock, bandwidth };
}

/** Somebody who always has more to send. */
class Sender {
  bytes = 0;
  readonly #bandwidth: Bandwidth;
  readonly #itemBytes: number;
  readonly go = () => {
    while (this.#bandwidth.take(this.#itemBytes)) this.bytes += this.#itemBytes;
    this.#bandwidth.wait(this.go);
  };

  constructor(bandwidth: Bandwidth, itemBytes = blockBytes) {
    this.#bandwidth = bandwidth;
    this.#itemBytes = itemBytes;
  }
}

afterEach(() => {
  for (const bandwidth of open.splice(0)) bandwidth.close();
});

describe("bandwidth", () => {
  it("without a limit grants everything, and calls who waits soon", () => {
    const { clock, bandwidth } = limited(0);
    for (let i = 0; i < 1000; i++) expect(bandwidth.take(1e9)).toBe(true);
    expect(bandwidth.spend(1e12)).toBe(true);
    let calls = 0;
    bandwidth.wait(() => calls++);
    clock.advance(100);
    expect(calls).toBe(1);
  });

  it.each([1000, 50_000, 1_000_000, 100_000_000])("lets through what it is, of %i bytes a second", (rate) => {
    const { clock, bandwidth } = limited(rate);
    const sender = new Sender(bandwidth);
    sender.go();
    clock.advance(100_000);
    // Over by one block and a quarter of a second at most.
    expect(sender.bytes).toBeGreaterThan(0.98 * rate * 100);
    expect(sender.bytes).toBeLessThanOrEqual(rate * 100.25 + blockBytes);
  });

  it.each([
    { rate: 64_000, windowMs: 10_000 },
    { rate: 5_000_000, windowMs: 1000 },
    { rate: 50_000_000, windowMs: 1000 },
  ])("is exact to 3 % in every window of $windowMs ms at $rate bytes a second", ({ rate, windowMs }) => {
    const { clock, bandwidth } = limited(rate);
    const senders = [1, 2, 3].map(() => new Sender(bandwidth));
    for (const sender of senders) sender.go();
    clock.advance(1000);
    const stepMs = 7;
    const sums: number[] = [];
    for (let ms = 0; ms < 4 * windowMs; ms += stepMs) {
      sums.push(senders.reduce((sum, { bytes }) => sum + bytes, 0));
      clock.advance(stepMs);
    }
    const steps = Math.floor(windowMs / stepMs);
    for (let i = steps; i < sums.length; i++) {
      const bytes = (sums[i] ?? 0) - (sums[i - steps] ?? 0);
      const expected = (rate * steps * stepMs) / 1000;
      expect(Math.abs(bytes - expected) / expected).toBeLessThan(0.03);
    }
  });

  it("gives out forty portions in every second, however late the timers are", () => {
    const clock = new VirtualClock();
    let timers = 0;
    const tardy: Clock = {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      localMinutes: clock.localMinutes,
      after: (ms, callback) => clock.after(ms + ((timers++ * 7) % 11), callback),
    };
    const bandwidth = new Bandwidth(tardy, 5_000_000);
    open.push(bandwidth);
    const turns: number[] = [];
    const go = () => {
      if (bandwidth.take(blockBytes)) turns.push(clock.nowMs());
      while (bandwidth.take(blockBytes));
      bandwidth.wait(go);
    };
    go();
    clock.advance(10_000);
    for (let ms = 25; ms + 1000 <= 10_000; ms += 25) {
      expect(turns.filter((turn) => turn >= ms && turn < ms + 1000)).toHaveLength(40);
    }
  });

  it("wakes nobody before there is something for him, and sooner where something is given back", () => {
    const { clock, bandwidth } = limited(16_384);
    let calls = 0;
    bandwidth.spend(16_384);
    bandwidth.wait(() => calls++);
    clock.advance(990);
    expect(calls).toBe(0);
    clock.advance(40);
    expect(calls).toBe(1);
    bandwidth.spend(160_000);
    bandwidth.wait(() => calls++);
    clock.advance(500);
    bandwidth.spend(-160_000);
    clock.advance(30);
    expect(calls).toBe(2);
  });

  it("gives all who want it the same, however many there are", () => {
    for (const count of [2, 7, 30]) {
      const { clock, bandwidth } = limited(500_000);
      const senders = Array.from({ length: count }, () => new Sender(bandwidth));
      for (const sender of senders) sender.go();
      clock.advance(120_000);
      const share = (500_000 * 120) / count;
      for (const sender of senders) {
        expect(sender.bytes).toBeGreaterThan(0.8 * share);
        expect(sender.bytes).toBeLessThan(1.2 * share);
      }
    }
  });

  it("lets nobody pass those who stand in line", () => {
    const { clock, bandwidth } = limited(10_000);
    const first = new Sender(bandwidth);
    first.go();
    clock.advance(20_000);
    expect(bandwidth.take(1)).toBe(false);
  });

  it("starves nobody though another asks at every moment", () => {
    const { clock, bandwidth } = limited(100_000);
    const patient = new Sender(bandwidth);
    patient.go();
    let pushed = 0;
    for (let i = 0; i < 6000; i++) {
      clock.advance(10);
      if (bandwidth.take(blockBytes)) pushed += blockBytes;
    }
    expect(patient.bytes).toBeGreaterThan(0.45 * 100_000 * 60);
    expect(patient.bytes + pushed).toBeLessThanOrEqual(100_000 * 60.25 + 2 * blockBytes);
  });

  it("keeps no more than a quarter of a second of what was not used", () => {
    const { clock, bandwidth } = limited(1_000_000);
    clock.advance(3_600_000);
    let bytes = 0;
    while (bandwidth.take(1000)) bytes += 1000;
    expect(bytes).toBeLessThanOrEqual(251_000);
    expect(bytes).toBeGreaterThanOrEqual(249_000);
  });

  it("books what has come already, and says when more may be read", () => {
    const { clock, bandwidth } = limited(10_000);
    clock.advance(250);
    expect(bandwidth.spend(1000)).toBe(true);
    expect(bandwidth.spend(21_500)).toBe(false);
    clock.advance(1900);
    expect(bandwidth.spend(0)).toBe(false);
    clock.advance(200);
    expect(bandwidth.spend(0)).toBe(true);
  });

  it("calls who waits once for each wait, and not at all when it was forgotten", () => {
    const { clock, bandwidth } = limited(10_000);
    let calls = 0;
    const again = () => calls++;
    for (let i = 0; i < 5; i++) bandwidth.wait(again);
    clock.advance(10_000);
    expect(calls).toBe(1);
    bandwidth.wait(again);
    bandwidth.forget(again);
    clock.advance(10_000);
    expect(calls).toBe(1);
  });

  it("does not call one that another's turn made leave the line", () => {
    const { clock, bandwidth } = limited(10_000);
    const called: string[] = [];
    const second = () => called.push("second");
    bandwidth.wait(() => {
      called.push("first");
      bandwidth.forget(second);
    });
    bandwidth.wait(second);
    clock.advance(1000);
    expect(called).toEqual(["first"]);
  });

  it("goes on with the line when one in it throws", () => {
    const { clock, bandwidth } = limited(10_000);
    let calls = 0;
    bandwidth.wait(() => {
      throw new Error("a bug");
    });
    bandwidth.wait(() => calls++);
    expect(() => clock.advance(1000)).toThrow("a bug");
    clock.advance(1000);
    expect(calls).toBe(1);
  });

  it("takes up a new limit at once, also none", () => {
    const { clock, bandwidth } = limited(1000);
    const sender = new Sender(bandwidth);
    sender.go();
    clock.advance(1000);
    bandwidth.setLimit(1_000_000);
    expect(bandwidth.bytesPerSecond).toBe(1_000_000);
    const before = sender.bytes;
    clock.advance(10_000);
    expect(sender.bytes - before).toBeGreaterThan(9_500_000);
    let calls = 0;
    bandwidth.setLimit(1);
    bandwidth.wait(() => calls++);
    sender.bytes = 0;
    bandwidth.forget(sender.go);
    bandwidth.setLimit(0);
    expect(calls).toBe(1);
  });

  it("leaves no timer when it is closed", () => {
    const { clock, bandwidth } = limited(1000);
    bandwidth.wait(() => undefined);
    expect(clock.pendingTimers).toBe(1);
    bandwidth.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it("sets no timer while nobody waits", () => {
    const { clock, bandwidth } = limited(1000);
    bandwidth.take(5000);
    bandwidth.spend(5000);
    expect(clock.pendingTimers).toBe(0);
  });

  it("never lets through more than its rate allows, in whatever pattern it is asked", () => {
    const step = fc.record({
      ms: fc.nat({ max: 2000 }),
      bytes: fc.integer({ min: 1, max: 40_000 }),
      isRead: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1_000_000 }), fc.array(step, { maxLength: 100 }), (rate, steps) => {
        const { clock, bandwidth } = limited(rate);
        let bytes = 0;
        for (const step of steps) {
          clock.advance(step.ms);
          const before = bytes;
          if (step.isRead ? bandwidth.spend(0) : bandwidth.take(step.bytes)) {
            if (step.isRead) bandwidth.spend(step.bytes);
            bytes += step.bytes;
            // It was let through because nothing was owed for what went before.
            expect(before).toBeLessThanOrEqual((rate * clock.nowMs()) / 1000 + 1e-6);
          }
        }
      }),
    );
  });
});
