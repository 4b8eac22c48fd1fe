import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnnounceGate, type AnnounceUrgency } from "../../source/discovery/announce-gate.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

interface Asked {
  readonly atMs: number;
  readonly host: string;
  readonly urgency: AnnounceUrgency;
  /** How long the tracker takes. */
  readonly takesMs: number;
  beganMs?: number;
}

const bounds = { perSecondMax: 50, underWayMax: 20, underWayPerHostMax: 8 };

/** Has all of them wait, lets a day pass, and looks at every beginning. */
function run(asked: readonly Asked[], onBegin: (underWay: readonly Asked[], nowMs: number) => void): void {
  const clock = new VirtualClock();
  const gate = new AnnounceGate(clock, bounds);
  const underWay = new Set<Asked>();
  for (const one of asked) {
    clock.after(one.atMs, () => {
      gate.wait(one.host, one.urgency, (done) => {
        one.beganMs = clock.nowMs();
        underWay.add(one);
        onBegin([...underWay], clock.nowMs());
        clock.after(one.takesMs, () => {
          underWay.delete(one);
          done();
        });
      });
    });
  }
  clock.advance(24 * 3_600_000);
  expect(clock.pendingTimers).toBe(0);
}

const anyAsked: fc.Arbitrary<Asked> = fc.record({
  atMs: fc.integer({ min: 0, max: 5000 }),
  host: fc.constantFrom("a", "b", "c", "d"),
  urgency: fc.constantFrom<AnnounceUrgency>("download", "seed", "stop"),
  takesMs: fc.integer({ min: 0, max: 3000 }),
});

describe("the announces of all torrents", () => {
  it("all get their turn, within the bounds of what is under way", () => {
    fc.assert(
      fc.property(fc.array(anyAsked, { maxLength: 300 }), (asked) => {
        run(asked, (underWay) => {
          expect(underWay.length).toBeLessThanOrEqual(bounds.underWayMax);
          const newest = underWay.at(-1);
          if (newest === undefined || newest.urgency === "stop") return;
          const ofHost = underWay.filter(({ host }) => host === newest.host);
          expect(ofHost.length).toBeLessThanOrEqual(bounds.underWayPerHostMax);
        });
        expect(asked.filter(({ beganMs }) => beganMs === undefined)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("begin no faster than the rate in any second, but for a first burst and for those that stop", () => {
    fc.assert(
      fc.property(fc.array(anyAsked, { maxLength: 300 }), (asked) => {
        const beganMs: number[] = [];
        run(asked, (underWay, nowMs) => {
          if (underWay.at(-1)?.urgency !== "stop") beganMs.push(nowMs);
        });
        for (const from of beganMs) {
          const inSecond = beganMs.filter((ms) => ms >= from && ms < from + 1000).length;
          expect(inSecond).toBeLessThanOrEqual(bounds.perSecondMax + 10);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("are not held up by a tracker that does not answer", () => {
    const dead = Array.from({ length: 500 }, () => ({
      atMs: 0,
      host: "dead",
      urgency: "download" as const,
      takesMs: 30_000,
    }));
    const alive: Asked[] = Array.from({ length: 100 }, () => ({
      atMs: 0,
      host: "alive",
      urgency: "seed",
      takesMs: 100,
    }));
    run([...dead, ...alive], () => {});
    expect(Math.max(...alive.map(({ beganMs = Number.NaN }) => beganMs))).toBeLessThan(10_000);
  });

  it("of downloads go before those of seeds, which wait four times as long as alone at most", () => {
    const make = (urgency: AnnounceUrgency): Asked[] =>
      Array.from({ length: 400 }, (_, i) => ({ atMs: 0, host: `${i % 10}`, urgency, takesMs: 50 }));
    const [seeds, downloads] = [make("seed"), make("download")];
    run([...seeds, ...downloads], () => {});
    const last = (all: readonly Asked[]) => Math.max(...all.map(({ beganMs = Number.NaN }) => beganMs));
    const alone = make("seed");
    run(alone, () => {});
    expect(last(downloads)).toBeLessThan(last(seeds));
    expect(last(seeds)).toBeLessThanOrEqual(4 * last(alone));
    expect(seeds.filter(({ beganMs = 0 }) => beganMs < last(downloads)).length).toBeGreaterThan(50);
  });

  it("that were given up leave the line to others", () => {
    const clock = new VirtualClock();
    const gate = new AnnounceGate(clock, { ...bounds, underWayPerHostMax: 1 });
    const began: string[] = [];
    let end = (): void => {};
    gate.wait("a", "seed", (done) => {
      end = done;
    });
    const leave = gate.wait("a", "seed", () => began.push("given up"));
    gate.wait("a", "seed", (done) => {
      began.push("stayed");
      done();
    });
    leave();
    end();
    expect(began).toEqual(["stayed"]);
    leave();
  });
});
