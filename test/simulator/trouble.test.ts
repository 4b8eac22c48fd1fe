import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { tryPlan } from "../../source/simulator/fuzz/try-plan.ts";
import { type NodePlan, type SwarmPlan, usualLink } from "../../source/simulator/swarm-plan.ts";
import type { Trouble } from "../../source/simulator/trouble.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };

function planOf(troubles: readonly Trouble[]): SwarmPlan {
  const link = { ...usualLink, upBytesPerSecond: 20_000 };
  const node = (name: string): NodePlan => ({
    name,
    group: name,
    isSeed: name === "seed",
    link,
    joinsMs: 0,
    leaves: { when: "never" },
  });
  const nodes = [node("seed"), node("Ada"), node("Ben")];
  return { scenario: "troubles", seed: 1, pieceCount: 20, pieceLength: 32_768, nodes, troubles, endMs: 3_600_000 };
}

describe("troubles of a simulated swarm", () => {
  it("end when they are to, also those that overlap", async () => {
    const cases: readonly (readonly Trouble[])[] = [
      [
        { kind: "partition", names: ["Ada"], fromMs: 500, untilMs: 10_000 },
        { kind: "partition", names: ["seed"], fromMs: 1000, untilMs: 20_000 },
      ],
      [
        { kind: "pause", names: ["Ada", "Ben"], fromMs: 8000, untilMs: 40_000 },
        { kind: "resets", everyMs: 3000, fromMs: 0, untilMs: 60_000 },
      ],
      [{ kind: "limits", names: ["seed"], limits: { up: 4000, slots: 1 }, fromMs: 2000, untilMs: 30_000 }],
    ];
    for (const troubles of cases) {
      const { failure, virtualMs } = await tryPlan(ports, planOf(troubles));
      expect(failure?.text).toBeUndefined();
      expect(virtualMs).toBeGreaterThan(Math.max(...troubles.map(({ untilMs }) => untilMs)));
    }
  });

  it("keep whom they hit from the others as long as they last", async () => {
    const isolated = planOf([{ kind: "partition", names: ["Ada"], fromMs: 0, untilMs: 3_000_000 }]);
    const { failure } = await tryPlan(ports, { ...isolated, endMs: 2_000_000 });
    expect(failure?.text).toContain("not everybody completes: Ada has 0");
    const paused = planOf([{ kind: "pause", names: ["Ben"], fromMs: 10_000, untilMs: 3_000_000 }]);
    expect((await tryPlan(ports, { ...paused, endMs: 2_000_000 })).failure?.text).toContain("Ben has");
  });
});
