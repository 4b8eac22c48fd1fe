/**
 * A lock that a dead process cannot keep: a listening Unix socket. Whoever connects is told in one line of JSON who
 * holds it. A socket that refuses connections has lost its process and is taken over.
 *
 * A socket gets its name only when it listens already (by `link`, which never replaces anything), so that one that
 * refuses is surely a dead one. Taking over: the stale socket is moved aside under a name of our own and looked at again there, so that a live one
 * that another process has put in its place in the meantime is noticed, and put back.
 */
import { createHash, randomUUID } from "node:crypto";
import { chmod, link, lstat, realpath, rename, unlink } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { codeOf, OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { DownloadLock, DownloadLocks } from "../ports/locks.ts";
import { runtimeDirectory, socketPathBytesMax } from "./runtime-directory.ts";

export interface LockHolder {
  readonly pid: number;
  /** `p2p-tui get`, as the user would name it. */
  readonly command: string;
  readonly profile: string;
}

/** A holder answers at once; a stopped one (SIGSTOP) never does, and still holds. */
const answerTimeoutMs = 2000;
const answerLengthMax = 8192;
/** Each attempt loses only to another process that took or gave up the lock meanwhile. */
const attemptsMax = 10;

export interface LockSocket {
  /** Whether others find it there. */
  isAt(path: string): Promise<boolean>;
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * @param path of at most 107 bytes, in a directory that only this user can enter.
 * @returns the lock, or who holds it.
 */
export async function acquireLockSocket(path: string, self: LockHolder): Promise<LockSocket | { holder: LockHolder }> {
  if (Buffer.byteLength(path) > socketPathBytesMax) throw new OperationalError("path-too-long", `${path} is too long`);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const lock = await listen(path, self);
    if (lock !== undefined) return lock;
    const before = await identityOf(path);
    if (before === undefined) continue;
    const holder = await askHolder(path);
    if (holder !== undefined) return { holder };
    await removeStale(path, before);
  }
  throw new OperationalError("lock-failed", `the lock ${path} is fought over`);
}

/** @returns `undefined` where something is at the path already. */
async function listen(path: string, self: LockHolder): Promise<LockSocket | undefined> {
  const unnamed = asideOf(path);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${JSON.stringify(self)}\n`);
    socket.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(unnamed, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", () => {});
  // A lock alone does not keep its process alive.
  server.unref();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  try {
    await chmod(unnamed, 0o600);
    await link(unnamed, path);
  } catch (error) {
    await close();
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
  await unlink(unnamed);
  const identity = await identityOf(path);
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    if ((await identityOf(path)) === identity) await unlink(path).catch(() => {});
    await close();
  };
  return {
    isAt: async (where) => where === path && (await identityOf(path)) === identity,
    release: () => {
      released ??= release();
      return released;
    },
  };
}

/** A name in the same directory that nobody else uses. */
export function asideOf(path: string): string {
  return join(dirname(path), `.${randomUUID().slice(0, 13)}`);
}

/** @returns who holds the lock, as far as he says so; `undefined` where nobody does, or no longer. */
export function askHolder(path: string): Promise<LockHolder | undefined> {
  return new Promise((resolve) => {
    const unknown: LockHolder = { pid: 0, command: "p2p-tui", profile: "" };
    let answer = "";
    const socket = connect(path);
    const timer = setTimeout(() => finish(unknown), answerTimeoutMs);
    const finish = (holder: LockHolder | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.length > answerLengthMax) finish(unknown);
    });
    socket.on("end", () => finish(parseHolder(answer) ?? unknown));
    // Refused, or not a socket at all: nobody is there. Anything else (a full backlog, no permission): somebody may be.
    socket.on("error", (error) =>
      finish(["ECONNREFUSED", "ENOENT", "ENOTSOCK", "ECONNRESET"].includes(codeOf(error)) ? undefined : unknown),
    );
  });
}

function parseHolder(line: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, command, profile } = value as Partial<Record<keyof LockHolder, unknown>>;
    if (typeof pid !== "number" || typeof command !== "string" || typeof profile !== "string") return undefined;
    return { pid, command, profile };
  } catch {
    return undefined;
  }
}

/** @param stale as `identityOf` said: what is there by now may be another. */
export async function removeStale(path: string, stale: string): Promise<void> {
  const aside = asideOf(path);
  try {
    if ((await identityOf(path)) !== stale) return;
    await rename(path, aside);
    if ((await identityOf(aside)) !== stale) await link(aside, path);
    await unlink(aside);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error;
  }
}

/** Inode numbers are used again at once, so the time of creation belongs to the identity. */
export async function identityOf(path: string): Promise<string | undefined> {
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}:${stat.mtimeNs}`;
}

export function holderText(holder: LockHolder): string {
  return holder.pid === 0 ? "another p2p-tui" : `${holder.command} (process ${holder.pid})`;
}

/** The path of the lock or control socket that stands for `key` in the runtime directory. */
export async function runtimeSocketPath(
  kind: "download" | "profile" | "control" | "demo",
  key: string,
): Promise<string> {
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 24);
  return join(await runtimeDirectory(), `${kind}-${hash}`);
}

/** The real path as far as it can be known, also of what does not exist yet: links above it are resolved. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return join(await realPathOf(parent), basename(path));
  }
}

interface HeldLock {
  readonly key: string;
  socket: LockSocket;
  isReleased: boolean;
}

/** The locks of downloads, one socket for each in the runtime directory. */
export class LockSockets implements DownloadLocks {
  readonly #self: LockHolder;
  readonly #held = new Set<HeldLock>();

  constructor(self: LockHolder) {
    this.#self = self;
  }

  async acquire(infoHash: InfoHash, savePath: string): Promise<DownloadLock> {
    const real = await realPathOf(savePath);
    const key = `${infoHash}\n${real}`;
    const result = await acquireLockSocket(await runtimeSocketPath("download", key), this.#self);
    if ("holder" in result) {
      throw new OperationalError(
        "held",
        `this torrent is already being downloaded or seeded in ${real} by ${holderText(result.holder)}`,
      );
    }
    const held: HeldLock = { key, socket: result, isReleased: false };
    this.#held.add(held);
    return {
      release: async () => {
        held.isReleased = true;
        this.#held.delete(held);
        await held.socket.release();
      },
    };
  }

  /** Makes those again that others do not find any more. What somebody else has taken meanwhile stays his. */
  async restore(): Promise<void> {
    for (const held of [...this.#held]) {
      const path = await runtimeSocketPath("download", held.key);
      if (held.isReleased || (await held.socket.isAt(path))) continue;
      const result = await acquireLockSocket(path, this.#self);
      if ("holder" in result) continue;
      const former = held.isReleased ? result : held.socket;
      if (!held.isReleased) held.socket = result;
      await former.release();
    }
  }
}
