import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { clientServerSeconds, peerToPeerSeconds } from "../../source/simulator/bounds.ts";
import { resultsOf } from "../../source/simulator/results.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import type { Departure, NodePlan } from "../../source/simulator/swarm-plan.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };
const base = lecture.plan(valuesOf(lecture, new Map(Object.entries({ peers: 4, pieces: 16, hours: 0.02 }))), 1);

async function resultsWith(change: (node: NodePlan, number: number) => Partial<NodePlan>) {
  const nodes = base.nodes.map((node, number) => ({ ...node, ...change(node, number) }));
  const simulation = new SwarmSimulation(ports, { ...base, nodes, endMs: 600_000 });
  await simulation.run();
  return resultsOf(simulation, 500);
}

describe("the bounds", () => {
  it("are those of the lectures: linear for a server, below F/u for a swarm", () => {
    for (let peers = 1; peers <= 35; peers++) {
      const line = { length: 3600, seedUp: 10, peerUps: Array(peers).fill(1), peerDowns: Array(peers).fill(10) };
      expect(clientServerSeconds(line)).toBeCloseTo(360 * peers);
      expect(peerToPeerSeconds(line)).toBeCloseTo(Math.max(360, (3600 * peers) / (10 + peers)));
      expect(peerToPeerSeconds(line)).toBeLessThan(3600);
    }
  });

  it("never ask more of a swarm than of its server alone", () => {
    const rate = fc.integer({ min: 1, max: 1_000_000 });
    const peers = fc.array(fc.tuple(fc.nat(1_000_000), rate), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(rate, rate, peers, (length, seedUp, lines) => {
        const input = { length, seedUp, peerUps: lines.map(([up]) => up), peerDowns: lines.map(([, down]) => down) };
        expect(peerToPeerSeconds(input)).toBeLessThanOrEqual(clientServerSeconds(input) * (1 + 1e-9));
      }),
    );
  });
});

describe("what came of a swarm", () => {
  it("counts late joiners from their joining", async () => {
    const results = await resultsWith((_, number) => (number === 4 ? { joinsMs: 100_000 } : {}));
    expect(results.completed).toBe(4);
    // By then all others are complete: the last has the lines of all for itself.
    expect(results.firstSeconds).toBeLessThan(results.boundSeconds);
    expect(results.virtualSeconds).toBeGreaterThan(100);
    expect(results.lastSeconds).toBeLessThan(60);
  });

  it("keeps what those gave and took that have left", async () => {
    const leaves: Departure = { when: "complete", afterMs: 0 };
    const results = await resultsWith((node) => (node.isSeed ? {} : { leaves }));
    const peers = results.groups.find(({ group }) => group === "peer");
    expect(peers).toMatchObject({ nodes: 4, completed: 4, meanDownloaded: 1 });
    expect(results.leftBefore).toBe(0);
    // What they took, others gave.
    expect(results.seedCopies + 4 * (peers?.meanUploaded ?? 0)).toBeGreaterThanOrEqual(4);
  });

  it("has no ratio where somebody stays incomplete, and does not wait for who has left", async () => {
    const results = await resultsWith((node, number) => ({
      ...(number === 1 ? { leaves: { when: "at", ms: 5000 } as const, group: "early" } : {}),
      ...(node.isSeed ? { leaves: { when: "at", ms: 6000 } as const } : {}),
    }));
    expect(results).toMatchObject({ completed: 0, leftBefore: 1, ratio: null, lastSeconds: null });
    expect(results.virtualSeconds).toBe(600);
    expect(results.groups.map(({ group }) => group)).toEqual(["seed", "early", "peer"]);
  });
});
