/**
 * `engine run`: the process that holds a profile's torrents and that UIs attach to. One for each profile: whoever holds the
 * profile's lock. Says `ready` on standard output when it can be attached to; that line is all it ever writes there.
 */
import { codeOf } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { EngineDoor } from "./engine-door.ts";
import { engineSettings } from "./engine-settings.ts";
import type { engineRunSpec } from "./engine-specs.ts";
import { type EngineSettings, type HostedEngine, hostEngine } from "./host-engine.ts";
import { keepMemorySmall } from "./idle-memory.ts";
import { type LingerTimes, linger } from "./linger.ts";
import { LogFile } from "./log-file.ts";
import { logNotices } from "./log-notices.ts";
import { heldLine, readyLine, warningMark } from "./processes.ts";
import { openSettings } from "./settings-place.ts";
import { stopAsked } from "./stop-asked.ts";

export interface EngineRun extends LingerTimes {
  /** Absolute, or below the working directory. */
  readonly logPath: string | undefined;
  /** It stops when this resolves, too. */
  readonly until?: Promise<void>;
}

export const runEngineRun: RunCommand<typeof engineRunSpec.options> = (io, values) =>
  runEngine(io, engineSettings(io, values), { lingerSeconds: values.linger, logPath: values.log });

/** Until it is told to stop, or has reason to. @returns the exit code. */
export async function runEngine(io: CommandIo, settings: EngineSettings, run: EngineRun): Promise<number> {
  const stopped = stopAsked(io);
  await makeProfile(settings.profile);
  const door = await EngineDoor.open(settings.profile).catch((error: unknown) => {
    if (codeOf(error) === "held") io.out(`${heldLine}\n`);
    throw error;
  });
  const log = run.logPath === undefined ? undefined : new LogFile(io.workingDirectory, run.logPath);
  // Nobody may be there to see it.
  process.on("uncaughtExceptionMonitor", (error) => log?.write(`internal error: ${error.stack ?? error.message}`));
  let hosted: HostedEngine | undefined;
  try {
    const file = await openSettings(io, settings);
    await file.prepare();
    const engine = hostEngine(settings.profile, { command: "p2p-tui", torrents: "all", settings: file });
    hosted = engine;
    if (log !== undefined) logNotices(log, engine.target);
    for (const problem of file.problems) {
      io.err(`${warningMark}${sanitise(problem, 1000)}\n`);
      engine.session.warn(problem);
    }
    await engine.start();
    const lingering = linger(engine.ports.clock, engine, run);
    await door.listen(engine.ports.clock, {
      attach: (channel) => engine.server.attach(channel),
      lost: () => engine.locks.restore(),
      warn: (message) => engine.session.warn(message),
    });
    io.out(`${readyLine}\n`);
    const stopKeeping = keepMemorySmall(engine.ports.clock);
    await Promise.race([stopped, engine.shutdownAsked, lingering.over, run.until ?? new Promise<void>(() => {})]);
    stopKeeping();
    lingering.cancel();
    // Whoever comes now is to start an engine of its own, not to see this one end.
    door.stopAccepting();
    await engine.stop();
    return exitCode.done;
  } finally {
    await hosted?.stop();
    await door.close();
    log?.close();
  }
}
