/**
 * An engine of another version than the UI that comes to it: the user is asked whether to start it again as this version.
 * Its torrents are in the profile, so nothing but a few seconds of seeding is lost.
 */
import { OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import { EngineVersionError } from "../control/client.ts";
import type { EngineClient } from "../control/engine-client.ts";
import type { Ports } from "../ports/ports.ts";
import { attachEngine, dialIfThere } from "./attach.ts";
import type { CommandIo } from "./command.ts";
import { enginePlace } from "./engine-place.ts";
import type { EngineSettings } from "./host-engine.ts";
import { namingStop } from "./running-engine.ts";
import { stopEngine } from "./stop-engine.ts";
import { version } from "./version.ts";

/**
 * The engine of the profile, if one runs: as it is, or started again as this version if the user says so.
 * @throws OperationalError `engine-version` where it cannot be talked to and is not to be restarted.
 */
export async function runningEngine(
  ports: Pick<Ports, "clock">,
  io: CommandIo,
  settings: EngineSettings,
  logPath: string | undefined,
): Promise<EngineClient | undefined> {
  const found = await findEngine(ports, settings.profile);
  if (found === undefined) return undefined;
  if (!(found instanceof OperationalError) && found.engine.version === version) return found;
  const isMute = found instanceof OperationalError;
  const its = sanitise(isMute ? found.version : found.engine.version, 40);
  io.err(
    `the running engine is p2p-tui ${its}, this is ${version}${isMute ? ", which cannot talk to it" : ""}.\n` +
      "Start it again as this version? Its torrents go on where they are. [Y/n] ",
  );
  if (!/^(?:y|yes|)$/i.test((await io.readLine()).trim())) {
    if (isMute) throw namingStop(found, io, settings.profile);
    return found;
  }
  if (!isMute) found.close();
  await stopEngine(ports.clock, settings.profile);
  // It was there before us, so it stays when we go.
  const { client } = await attachEngine(ports, settings, { lingerSeconds: undefined, logPath });
  return client;
}

async function findEngine(
  ports: Pick<Ports, "clock">,
  profile: string,
): Promise<EngineClient | EngineVersionError | undefined> {
  try {
    return await dialIfThere(ports, (await enginePlace(profile)).controlPath);
  } catch (error) {
    if (error instanceof EngineVersionError) return error;
    throw error;
  }
}
