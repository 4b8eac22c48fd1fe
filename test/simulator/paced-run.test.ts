import { describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { TorrentTopic } from "../../source/control/protocol.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { PacedRun, speedMax, speedMin } from "../../source/simulator/paced-run.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";
import { VirtualClock } from "../../source/simulator/virtual-clock.ts";

const set = new Map(Object.entries({ peers: 3, pieces: 16, hours: 0.1 }));

const allOf: Omit<TorrentTopic, "infoHash"> = {
  kind: "torrent",
  neighbours: { offset: 0, limit: 100, sort: "downRate", isDescending: true },
  files: { offset: 0, limit: 100 },
  logLimit: 100,
  cells: 100,
  neighbour: 1,
  ledgerRounds: 60,
  rareRuns: 100,
  pieces: { offset: 0, limit: 100 },
  piece: 3,
};

/** The real time is ours, too. */
function begin(speed: number) {
  const plan = lecture.plan(valuesOf(lecture, set), 1);
  const simulation = new SwarmSimulation({ turns: nodeTurns, hasher: new NodeHasher() }, plan);
  const clock = new VirtualClock();
  const run = new PacedRun(simulation, { turns: { realMs: () => clock.nowMs() }, clock }, speed);
  const over = run.run();
  /** What the run does in between has come to rest. */
  const rest = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await nodeTurns.breathe();
  };
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      clock.advance(20);
      await rest();
    }
  };
  const end = async (): Promise<void> => {
    run.stop();
    await over;
    expect(clock.pendingTimers).toBe(0);
  };
  return { simulation, clock, run, rest, pass, end };
}

describe("a watched simulation", () => {
  it("passes so many times as fast as real time, and keeps to changes of that", async () => {
    const { simulation, run, pass, end } = begin(10);
    await pass(400);
    expect(simulation.nowMs).toBeCloseTo(4000, -3);
    run.faster();
    const before = simulation.nowMs;
    await pass(200);
    expect(simulation.nowMs - before).toBeCloseTo(4000, -3);
    run.slower();
    run.slower();
    expect(run.speed).toBe(5);
    await end();
  });

  it("stands still while it is paused, and then goes on from there", async () => {
    const { simulation, run, rest, pass, end } = begin(10);
    await pass(100);
    run.pauseOrResume();
    await rest();
    const { nowMs } = simulation;
    await pass(500);
    expect(simulation.nowMs).toBe(nowMs);
    expect(run.actualSpeed).toBe(0);
    run.pauseOrResume();
    await pass(100);
    expect(simulation.nowMs - nowMs).toBeCloseTo(1000, -3);
    expect(simulation.nowMs - nowMs).toBeLessThan(1500);
    await end();
  });

  it("goes on by one second or one event, and stands still after it", async () => {
    const { simulation, run, rest, end } = begin(1000);
    run.pauseOrResume();
    await rest();
    const { nowMs } = simulation;
    run.step("second");
    run.step("second");
    await rest();
    expect(simulation.nowMs).toBe(nowMs + 2000);
    const { events } = simulation.world;
    for (let i = 1; i <= 3; i++) {
      run.step("event");
      await rest();
      expect(simulation.world.events).toBe(events + i);
    }
    expect(run.isPaused).toBe(true);
    await end();
  });

  it("does not make up for what was missed long ago", async () => {
    const { simulation, clock, rest, end } = begin(10);
    await rest();
    clock.advance(3_600_000);
    await rest();
    expect(simulation.nowMs).toBeLessThan(10_000);
    await end();
  });

  it("stays where the swarm is over, until nobody looks any more", async () => {
    const { simulation, run, pass, end } = begin(speedMax);
    await pass(200);
    expect(simulation.isComplete).toBe(true);
    expect(run.isOver).toBe(true);
    const { nowMs } = simulation;
    run.step("second");
    await pass(100);
    expect(simulation.nowMs).toBe(nowMs);
    await end();
  });

  it("is the same swarm as one that nobody looks at, however fast it is and whatever is looked at", async () => {
    const alone = begin(speedMax);
    await alone.pass(200);
    await alone.end();
    const { simulation, run, pass, end } = begin(600);
    for (let look = 0; !run.isOver; look++) {
      await pass(20);
      for (const { session } of simulation.nodes) {
        const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
        target.session();
        for (const { infoHash } of target.torrents()) {
          target.torrent({ ...allOf, infoHash });
          target.graph({ kind: "graph", infoHash, span: "3h" });
        }
      }
      if (look % 5 === 1) run.step("event");
      if (look % 5 === 2) run.step("second");
      if (look % 5 === 3) run.pauseOrResume();
      if (look % 10 === 4) run.faster();
      if (look % 10 === 9) run.slower();
    }
    await end();
    expect(simulation.isComplete).toBe(true);
    expect(simulation.world.trace.text).toBe(alone.simulation.world.trace.text);
    expect(simulation.world.events).toBe(alone.simulation.world.events);
  });

  it("knows no speed beyond its ends", async () => {
    const { run, end } = begin(1);
    for (let i = 0; i < 40; i++) run.slower();
    expect(run.speed).toBe(speedMin);
    for (let i = 0; i < 40; i++) run.faster();
    expect(run.speed).toBe(speedMax);
    await end();
  });

  it("ends with what went wrong in the world", async () => {
    const { simulation, run } = begin(10);
    simulation.world.fail(new Error("broken"));
    const over = new PacedRun(simulation, { turns: nodeTurns, clock: new VirtualClock() }, 1000).run();
    await expect(over).rejects.toThrow("broken");
    run.stop();
  });
});
