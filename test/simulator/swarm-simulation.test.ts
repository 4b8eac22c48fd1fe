import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { peerToPeerSeconds } from "../../source/simulator/bounds.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };
const small = { peers: 6, pieceCount: 64, pieceLength: 65_536, uploadSeconds: 256, seedFactor: 10, spread: 1 };

async function runOf(seed: number) {
  const simulation = new SwarmSimulation(ports, lecture({ ...small, seed }), { mustScrub: true });
  await simulation.run();
  const ends = simulation.nodes.map((node) => node.completedMs);
  await simulation.close();
  return { ends, trace: simulation.world.trace.text, timers: simulation.world.clock.pendingTimers };
}

describe("a simulated swarm", () => {
  it("completes, near the bound, and leaves nothing behind", async () => {
    const { ends, timers } = await runOf(1);
    const length = small.pieceCount * small.pieceLength;
    const up = length / small.uploadSeconds;
    const peerUps = new Array<number>(small.peers).fill(up);
    const bound = peerToPeerSeconds({ length, seedUp: 10 * up, peerUps, peerDowns: [10 * up] });
    expect(ends.every((ms) => ms !== undefined && ms < 1.5 * 1000 * bound)).toBe(true);
    expect(timers).toBe(0);
  });

  it("is the same from the same seed, and another from another", async () => {
    const [first, again, other] = [await runOf(2), await runOf(2), await runOf(3)];
    expect(again).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
  });
});
