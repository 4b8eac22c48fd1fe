/** `sim fuzz`: random swarms under the referee, one a seed; `sim plan`: one swarm that was printed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, OperationalError } from "../base/errors.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import { parsePlan } from "../simulator/fuzz/parse-plan.ts";
import { randomPlan } from "../simulator/fuzz/random-plan.ts";
import { shrink } from "../simulator/fuzz/shrink.ts";
import { type Failure, type Trial, tryPlan } from "../simulator/fuzz/try-plan.ts";
import type { SwarmPlan } from "../simulator/swarm-plan.ts";
import { type CommandIo, exitCode } from "./command.ts";
import type { OptionValues } from "./option-table.ts";
import { worldPorts } from "./sim-run.ts";
import type { simSpec } from "./sim-specs.ts";

const seedsDefault = 20;
const nodesMaxDefault = 12;
/** Runs that a failing plan is cut down by. */
const shrinkTriesMax = 300;

/** Tells of each seed when it is done, and cuts down what fails. */
export async function runFuzz(io: CommandIo, values: OptionValues<typeof simSpec.options>): Promise<number> {
  const { seeds = seedsDefault, first = 1, nodes = nodesMaxDefault, json } = values;
  let isInterrupted = false;
  const stopListening = io.onStopSignal(() => {
    isInterrupted = true;
  });
  let tried = 0;
  let failed = 0;
  let virtualMs = 0;
  const beganMs = nodeTurns.realMs();
  try {
    for (let seed = first; seed < first + seeds && !isInterrupted; seed++) {
      const plan = randomPlan(seed >>> 0, nodes);
      const trial = await tryPlan(worldPorts, plan);
      tried++;
      virtualMs += trial.virtualMs;
      if (!json) io.out(`seed ${seed}  ${describe(plan)}  ${outcome(trial)}\n`);
      if (trial.failure === undefined) continue;
      failed++;
      const small = await shrunk(plan, trial.failure, () => isInterrupted);
      const again = `p2p-tui sim fuzz --first ${seed} --seeds 1 --nodes ${nodes}`;
      if (json) io.out(`${JSON.stringify({ seed, failure: trial.failure, again, plan: small })}\n`);
      else
        io.out(
          `${trial.failure.text}\nagain: ${again}\nsmaller, for p2p-tui sim plan FILE:\n${JSON.stringify(small)}\n`,
        );
    }
  } finally {
    stopListening();
  }
  const virtualHours = virtualMs / 3_600_000;
  const wallSeconds = (nodeTurns.realMs() - beganMs) / 1000;
  if (json) io.out(`${JSON.stringify({ seeds: tried, failed, virtualHours, wallSeconds })}\n`);
  else io.out(`${tried} swarms, ${virtualHours.toFixed(1)} h in ${wallSeconds.toFixed(0)} s: ${failed} failed\n`);
  if (failed > 0) return exitCode.failed;
  return isInterrupted ? exitCode.interrupted : exitCode.done;
}

/** @throws OperationalError `read-failed`, `bad-plan`. */
export async function runPlan(io: CommandIo, file: string, json: boolean): Promise<number> {
  const trial = await tryPlan(worldPorts, parsePlan(await read(resolve(io.workingDirectory, file), file)));
  const { failure, virtualMs, events, traceHash } = trial;
  if (json)
    io.out(`${JSON.stringify({ failure: failure ?? null, virtualSeconds: virtualMs / 1000, events, traceHash })}\n`);
  else io.out(`${failure?.text ?? "all in order"}\n${outcome(trial)}, trace ${traceHash}\n`);
  return failure === undefined ? exitCode.done : exitCode.failed;
}

function shrunk(plan: SwarmPlan, failure: Failure, isOver: () => boolean): Promise<SwarmPlan> {
  const stillFails = async (smaller: SwarmPlan): Promise<boolean> =>
    !isOver() && (await tryPlan(worldPorts, smaller)).failure?.rule === failure.rule;
  return shrink(plan, stillFails, shrinkTriesMax);
}

function describe({ nodes, pieceCount, troubles = [] }: SwarmPlan): string {
  return `${nodes.length} nodes, ${pieceCount} ${pieceCount === 1 ? "piece" : "pieces"}, ${troubles.length} ${troubles.length === 1 ? "trouble" : "troubles"}`;
}

function outcome({ failure, virtualMs, events }: Trial): string {
  return `${(virtualMs / 1000).toFixed(0)} s, ${events} events: ${failure?.rule ?? "in order"}`;
}

async function read(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new OperationalError("read-failed", `cannot read ${name}: ${messageOf(error)}`, { cause: error });
  }
}
