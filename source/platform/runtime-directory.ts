/**
 * Where sockets live while programs run: a directory that only this user can enter. Found without XDG_RUNTIME_DIR
 * too (cron, su), because two programs that look in different places would not see each other's locks.
 */
import { lstat, mkdir } from "node:fs/promises";
import { OperationalError } from "../base/errors.ts";

/** Linux's sockaddr_un holds 108 bytes with the final zero. */
export const socketPathBytesMax = 107;

/** Leaves this much for the names inside the directory. */
const directoryBytesMax = 70;

/**
 * `p2p-tui` below the system's directory for this user's session, else `/tmp/p2p-tui-UID`; made if need be.
 * @throws OperationalError `unsafe-directory` where somebody else could reach into it.
 */
export async function runtimeDirectory(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const { XDG_RUNTIME_DIR: session } = environment;
  for (const parent of [session, `/run/user/${uid}`]) {
    if (parent === undefined || !parent.startsWith("/")) continue;
    const directory = `${parent.replace(/\/+$/, "")}/p2p-tui`;
    if (Buffer.byteLength(directory) > directoryBytesMax) continue;
    if (!(await isOurs(parent, uid))) continue;
    await makePrivate(directory);
    return directory;
  }
  const directory = `/tmp/p2p-tui-${uid}`;
  await makePrivate(directory);
  return directory;
}

/** Makes the directory (not its parents) with mode 0700, or makes sure that the one there is a safe one. */
export async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  if (!(await isOurs(directory, process.getuid?.() ?? 0))) {
    throw new OperationalError("unsafe-directory", `${directory} must be a directory that only you can enter`);
  }
}

async function isOurs(directory: string, uid: number): Promise<boolean> {
  const stat = await lstat(directory).catch(() => undefined);
  return stat?.isDirectory() === true && stat.uid === uid && (stat.mode & 0o077) === 0;
}
