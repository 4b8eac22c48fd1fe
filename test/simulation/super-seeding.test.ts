/** Swarms that one super-seed begins: what it sends, who gets it, and whether it goes on. Goals stand with each test. */
import { describe, expect, it } from "vitest";
import type { SwarmPlan } from "../../source/simulator/swarm-plan.ts";
import { usualLink } from "../../source/simulator/swarm-plan.ts";
import { planOf, runPlan, type Values } from "./run-scenario.ts";

/** F/u = 4 minutes: lines as slow as the textbook's. The seed stays. */
const small = { pieces: 64, hours: 1 / 15, copies: 1000 };

function crowdOf(set: Values, seed = 1): SwarmPlan {
  return planOf("flash-crowd", { ...small, ...set }, seed);
}

describe("a super-seed that leaves", () => {
  // Goal: what is lost where it leaves is not the strategy's fault. One copy, and less than a piece for each slot that was
  // in the middle of something.
  it.each([
    { peers: 30, pieces: 64, us: 10, copies: 1.06 },
    { peers: 30, pieces: 20, us: 10, copies: 1.15 },
    { peers: 12, pieces: 128, hours: 0.125, us: 1, copies: 1.03 },
    { peers: 12, pieces: 128, hours: 0.125, us: 3, slots: 12, copies: 1.03 },
  ])("has left everything behind after %o", async (set) => {
    const { results } = await runPlan(crowdOf(set));
    expect(results.completed).toBe(set.peers);
    expect(results.seedCopies).toBeLessThan(set.copies + 0.05);
  });
});

describe("a super-seed that stays", () => {
  // Goal: nobody waits for what those had who are gone, in three times the bound.
  it.each([
    { atSeconds: 40, us: 10 },
    { atSeconds: 100, us: 10 },
    { atSeconds: 150, us: 1 },
  ])("completes those who stay where half of all leave in the middle (%o)", async ({ atSeconds, us }) => {
    const plan = crowdOf({ peers: 12, us });
    const nodes = plan.nodes.map((node, i) =>
      i % 2 === 1 ? { ...node, leaves: { when: "at", ms: 1000 * atSeconds + 100 * i } as const } : node,
    );
    const { results } = await runPlan({ ...plan, nodes });
    expect(results).toMatchObject({ completed: 6, leftBefore: 6 });
    expect(results.lastSeconds).toBeLessThan(3 * results.boundSeconds);
  });

  // Goal: a dozen takers that never say that they have a piece cost two leeches that cannot reach one another, and so
  // cannot spread anything, no more than two hours; before debts gave way to waiting, those got nothing for ever.
  it("completes who cannot spread anything, though takers that never finish a piece crowd around it", async () => {
    const plan = crowdOf({ peers: 2, pieces: 24, us: 10, hours: 1 / 40 });
    const link = { ...usualLink, upBytesPerSecond: 20_000, downBytesPerSecond: 200_000 };
    const script = { kind: "slow-reader", everyMs: 5000 } as const;
    const crowds = [{ group: "taker", count: 12, script, link, joinsMs: 0, overMs: 1000, dials: 1 }];
    const nodes = plan.nodes.map((node) =>
      node.isSeed ? node : { ...node, link: { ...node.link, isReachable: false } },
    );
    const { results } = await runPlan({ ...plan, nodes, crowds, endMs: 7_200_000 });
    expect(results.completed).toBe(2);
  });
});
