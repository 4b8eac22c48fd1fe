/** Where the engine of a profile is found: its lock and its control socket, named by the profile's real path. */
import { join } from "node:path";
import { realPathOf, runtimeSocketPath } from "../platform/lock-socket.ts";

/** A file in the profile that names the engine's process. */
export function engineMarkPath(profile: string): string {
  return join(profile, "engine-process");
}

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
