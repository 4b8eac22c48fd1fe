/** Runs one plan from beginning to end under the referee. */
import { Violation } from "../referee/violation.ts";
import { Referee } from "../referee.ts";
import type { SwarmPlan } from "../swarm-plan.ts";
import { SwarmSimulation } from "../swarm-simulation.ts";
import type { WorldPorts } from "../world.ts";

/** Somebody talks without an end: no plan of ours has as many. */
const eventsMax = 8_000_000;

export interface Failure {
  /** Equal for what is likely the same bug. */
  readonly rule: string;
  /** In full, several lines. */
  readonly text: string;
}

export interface Trial {
  /** `undefined` where all was in order. */
  readonly failure: Failure | undefined;
  readonly virtualMs: number;
  readonly events: number;
  readonly traceHash: string;
}

export async function tryPlan(ports: WorldPorts, plan: SwarmPlan): Promise<Trial> {
  const simulation = new SwarmSimulation(ports, plan, { mustScrub: true });
  const { world } = simulation;
  const referee = new Referee(simulation);
  let failure: Failure | undefined;
  try {
    await simulation.run(() => world.events > eventsMax);
    if (world.events > eventsMax) failure = { rule: "it has no end", text: `${world.events} events` };
    else await referee.conclude();
  } catch (error) {
    failure = failureOf(referee.violations[0] ?? error);
  }
  return { failure, virtualMs: simulation.nowMs, events: world.events, traceHash: world.trace.text };
}

function failureOf(error: unknown): Failure {
  if (error instanceof Violation) return { rule: error.rule, text: error.message };
  if (!(error instanceof Error)) return { rule: String(error), text: String(error) };
  // Names of nodes differ where the bug is the same.
  const rule = error.message.replaceAll(/seed|peer \d+/g, "it");
  return { rule, text: error.stack ?? error.message };
}
