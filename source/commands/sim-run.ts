/** Runs a simulation with its progress on standard error, until it is over or the user has seen enough. */
import { NodeHasher } from "../platform/node-hasher.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import type { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import type { WorldPorts } from "../simulator/world.ts";
import type { CommandIo } from "./command.ts";
import { SimProgress } from "./sim-progress.ts";

export const seedDefault = 1;
/** Between two looks at the progress, real milliseconds. */
const lookMs = 100;

/** The real things that simulated worlds need. */
export const worldPorts: WorldPorts = { turns: nodeTurns, hasher: new NodeHasher() };

/** @param label goes before what is said of it. @returns whether the user wanted it to end before. */
export async function runWithProgress(io: CommandIo, simulation: SwarmSimulation, label = ""): Promise<boolean> {
  const progress = new SimProgress(io, simulation, () => nodeTurns.realMs(), label);
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
