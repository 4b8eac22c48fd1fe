/** Ends the engine of a profile: by the protocol where it speaks ours, else by the signal that all versions understand. */
import { readFileSync } from "node:fs";
import { codeOf, OperationalError } from "../base/errors.ts";
import { EngineVersionError } from "../control/client.ts";
import type { Clock } from "../ports/clock.ts";
import { dialIfThere } from "./attach.ts";
import { enginePlace } from "./engine-place.ts";

/** Trackers are told within three seconds; writing the state of thousands of torrents may take some more. */
const endTimeoutMs = 60_000;
const lookEveryMs = 50;

/** Tells the engine of a profile to stop, whatever its version, and waits for its end. @returns its process, `undefined` where none ran. */
export async function stopEngine(clock: Clock, profile: string): Promise<number | undefined> {
  const pid = await tellToStop(clock, (await enginePlace(profile)).controlPath);
  if (pid !== undefined) await ended(clock, pid);
  return pid;
}

/** @returns the process that ends now, `undefined` where there is no engine. */
async function tellToStop(clock: Clock, controlPath: string): Promise<number | undefined> {
  try {
    const client = await dialIfThere({ clock }, controlPath);
    if (client === undefined) return undefined;
    try {
      await client.request({ name: "shutdown" });
    } catch (error) {
      // It may end before it has answered.
      if (codeOf(error) !== "engine-lost") throw error;
    } finally {
      client.close();
    }
    return client.engine.pid;
  } catch (error) {
    if (!(error instanceof EngineVersionError)) throw error;
    // It does not understand us, but every version stops in good order at this signal.
    signalToStop(error.pid);
    return error.pid;
  }
}

function signalToStop(pid: number): void {
  // 0 and 1 are no engines, and a signal to 0 would be for ourselves.
  if (pid <= 1) throw new OperationalError("engine-version", "the engine does not say which process it is");
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

async function ended(clock: Clock, pid: number): Promise<void> {
  const sinceMs = clock.nowMs();
  while (isThere(pid)) {
    if (clock.nowMs() - sinceMs > endTimeoutMs) {
      throw new OperationalError("engine-silent", `the engine (process ${pid}) was told to stop, but does not end`);
    }
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve));
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  try {
    // Ended, but nobody has asked how: some containers have no init that does.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // Linux alone has it.
    return true;
  }
}
