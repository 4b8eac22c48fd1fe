/** Scenarios in small, for tests: run to their end under the world's own checks, and closed. */
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import { type Trial, tryPlan } from "../../source/simulator/fuzz/try-plan.ts";
import { resultsOf, type SwarmResults } from "../../source/simulator/results.ts";
import { valuesOf } from "../../source/simulator/scenario.ts";
import { allScenarios } from "../../source/simulator/scenarios/all-scenarios.ts";
import type { SwarmPlan } from "../../source/simulator/swarm-plan.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };

export interface Run {
  readonly simulation: SwarmSimulation;
  readonly results: SwarmResults;
}

export type Values = Readonly<Record<string, number>>;

/** @param set what differs from the scenario's defaults. */
export function runScenario(name: string, set: Values, seed = 1): Promise<Run> {
  return runPlan(planOf(name, set, seed));
}

export async function runPlan(plan: SwarmPlan): Promise<Run> {
  const simulation = new SwarmSimulation(ports, plan);
  await simulation.run();
  const results = resultsOf(simulation, 0);
  await simulation.close();
  return { simulation, results };
}

/** Under the referee. */
export function judgeScenario(name: string, set: Values, seed = 1): Promise<Trial> {
  return tryPlan(ports, planOf(name, set, seed));
}

export function planOf(name: string, set: Values, seed: number): SwarmPlan {
  const scenario = allScenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return scenario.plan(valuesOf(scenario, new Map(Object.entries(set))), seed);
}
