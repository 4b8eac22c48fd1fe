/** `sim figure`: simulates the lectures' swarm for some numbers of peers, and draws what it took beside the bounds. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, OperationalError } from "../base/errors.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import { FigurePlans, figurePeers, type SimulatedPoint, simulatedPoint } from "../simulator/figure.ts";
import { resultsOf } from "../simulator/results.ts";
import { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import { detectCapabilities } from "../tui/format/capabilities.ts";
import { type CommandIo, exitCode } from "./command.ts";
import { figureSvg } from "./figure-svg.ts";
import { figureText } from "./figure-text.ts";
import type { OptionValues } from "./option-table.ts";
import { runWithProgress, seedDefault, worldPorts } from "./sim-run.ts";
import type { simSpec } from "./sim-specs.ts";

/** As the lectures have it. */
const peersMaxDefault = 35;

/** @throws OperationalError `bad-number`, `unknown-parameter`, `write-failed`. */
export async function runFigure(io: CommandIo, values: OptionValues<typeof simSpec.options>): Promise<number> {
  const { seed = seedDefault, "peers-max": peersMax = peersMaxDefault, svg } = values;
  const plans = new FigurePlans(seed, new Map(values.set));
  const all = figurePeers(peersMax);
  const simulated: SimulatedPoint[] = [];
  const beganMs = nodeTurns.realMs();
  let isInterrupted = false;
  for (const peers of all) {
    const simulation = new SwarmSimulation(worldPorts, plans.of(peers));
    isInterrupted = await runWithProgress(io, simulation, `N = ${peers} of ${peersMax} `);
    if (isInterrupted) break;
    simulated.push(simulatedPoint(resultsOf(simulation, 0)));
  }
  const figure = plans.figure(peersMax, simulated);
  if (svg !== undefined) await write(resolve(io.workingDirectory, svg), figureSvg(figure));
  if (values.json) {
    io.out(`${JSON.stringify({ ...figure, wallSeconds: (nodeTurns.realMs() - beganMs) / 1000 })}\n`);
  } else {
    const { hasUnicode } = detectCapabilities(io.environment);
    io.out(figureText(figure, { columns: io.outColumns(), hasUnicode }));
    if (svg !== undefined) io.err(`written to ${svg}\n`);
  }
  if (isInterrupted) return exitCode.interrupted;
  return simulated.every(({ ratio }) => ratio !== null) ? exitCode.done : exitCode.failed;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new OperationalError("write-failed", `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
