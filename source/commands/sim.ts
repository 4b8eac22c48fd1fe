/** `sim`: runs a scenario to its end and says what came of it. */
import { messageOf, OperationalError } from "../base/errors.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import { resultsOf } from "../simulator/results.ts";
import { type Scenario, valuesOf } from "../simulator/scenario.ts";
import { allScenarios } from "../simulator/scenarios/all-scenarios.ts";
import { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { type OptionValues, UsageError } from "./option-table.ts";
import { runWithProgress, seedDefault, worldPorts } from "./sim-run.ts";
import { figureName, fuzzName, planName, type simSpec } from "./sim-specs.ts";
import { resultsText, scenariosText } from "./sim-text.ts";

export const runSim: RunCommand<typeof simSpec.options> = async (io, values, [name, file]) => {
  if (name === undefined) {
    io.out(scenariosText(io, allScenarios));
    return exitCode.done;
  }
  checkOptions(name, values);
  if ((file === undefined) === (name === planName)) {
    throw new UsageError(file === undefined ? "plan needs the FILE of a plan" : `${file} is too much`);
  }
  if (name === fuzzName) return (await import("./sim-fuzz.ts")).runFuzz(io, values);
  if (file !== undefined) return (await import("./sim-fuzz.ts")).runPlan(io, file, values.json);
  if (name === figureName) return (await import("./sim-figure.ts")).runFigure(io, values);
  const { peers, set, seed = seedDefault } = values;
  const scenario = scenarioNamed(name);
  const chosen = chosenValues(scenario, new Map([...(peers === undefined ? [] : [["peers", peers] as const]), ...set]));
  const simulation = new SwarmSimulation(worldPorts, scenario.plan(chosen, seed));
  if (values.watch) return (await import("./sim-watch.ts")).watchSimulation(io, simulation, values);
  const beganMs = nodeTurns.realMs();
  const isInterrupted = await runWithProgress(io, simulation);
  const results = resultsOf(simulation, nodeTurns.realMs() - beganMs);
  if (values.json) io.out(`${JSON.stringify(results)}\n`);
  else io.out(resultsText(io, simulation.plan, results, isInterrupted));
  if (isInterrupted) return exitCode.interrupted;
  return results.completed + results.leftBefore === results.peers ? exitCode.done : exitCode.failed;
};

/** @throws UsageError where the scenario does not take them. */
function chosenValues(scenario: Scenario, set: ReadonlyMap<string, number>): ReturnType<typeof valuesOf> {
  try {
    return valuesOf(scenario, set);
  } catch (error) {
    throw error instanceof OperationalError ? new UsageError(messageOf(error)) : error;
  }
}

/** @throws UsageError where there is none of that name. */
export function scenarioNamed(name: string): Scenario {
  const found = allScenarios.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = allScenarios.map((each) => each.name).join(", ");
  throw new UsageError(`there is no scenario ${JSON.stringify(name)}; there are ${known}`);
}

const scenarioOptions = ["peers", "seed", "set", "watch", "node", "speed"] as const;
/** What each option is for, where it is not for all. */
const optionsOf: Readonly<Record<string, readonly (keyof typeof simSpec.options)[]>> = {
  [figureName]: ["seed", "set", "peers-max", "svg"],
  [fuzzName]: ["seeds", "first", "nodes"],
  [planName]: [],
};

/** @throws UsageError for what is of no use there. */
function checkOptions(name: string, values: OptionValues<typeof simSpec.options>): void {
  const isGiven = (option: keyof typeof simSpec.options): boolean => {
    const value = values[option];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  };
  const known = (Object.hasOwn(optionsOf, name) ? optionsOf[name] : undefined) ?? scenarioOptions;
  const special = new Set([...Object.values(optionsOf).flat(), ...scenarioOptions]);
  const wrong = [...special].find((option) => !known.includes(option) && isGiven(option));
  if (wrong !== undefined) throw new UsageError(`--${wrong} is not for ${name}`);
  const unwatched = values.watch ? undefined : (["node", "speed"] as const).find(isGiven);
  if (unwatched !== undefined) throw new UsageError(`--${unwatched} is for --watch`);
  if (values.watch && values.json) throw new UsageError("--watch shows it, --json tells it to a script: one of them");
}
