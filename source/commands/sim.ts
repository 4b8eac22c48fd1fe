/** `sim`: runs a scenario to its end and says what came of it. */
import { OperationalError } from "../base/errors.ts";
import { NodeHasher } from "../platform/node-hasher.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import { resultsOf } from "../simulator/results.ts";
import { type Scenario, valuesOf } from "../simulator/scenario.ts";
import { allScenarios } from "../simulator/scenarios/all-scenarios.ts";
import { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import type { WorldPorts } from "../simulator/world.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { SimProgress } from "./sim-progress.ts";
import type { simSpec } from "./sim-specs.ts";
import { resultsText, scenariosText } from "./sim-text.ts";

const seedDefault = 1;
/** Between two looks at the progress, real milliseconds. */
const lookMs = 100;

export const runSim: RunCommand<typeof simSpec.options> = async (io, values, [name]) => {
  if (name === undefined) {
    io.out(scenariosText(io, allScenarios));
    return exitCode.done;
  }
  const { peers, set, seed = seedDefault } = values;
  const scenario = scenarioNamed(name);
  const chosen = valuesOf(scenario, new Map([...(peers === undefined ? [] : [["peers", peers] as const]), ...set]));
  const simulation = new SwarmSimulation(worldPorts, scenario.plan(chosen, seed));
  const beganMs = nodeTurns.realMs();
  const isInterrupted = await runWithProgress(io, simulation);
  const results = resultsOf(simulation, nodeTurns.realMs() - beganMs);
  if (values.json) io.out(`${JSON.stringify(results)}\n`);
  else io.out(resultsText(io, simulation.plan, results, isInterrupted));
  if (isInterrupted) return exitCode.interrupted;
  return results.completed + results.leftBefore === results.peers ? exitCode.done : exitCode.failed;
};

/** The real things that simulated worlds need. */
export const worldPorts: WorldPorts = { turns: nodeTurns, hasher: new NodeHasher() };

/** @throws OperationalError `unknown-scenario`. */
export function scenarioNamed(name: string): Scenario {
  const found = allScenarios.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = allScenarios.map((each) => each.name).join(", ");
  throw new OperationalError("unknown-scenario", `there is no scenario ${JSON.stringify(name)}; there are ${known}`);
}

/** @returns whether the user wanted it to end before. */
export async function runWithProgress(io: CommandIo, simulation: SwarmSimulation): Promise<boolean> {
  const progress = new SimProgress(io, simulation, () => nodeTurns.realMs());
  let isInterrupted = false;
  const stopListening = io.onStopSignal(() => {
    isInterrupted = true;
  });
  let shownMs = nodeTurns.realMs();
  try {
    await simulation.run(() => {
      const nowMs = nodeTurns.realMs();
      if (nowMs - shownMs >= lookMs) {
        shownMs = nowMs;
        progress.show();
      }
      return isInterrupted;
    });
  } finally {
    progress.end();
    stopListening();
  }
  return isInterrupted;
}
