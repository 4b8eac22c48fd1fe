import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { parsePlan } from "../../source/simulator/fuzz/parse-plan.ts";
import { randomPlan } from "../../source/simulator/fuzz/random-plan.ts";
import { shrink } from "../../source/simulator/fuzz/shrink.ts";
import { tryPlan } from "../../source/simulator/fuzz/try-plan.ts";
import type { SwarmPlan } from "../../source/simulator/swarm-plan.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };
const firstSeed = 101;
const seedCount = 30;
const nodesMax = 8;

describe("random swarms under the referee", () => {
  it("are in order, complete, and leave neither timers nor connections", async () => {
    for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
      const { failure } = await tryPlan(ports, randomPlan(seed, nodesMax));
      expect(
        failure,
        `p2p-tui sim fuzz --first ${seed} --seeds 1 --nodes ${nodesMax}: ${failure?.text}`,
      ).toBeUndefined();
    }
  }, 300_000);

  it("are the same from the same seed, in this process and in another", async () => {
    const seeds = [2, 5];
    const once = await Promise.all(seeds.map(async (seed) => await traceOf(seed)));
    const again = await Promise.all(seeds.map(async (seed) => await traceOf(seed)));
    expect(again).toEqual(once);
    const folder = mkdtempSync(join(tmpdir(), "p2p-tui-fuzz-"));
    const file = join(folder, "plan.json");
    const cli = join(import.meta.dirname, "../../source/cli.ts");
    const others = seeds.map((seed) => {
      writeFileSync(file, JSON.stringify(randomPlan(seed, nodesMax)));
      return JSON.parse(execFileSync(process.execPath, [cli, "sim", "plan", file, "--json"], { encoding: "utf8" }));
    });
    rmSync(folder, { recursive: true });
    expect(others.map(({ traceHash }) => traceHash)).toEqual(once);
  });
});

async function traceOf(seed: number): Promise<string> {
  return (await tryPlan(ports, randomPlan(seed, nodesMax))).traceHash;
}

describe("a random plan", () => {
  it("survives being written and read", () => {
    for (let seed = 0; seed < 200; seed++) {
      const plan = randomPlan(seed);
      expect(parsePlan(JSON.stringify(plan))).toEqual(plan);
    }
  });

  it("is refused where it is not as it should be, with the place", () => {
    const plan = randomPlan(7);
    const refused: readonly [string, unknown][] = [
      ["the plan: no object", []],
      ["nodes: there are none", { ...plan, nodes: [] }],
      ["nodes: two have one name", { ...plan, nodes: [plan.nodes[0], plan.nodes[0]] }],
      ["pieceCount: no number from 1", { ...plan, pieceCount: 0 }],
      ["seed: not whole", { ...plan, seed: 1.5 }],
      [
        "node 1: link: lossRate",
        { ...plan, nodes: [{ ...plan.nodes[0], link: { ...plan.nodes[0]?.link, lossRate: 2 } }] },
      ],
      ["trouble 1: unknown", { ...plan, troubles: [{ kind: "flood", fromMs: 1, untilMs: 2 }] }],
    ];
    for (const [problem, value] of refused) expect(() => parsePlan(JSON.stringify(value)), problem).toThrow(problem);
    expect(() => parsePlan("{")).toThrow("no JSON");
  });
});

describe("a failing plan", () => {
  it("is cut down to what the failure needs", async () => {
    // Fails as long as there are three nodes, one of them hidden, five pieces and a time of resets.
    const fails = ({ nodes, pieceCount, troubles = [] }: SwarmPlan): boolean =>
      nodes.length >= 3 &&
      pieceCount >= 5 &&
      nodes.some(({ link }) => !link.isReachable) &&
      troubles.some((trouble) => trouble.kind === "resets");
    let found = 0;
    for (let seed = 0; seed < 300 && found < 5; seed++) {
      const plan = randomPlan(seed);
      if (!fails(plan)) continue;
      found++;
      const small = await shrink(plan, async (one) => fails(one), 2000);
      expect(fails(small)).toBe(true);
      expect(small.nodes).toHaveLength(3);
      expect(small.pieceCount).toBe(5);
      expect(small.troubles).toHaveLength(1);
      expect(small.nodes.filter(({ link }) => !link.isReachable)).toHaveLength(1);
      expect(
        small.nodes.every(
          ({ leaves, joinsMs, limits }) => leaves.when === "never" && joinsMs === 0 && limits === undefined,
        ),
      ).toBe(true);
    }
    expect(found).toBe(5);
  });
});
