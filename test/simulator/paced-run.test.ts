import { describe, expect, it } from "vitest";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { PacedRun, speedMax, speedMin } from "../../source/simulator/paced-run.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";
import { VirtualClock } from "../../source/simulator/virtual-clock.ts";

const set = new Map(Object.entries({ peers: 3, pieces: 16, hours: 0.1 }));

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
