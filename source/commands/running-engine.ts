/** The engine that runs already, for commands that never start one. */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { EngineVersionError } from "../control/client.ts";
import type { EngineClient } from "../control/engine-client.ts";
import type { TorrentsFrame } from "../control/protocol.ts";
import { NodeClock } from "../platform/node-clock.ts";
import { livingIn } from "../platform/process-mark.ts";
import type { Ports } from "../ports/ports.ts";
import { dialIfThere } from "./attach.ts";
import type { CommandIo } from "./command.ts";
import { profileDirectory } from "./directories.ts";
import { engineMarkPath, enginePlace } from "./engine-place.ts";
import { version } from "./version.ts";

/**
 * Connects to the engine of a profile, uses it, and lets go of it. Says so where the engine is of another version.
 * @param given what `--profile` says.
 * @throws OperationalError `no-engine` where none runs.
 */
export async function withRunningEngine<T>(
  io: CommandIo,
  given: string | undefined,
  use: (client: EngineClient) => Promise<T>,
): Promise<T> {
  const profile = profileDirectory(io, given);
  const client = await dialEngine({ clock: new NodeClock() }, io, profile);
  if (client === undefined) throw noEngine(io, profile);
  try {
    const note = versionNote(io, client);
    if (note !== undefined) io.err(`p2p-tui: ${note}\n`);
    return await use(client);
  } finally {
    client.close();
  }
}

/** @returns `undefined` where none runs. */
export async function dialEngine(
  ports: Pick<Ports, "clock">,
  io: CommandIo,
  profile: string,
): Promise<EngineClient | undefined> {
  try {
    return await dialIfThere(ports, (await enginePlace(profile)).controlPath);
  } catch (error) {
    throw namingStop(await namingProcess(error, profile), io, profile);
  }
}

/** @returns the error; where an engine is there and does not answer, with its process. */
export async function namingProcess(error: unknown, profile: string): Promise<unknown> {
  const pid = codeOf(error) === "engine-silent" ? await livingIn(engineMarkPath(profile)) : undefined;
  if (pid === undefined) return error;
  const message = `the engine (process ${pid}) does not answer: it is stopped, or waits for a disk`;
  return new OperationalError("engine-silent", message, { cause: error });
}

/** @returns the error; where the engine is of another version, with the command that stops it in this profile. */
export function namingStop(error: unknown, io: CommandIo, profile: string): unknown {
  if (!(error instanceof EngineVersionError)) return error;
  const message = messageOf(error).replace("p2p-tui engine stop", engineCommand(io, profile, "stop"));
  return new OperationalError(error.code, message, { cause: error });
}

export function noEngine(io: CommandIo, profile: string): OperationalError {
  return new OperationalError(
    "no-engine",
    `no engine runs with the profile ${profile}: \`${engineCommand(io, profile, "start")}\` starts one`,
  );
}

/** As the user would have to type it. */
export function engineCommand(io: CommandIo, profile: string, verb: "start" | "stop"): string {
  return `p2p-tui engine ${verb}${profileOption(io, profile)}`;
}

/** What must follow the name of a command so that it finds the profile: nothing where it is the usual one. */
export function profileOption(io: CommandIo, profile: string): string {
  return profile === profileDirectory(io, undefined) ? "" : ` --profile ${profile}`;
}

/** @returns what to tell the user where the engine is another version of this program, which yet speaks its protocol. */
export function versionNote(io: CommandIo, { engine }: Pick<EngineClient, "engine">): string | undefined {
  if (engine.version === version) return undefined;
  const stop = engineCommand(io, engine.profile, "stop");
  return `the running engine is p2p-tui ${engine.version}, this is ${version}: \`${stop}\`, then start it again`;
}

/** All torrents and the session, once. @throws OperationalError `engine-lost`. */
export function wholeList(client: EngineClient): Promise<TorrentsFrame> {
  return new Promise((resolve, reject) => {
    const forget = client.onClose((reason) =>
      reject(new OperationalError("engine-lost", `the connection to the engine ended: ${reason}`)),
    );
    const subscription = client.subscribe({ kind: "torrents" }, (frame) => {
      if (frame.kind !== "torrents") return;
      subscription.close();
      forget();
      resolve(frame);
    });
  });
}

/** Has the engine go on when nobody is attached. @throws OperationalError where it is too old to know how. */
export async function askToStay(client: EngineClient): Promise<void> {
  try {
    await client.request({ name: "stay" });
  } catch (error) {
    // Earlier ones let go of whoever says what they do not know; later ones answer.
    if (codeOf(error) !== "engine-lost" && codeOf(error) !== "bad-message") throw error;
    throw new OperationalError(
      "engine-version",
      `the running engine (p2p-tui ${client.engine.version}) cannot be told to stay: stop it and start it again`,
      { cause: error },
    );
  }
}
