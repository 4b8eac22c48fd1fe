/** `engine stop`: in good order, and not done before its process is gone. */
import { NodeClock } from "../platform/node-clock.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { profileDirectory } from "./directories.ts";
import type { engineStopSpec } from "./engine-specs.ts";
import { namingProcess, noEngine } from "./running-engine.ts";
import { stopEngine } from "./stop-engine.ts";

export const runEngineStop: RunCommand<typeof engineStopSpec.options> = async (io, values) => {
  const profile = profileDirectory(io, values.profile);
  const pid = await stopEngine(new NodeClock(), profile).catch(async (error: unknown) => {
    throw await namingProcess(error, profile);
  });
  if (pid === undefined) throw noEngine(io, profile);
  io.out(`the engine (process ${pid}) has stopped\n`);
  return exitCode.done;
};
