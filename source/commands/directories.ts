/** Where things go when the user does not say: state and downloads, by the XDG base and user directories. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { makeDirectory } from "../platform/make-directory.ts";
import type { CommandIo } from "./command.ts";

type Surroundings = Pick<CommandIo, "environment" | "workingDirectory">;

/** @param given what `--profile` says. */
export function profileDirectory(io: Surroundings, given: string | undefined): string {
  if (given !== undefined) return resolve(io.workingDirectory, given);
  const { XDG_STATE_HOME: state } = io.environment;
  return join(state !== undefined && isAbsolute(state) ? state : join(homeDirectory(io), ".local/state"), "p2p-tui");
}

/** Makes it: what somebody downloads is nobody else's business. @throws OperationalError. */
export async function makeProfile(profile: string): Promise<void> {
  try {
    await makeDirectory(profile, 0o700);
  } catch (error) {
    throw new OperationalError("profile", `cannot make the profile ${profile}: ${messageOf(error)}`, { cause: error });
  }
}

export function configDirectory(io: Surroundings): string {
  const { XDG_CONFIG_HOME: given } = io.environment;
  return given !== undefined && isAbsolute(given) ? given : join(homeDirectory(io), ".config");
}

/** The user's download directory, as the desktop knows it. */
export function downloadDirectory(io: Surroundings): string {
  const home = homeDirectory(io);
  let text = "";
  try {
    text = readFileSync(join(configDirectory(io), "user-dirs.dirs"), "utf8");
  } catch {
    // Most servers have none.
  }
  return userDirectory(text, home) ?? join(home, "Downloads");
}

/** `XDG_DOWNLOAD_DIR="$HOME/…"` or an absolute path; anything else counts as not set. */
export function userDirectory(userDirs: string, home: string): string | undefined {
  const matches = [...userDirs.matchAll(/^\s*XDG_DOWNLOAD_DIR="((?:[^"\\\n]|\\.)*)"/gm)];
  const value = matches.at(-1)?.[1]?.replace(/\\(.)/g, "$1");
  if (value === undefined) return undefined;
  const path = value.replace(/^\$HOME(?=\/|$)/, () => home);
  return isAbsolute(path) && !path.includes("\0") ? resolve(path) : undefined;
}

/** `undefined` where it needs a home directory, and there is none. */
export function unlessHomeless(find: () => string): string | undefined {
  try {
    return find();
  } catch (error) {
    if (codeOf(error) === "no-home") return undefined;
    throw error;
  }
}

/** @throws OperationalError `no-home`. */
export function homeDirectory(io: Surroundings): string {
  const { HOME: given } = io.environment;
  const home = given || accountHome();
  if (!isAbsolute(home)) throw new OperationalError("no-home", "there is no home directory: give --dir and --profile");
  return home;
}

/** "" where the system knows of none: an account that is but a number. */
function accountHome(): string {
  try {
    return homedir();
  } catch {
    return "";
  }
}

/** For commands that only read what is in a folder. @throws OperationalError `ENOENT` where there is none. */
export function checkFolder(path: string): void {
  if (!existsSync(path)) throw new OperationalError("ENOENT", `there is no folder ${path}`);
}
