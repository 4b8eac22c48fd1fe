import { afterEach, describe, expect, it } from "vitest";
import { watchSimulation } from "../../source/commands/sim-watch.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { lecture } from "../../source/simulator/scenarios/lecture.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";
import type { SimulationCommand, SimulationDial, SimulationStatus } from "../../source/tui/simulation-dial.ts";
import { FakeIo } from "../commands/fake-io.ts";
import { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

class FakeDial implements SimulationDial {
  state: SimulationStatus = {
    node: "peer 3",
    virtualMs: 754_321,
    speed: 60,
    actualSpeed: 60,
    isPaused: false,
    events: 12_345,
    isOver: false,
    completed: 2,
    peers: 10,
  };
  readonly asked: SimulationCommand[] = [];

  status(): SimulationStatus {
    return this.state;
  }

  perform(command: SimulationCommand): void {
    this.asked.push(command);
    if (command === "timePause") this.state = { ...this.state, isPaused: !this.state.isPaused };
  }
}

describe("the time of a simulated swarm", () => {
  it("stands in the last line, with its keys", async () => {
    const dial = new FakeDial();
    const { screen } = await startUi({ simulation: dial, opens: true });
    await screen.until((lines) =>
      /z freeze {2}} faster .* 12m 34s 60x {2}peer 3 {2}2\/10 complete/.test(lines[23] ?? ""),
    );
    screen.type("z");
    await screen.until((lines) => /z go on .* 12m 34\.321s paused {2}event 12,345 {2}peer 3/.test(lines[23] ?? ""));
    screen.type("z}{.;)(");
    await screen.until(() => dial.asked.length === 8);
    expect(dial.asked).toEqual([
      "timePause",
      "timePause",
      "timeFaster",
      "timeSlower",
      "timeSecond",
      "timeEvent",
      "peerNext",
      "peerPrevious",
    ]);
    dial.state = { ...dial.state, actualSpeed: 7.25 };
    await screen.until((lines) => lines[23]?.includes("7.3x of 60x") === true);
    dial.state = { ...dial.state, isOver: true };
    await screen.until((lines) => lines[23]?.includes("12m 34s over") === true);
  });

  it("is in the help and among the commands, and nowhere where the engine is a real one", async () => {
    const { screen } = await startUi({ simulation: new FakeDial(), size: [200, 60] });
    screen.type("?");
    await screen.until((lines) => lines.some((line) => line.includes("time: one event, then stand still")));
    screen.type("\x1b");
    screen.type(":twice");
    await screen.until((lines) => lines.some((line) => line.includes("time: twice as fast")));
    const real = await startUi({ size: [200, 60] });
    real.screen.type("?");
    const lines = await real.screen.until((all) => all.some((line) => line.includes("this help")));
    expect(lines.join("\n")).not.toContain("time: ");
    expect(lines.join("\n")).not.toContain("freeze");
  });
});

describe("a simulated swarm in the UI", () => {
  it.each([
    [80, 24],
    [200, 60],
  ])("is watched through one of its engines in %i×%i", async (columns, rows) => {
    const values = valuesOf(lecture, new Map(Object.entries({ peers: 5, pieces: 64, hours: 0.1 })));
    const simulation = new SwarmSimulation({ turns: nodeTurns, hasher: new NodeHasher() }, lecture.plan(values, 1));
    const screen = new Screen(columns, rows);
    const io = new FakeIo({ isTerminal: true });
    const { stdin, stdout } = screen;
    const env = { COLORTERM: "truecolor", LANG: "C.UTF-8", TERM: "xterm" };
    const over = watchSimulation(io, simulation, { node: "peer 2", speed: 200 }, { env, stdin, stdout });
    const last = (lines: readonly string[]): string => lines[rows - 1] ?? "";
    await screen.until((lines) => /Neighbours 5/.test(lines.join("\n")) && /peer 2 {2}0\/5/.test(last(lines)));
    screen.type("z");
    await screen.until((lines) => last(lines).includes("paused"));
    const { nowMs } = simulation;
    screen.type(".");
    await screen.until(() => simulation.nowMs >= nowMs + 1000);
    expect(simulation.nowMs).toBe(nowMs + 1000);
    screen.type(")");
    await screen.until((lines) => last(lines).includes("peer 3"));
    screen.type("((");
    // The engine that the UI asks is another one now.
    await screen.until((lines) => last(lines).includes("peer 1") && !lines.join("\n").includes("20.0.1.1:"));
    screen.type("d");
    await screen.until((lines) => lines.some((line) => /Remove/.test(line)));
    screen.type("y");
    await screen.until((lines) => last(lines).includes("a simulated engine has one torrent and no disk"));
    screen.type("z");
    await screen.until((lines) => last(lines).includes("over"));
    screen.type("qq");
    expect(await over).toBe(0);
    expect(io.outText).toContain("5 of 5 complete");
    screen.close();
  });

  it("is not begun for a node that there is not, nor without a terminal", async () => {
    const plan = lecture.plan(valuesOf(lecture, new Map()), 1);
    const simulation = new SwarmSimulation({ turns: nodeTurns, hasher: new NodeHasher() }, plan);
    const of = (isTerminal: boolean) =>
      watchSimulation(new FakeIo({ isTerminal }), simulation, { node: "nobody", speed: undefined });
    await expect(of(true)).rejects.toThrow('there is no node "nobody"; there are "seed", "peer 1"');
    await expect(of(false)).rejects.toThrow("needs a terminal");
  });
});
