/**
 * A file that says which process has a folder: a second proof beside the lock's socket, whose directory the system may remove
 * while the process lives (systemd does so with /run/user/UID when its user logs out).
 *
 * Process ids are used again, so it names the boot as well, and when in it the process began: what a dead process left
 * keeps nobody out. Where the system does not tell that (Linux alone does), there is no mark. It is put in place by
 * `link`, which never replaces anything, so that one of two that come at once has it.
 */
import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { codeOf } from "../base/errors.ts";
import { bootId } from "./boot-id.ts";
import { asideOf, identityOf, removeStale } from "./lock-socket.ts";

const attemptsMax = 10;

export interface ProcessMark {
  /** Idempotent. */
  release(): Promise<void>;
}

const noMark: ProcessMark = { release: async () => {} };

/**
 * Marks the folder as this process's. A mark that cannot be written (a full disk) keeps nobody from anything.
 * @returns the mark, or which living process has it.
 */
export async function markProcess(path: string): Promise<ProcessMark | { readonly pid: number }> {
  const text = await textFor(process.pid);
  if (text === undefined) return noMark;
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const before = await identityOf(path);
      if (before !== undefined) {
        const pid = await livingIn(path);
        if (pid !== undefined && pid !== process.pid) return { pid };
        await removeStale(path, before);
      }
      if (await put(path, text)) return markAt(path, await identityOf(path));
    }
  } catch {
    // The lock's socket is what there is then.
  }
  return noMark;
}

function markAt(path: string, identity: string | undefined): ProcessMark {
  return {
    release: async () => {
      if (identity !== undefined && (await identityOf(path)) === identity) await unlink(path).catch(() => {});
    },
  };
}

/** @returns false where something is at the path already. */
async function put(path: string, text: string): Promise<boolean> {
  const unnamed = asideOf(path);
  try {
    await writeFile(unnamed, text, { flag: "wx", mode: 0o600 });
    await link(unnamed, path).catch(async (error: unknown) => {
      if (codeOf(error) === "EEXIST") throw error;
      // A file system without links.
      await rename(unnamed, path);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(unnamed, { force: true });
  }
}

/** @returns the process that the mark names, where that is alive. */
export async function livingIn(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = Number(/^[1-9]\d{0,9} /.exec(text)?.[0]);
  return Number.isInteger(pid) && (await textFor(pid)) === text ? pid : undefined;
}

/** @returns the mark of a living process, `undefined` where the system does not say or there is none. */
async function textFor(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in brackets, may hold anything. Behind it are the state, and 19 fields later the start, in ticks since the boot.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const start = fields[19];
  const boot = bootId();
  if (boot === "" || start === undefined || state === "Z" || state === "X") return undefined;
  return `${pid} ${start} ${boot}\n`;
}
