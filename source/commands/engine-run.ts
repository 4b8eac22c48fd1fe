/**
 * `engine run`: the process that holds a profile's torrents and that UIs attach to. One for each profile: whoever holds the
 * profile's lock. Says `ready` on standard output when it can be attached to; that line is all it ever writes there.
 */
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import { acquireLockSocket, holderText, type LockSocket } from "../platform/lock-socket.ts";
import { listenControl } from "../platform/ws-channel.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { enginePlace } from "./engine-place.ts";
import { engineSettings } from "./engine-settings.ts";
import type { engineRunSpec } from "./engine-specs.ts";
import { type EngineSettings, hostEngine } from "./host-engine.ts";
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
  const place = await enginePlace(settings.profile);
  const lock = await lockProfile(io, place.lockPath, settings.profile);
  const log = run.logPath === undefined ? undefined : new LogFile(io.workingDirectory, run.logPath);
  // Nobody may be there to see it.
  process.on("uncaughtExceptionMonitor", (error) => log?.write(`internal error: ${error.stack ?? error.message}`));
  const file = await openSettings(io, settings);
  await file.prepare();
  const engine = hostEngine(settings.profile, { command: "p2p-tui", torrents: "all", settings: file });
  try {
    if (log !== undefined) logNotices(log, engine.target);
    for (const problem of file.problems) {
      io.err(`${warningMark}${sanitise(problem, 1000)}\n`);
      engine.session.warn(problem);
    }
    await engine.start();
    const lingering = linger(engine.ports.clock, engine, run);
    const listener = await listenControl(place.controlPath, (channel) => engine.server.attach(channel));
    io.out(`${readyLine}\n`);
    const stopKeeping = keepMemorySmall(engine.ports.clock);
    await Promise.race([stopped, engine.shutdownAsked, lingering.over, run.until ?? new Promise<void>(() => {})]);
    stopKeeping();
    lingering.cancel();
    // Whoever comes now is to start an engine of its own, not to see this one end.
    listener.stopAccepting();
    await engine.stop();
    await listener.close();
    return exitCode.done;
  } finally {
    await engine.stop();
    await lock.release();
    log?.close();
  }
}

async function lockProfile(io: CommandIo, path: string, profile: string): Promise<LockSocket> {
  const result = await acquireLockSocket(path, { pid: process.pid, command: "p2p-tui", profile });
  if (!("holder" in result)) return result;
  io.out(`${heldLine}\n`);
  throw new OperationalError("held", `the profile ${profile} is in use by ${holderText(result.holder)}`);
}
