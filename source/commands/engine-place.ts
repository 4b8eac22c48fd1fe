/** Where the engine of a profile is found: its lock and its control socket, named by the profile's real path. */
import { realPathOf, runtimeSocketPath } from "../platform/lock-socket.ts";

/** What an engine (and the demo's swarm) says on standard output when its starter may go on. */
export const readyLine = "ready";
/** What an engine says instead when another has the profile: it may be about to listen, or about to end. */
export const heldLine = "held";
/** How a line of its standard error begins that tells of no failure. */
export const warningMark = "warning: ";

export interface EnginePlace {
  readonly lockPath: string;
  readonly controlPath: string;
}

export async function enginePlace(profile: string): Promise<EnginePlace> {
  const real = await realPathOf(profile);
  return {
    lockPath: await runtimeSocketPath("profile", real),
    controlPath: await runtimeSocketPath("control", real),
  };
}
