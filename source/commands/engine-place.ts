/** Where the engine of a profile is found: its lock and its control socket, named by the profile's real path. */
import { realPathOf, runtimeSocketPath } from "../platform/lock-socket.ts";

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
