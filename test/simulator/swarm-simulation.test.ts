import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { peerToPeerSeconds } from "../../source/simulator/bounds.ts";
import { distributionOf } from "../../source/simulator/results.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };
const values = valuesOf(lecture, new Map(Object.entries({ peers: 6, pieces: 64, hours: 0.1 })));

async function runOf(seed: number) {
  const simulation = new SwarmSimulation(ports, lecture.plan(values, seed), { mustScrub: true });
  await simulation.run();
  const ends = simulation.nodes.map((node) => node.completedMs);
  await simulation.close();
  return { ends, trace: simulation.world.trace.text, timers: simulation.world.clock.pendingTimers };
}

describe("a simulated swarm", () => {
  it("completes, near the bound, and leaves nothing behind", async () => {
    const { ends, timers } = await runOf(1);
    const bound = peerToPeerSeconds(distributionOf(lecture.plan(values, 1)));
    expect(ends.every((ms) => ms !== undefined && ms < 1.5 * 1000 * bound)).toBe(true);
    expect(timers).toBe(0);
  });

  it("is the same from the same seed, and another from another", async () => {
    const [first, again, other] = [await runOf(2), await runOf(2), await runOf(3)];
    expect(again).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
  });

  it("nobody dials whom it is connected to, nor those that were let go of as seeds", async () => {
    const many = valuesOf(lecture, new Map(Object.entries({ peers: 16, pieces: 64, hours: 0.1 })));
    const simulation = new SwarmSimulation(ports, lecture.plan(many, 1));
    const lines = new Map<string, number>();
    simulation.world.observe({
      delivered() {},
      opened({ host, remote }) {
        const line = [host.address, remote.address].sort().join(" ");
        lines.set(line, (lines.get(line) ?? 0) + 1);
      },
      closed() {},
    });
    await simulation.run();
    await simulation.close();
    const pairs = (17 * 16) / 2;
    const again = [...lines.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(lines.size).toBeLessThanOrEqual(pairs);
    // Both of two may dial at the same time, before either knows of the other.
    expect(again).toBeLessThan(0.2 * pairs);
  });

  it("who is complete dials fifty at once, and then one in a second", async () => {
    const many = valuesOf(lecture, new Map(Object.entries({ peers: 100, pieces: 16, hours: 0.03, connections: 30 })));
    const simulation = new SwarmSimulation(ports, lecture.plan(many, 1));
    const dials = new Map<string, number[]>();
    simulation.world.observe({
      delivered() {},
      opened({ host }) {
        const node = simulation.nodes.find((one) => one.host === host);
        if (node?.completedMs === undefined) return;
        dials.set(host.address, [...(dials.get(host.address) ?? []), simulation.nowMs]);
      },
      closed() {},
    });
    await simulation.run();
    await simulation.world.run(simulation.nowMs + 20_000);
    await simulation.close();
    const all = [...dials.values()];
    expect(all.some((times) => times.length > 50)).toBe(true);
    for (const times of all) {
      for (let at = 60; at < times.length; at++) {
        // Sixty in less than ten seconds are more than fifty and one a second, whenever the first was.
        expect((times[at] ?? 0) - (times[at - 60] ?? 0)).toBeGreaterThan(9000);
      }
    }
  }, 120_000);
});
