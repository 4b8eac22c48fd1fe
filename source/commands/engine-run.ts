/**
 * `engine run`: the process that holds a profile's torrents and that UIs attach to. One for each profile: whoever holds the
 * profile's lock. Says `ready` on standard output when it can be attached to; that line is all it ever writes there.
 */
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import { acquireLockSocket, holderText, type LockSocket } from "../platform/lock-socket.ts";
import { listenControl } from "../platform/ws-channel.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { enginePlace, heldLine, readyLine, warningMark } from "./engine-place.ts";
import { engineSettings } from "./engine-settings.ts";
import type { engineRunSpec } from "./engine-specs.ts";
import { type HostedEngine, hostEngine } from "./host-engine.ts";
import { keepMemorySmall } from "./idle-memory.ts";
import { LogFile } from "./log-file.ts";
import { logNotices } from "./log-notices.ts";
import { openSettings } from "./settings-place.ts";
import { stopAsked } from "./stop-asked.ts";

export const runEngineRun: RunCommand<typeof engineRunSpec.options> = async (io, values) => {
  const stopped = stopAsked(io);
  const settings = engineSettings(io, values);
  await makeProfile(settings.profile);
  const place = await enginePlace(settings.profile);
  const lock = await lockProfile(io, place.lockPath, settings.profile);
  const log = values.log === undefined ? undefined : new LogFile(io.workingDirectory, values.log);
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
    const lingering = linger(engine, values.linger);
    const listener = await listenControl(place.controlPath, (channel) => engine.server.attach(channel));
    io.out(`${readyLine}\n`);
    const stopKeeping = keepMemorySmall(engine.ports.clock);
    await Promise.race([stopped, engine.shutdownAsked, lingering.over]);
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
};

async function lockProfile(io: CommandIo, path: string, profile: string): Promise<LockSocket> {
  const result = await acquireLockSocket(path, { pid: process.pid, command: "p2p-tui", profile });
  if (!("holder" in result)) return result;
  io.out(`${heldLine}\n`);
  throw new OperationalError("held", `the profile ${profile} is in use by ${holderText(result.holder)}`);
}

/** Ends the engine when nobody has been attached for so long; never without `seconds`, or once it was told to stay. */
function linger(engine: HostedEngine, seconds: number | undefined): { readonly over: Promise<void>; cancel(): void } {
  if (seconds === undefined) return { over: new Promise(() => {}), cancel: () => {} };
  const { clock }: { readonly clock: Clock } = engine.ports;
  let timer: Timer | undefined;
  let isStaying = false;
  void engine.stayAsked.then(() => {
    isStaying = true;
    timer?.cancel();
  });
  const over = new Promise<void>((resolve) => {
    const wait = (): void => {
      timer?.cancel();
      if (isStaying) return;
      timer = clock.after(Math.max(1, seconds) * 1000, () => (engine.server.clientCount === 0 ? resolve() : undefined));
    };
    engine.server.onEmpty(wait);
    wait();
  });
  return { over, cancel: () => timer?.cancel() };
}
