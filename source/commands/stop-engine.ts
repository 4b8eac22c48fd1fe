/** Ends the engine of a profile: by the protocol where it speaks ours, else by the signal that all versions understand. */
import { codeOf } from "../base/errors.ts";
import { EngineVersionError } from "../control/client.ts";
import type { Clock } from "../ports/clock.ts";
import { dialIfThere } from "./attach.ts";
import { enginePlace } from "./engine-place.ts";
import { processEnded, signalToStop } from "./processes.ts";

/** Tells the engine of a profile to stop, whatever its version, and waits for its end. @returns its process, `undefined` where none ran. */
export async function stopEngine(clock: Clock, profile: string): Promise<number | undefined> {
  const pid = await tellToStop(clock, (await enginePlace(profile)).controlPath);
  if (pid !== undefined) await processEnded(clock, pid, "the engine");
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
