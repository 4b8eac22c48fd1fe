import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  goalOf,
  goalReached,
  isSameGoal,
  noGoal,
  type SeedingFacts,
  seedingRatio,
} from "../../../source/engine/housekeeping/seeding-goal.ts";
import type { SeedingGoal } from "../../../source/engine/profile/torrent-choices.ts";

const mega = 1e6;
const facts = (more: Partial<SeedingFacts>): SeedingFacts => ({
  uploaded: 0,
  downloaded: mega,
  wantedLength: mega,
  seedingSeconds: 0,
  idleSeconds: 0,
  ...more,
});
const goal = (more: Partial<SeedingGoal>): SeedingGoal => ({ ...noGoal, ...more });

describe("seeding goals", () => {
  it.each<[what: SeedingGoal, when: SeedingFacts, said: string]>([
    [goal({ ratio: 2 }), facts({ uploaded: 2 * mega }), "reached ratio 2.0"],
    [goal({ ratio: 2 }), facts({ uploaded: 2 * mega - 1 }), ""],
    [goal({ ratio: 0.75 }), facts({ uploaded: mega }), "reached ratio 0.75"],
    [goal({ seedMinutes: 4320 }), facts({ seedingSeconds: 3 * 86_400 }), "seeded for 3 days"],
    [goal({ seedMinutes: 60 }), facts({ seedingSeconds: 3600 }), "seeded for 1 hour"],
    [goal({ seedMinutes: 90 }), facts({ seedingSeconds: 5399 }), ""],
    [goal({ idleMinutes: 90 }), facts({ idleSeconds: 5400 }), "nobody took anything for 90 minutes"],
    [goal({ ratio: 1, idleMinutes: 1 }), facts({ uploaded: mega, idleSeconds: 60 }), "reached ratio 1.0"],
  ])("%o with %o: %s", (what, when, said) => {
    expect(goalReached(what, when)).toBe(said);
  });

  it("are never reached where there are none", () => {
    const amount = fc.nat({ max: 1e12 });
    const any = fc.record({
      uploaded: amount,
      downloaded: amount,
      wantedLength: amount,
      seedingSeconds: amount,
      idleSeconds: amount,
    });
    fc.assert(
      fc.property(any, (some) => {
        expect(goalReached(noGoal, some)).toBe("");
      }),
    );
  });

  it("measure uploads by what was downloaded, or by all that is wanted where that is more", () => {
    expect(seedingRatio(facts({ uploaded: 6 * mega, downloaded: 0, wantedLength: 3 * mega }))).toBe(2);
    expect(seedingRatio(facts({ uploaded: 6 * mega, downloaded: 4 * mega, wantedLength: 3 * mega }))).toBe(1.5);
    expect(seedingRatio(facts({ uploaded: 0, downloaded: 0, wantedLength: 0 }))).toBe(0);
  });

  it("of a torrent come before those for all, each for itself, also where it has none", () => {
    const all = { ratio: 2, seedMinutes: 60, idleMinutes: 30 };
    const own = { ratioGoal: null, seedMinutesGoal: 0, idleMinutesGoal: 5 };
    expect(goalOf(own, all)).toEqual({ ratio: 2, seedMinutes: 0, idleMinutes: 5 });
  });

  it("are the same only when all three are", () => {
    const one = { ratio: 2, seedMinutes: 60, idleMinutes: 30 };
    expect(isSameGoal(one, { ...one })).toBe(true);
    for (const key of ["ratio", "seedMinutes", "idleMinutes"] as const)
      expect(isSameGoal(one, { ...one, [key]: 1 })).toBe(false);
  });
});
