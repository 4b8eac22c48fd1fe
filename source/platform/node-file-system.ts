/**
 * The host's disks. Only ordinary files are opened, and never through a symbolic link in the last part of the path: a
 * link, pipe or device that lies where a torrent's file should be is refused, not followed and not waited for.
 */
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf, OperationalError } from "../base/errors.ts";
import type { FileStat, FileSystem, OpenFile, OpenMode } from "../ports/file-system.ts";
import { makeDirectory } from "./make-directory.ts";
import { fileStatOf } from "./node-file-stat.ts";
import { NodeOpenFile } from "./node-open-file.ts";

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_WRONLY } = fs.constants;
/** Absent on Windows, where making a link takes a privilege. */
const noFollow = fs.constants.O_NOFOLLOW ?? 0;
/** Opening a pipe must not wait for its other end; without effect on ordinary files. */
const noWait = fs.constants.O_NONBLOCK ?? 0;

const openFlags = {
  read: O_RDONLY | noFollow | noWait,
  write: O_RDWR | noFollow | noWait,
  create: O_RDWR | O_CREAT | noFollow | noWait,
  "create-new": O_RDWR | O_CREAT | O_EXCL | noFollow | noWait,
} as const;

export class NodeFileSystem implements FileSystem {
  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const fd = await new Promise<number>((resolve, reject) => {
      fs.open(path, openFlags[mode], (error, opened) => (error === null ? resolve(opened) : reject(error)));
    });
    return ordinary(fd, path);
  }

  openSync(path: string, mode: OpenMode): OpenFile {
    return ordinary(fs.openSync(path, openFlags[mode]), path);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    try {
      return fileStatOf(await fs.promises.lstat(path, { bigint: true }));
    } catch (error) {
      return absentOrThrow(error);
    }
  }

  statSync(path: string): FileStat | undefined {
    try {
      return fileStatOf(fs.lstatSync(path, { bigint: true }));
    } catch (error) {
      return absentOrThrow(error);
    }
  }

  realPath(path: string): Promise<string> {
    return fs.promises.realpath(path);
  }

  makeDirectory(path: string): Promise<void> {
    return makeDirectory(path);
  }

  makeDirectorySync(path: string): void {
    fs.mkdirSync(path);
  }

  list(path: string): Promise<readonly string[]> {
    return fs.promises.readdir(path);
  }

  async readFile(path: string, lengthMax: number): Promise<Uint8Array> {
    const handle = await fs.promises.open(path, O_RDONLY);
    try {
      // The length that stat tells is only a hint: /proc files say 0, pipes and devices say nothing.
      const hint = (await handle.stat()).size;
      if (hint > lengthMax) throw tooLarge(path, lengthMax);
      let buffer = new Uint8Array(Math.min(lengthMax, Math.max(hint, 4095)) + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
        if (length > lengthMax) throw tooLarge(path, lengthMax);
        if (length === buffer.length) {
          const larger = new Uint8Array(Math.min(lengthMax + 1, 2 * buffer.length));
          larger.set(buffer);
          buffer = larger;
        }
      }
    } finally {
      await handle.close();
    }
  }

  readFileSync(path: string, lengthMax: number): Uint8Array | undefined {
    let fd: number;
    try {
      fd = fs.openSync(path, O_RDONLY | noWait);
    } catch (error) {
      return absentOrThrow(error);
    }
    try {
      const stats = fs.fstatSync(fd);
      if (!stats.isFile())
        throw Object.assign(new Error(`EINVAL: not an ordinary file, read '${path}'`), { code: "EINVAL" });
      if (stats.size > lengthMax) throw tooLarge(path, lengthMax);
      const bytes = new Uint8Array(stats.size);
      let length = 0;
      while (length < bytes.length) {
        const count = fs.readSync(fd, bytes, length, bytes.length - length, length);
        if (count === 0) break;
        length += count;
      }
      return bytes.subarray(0, length);
    } finally {
      fs.closeSync(fd);
    }
  }

  async writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path);
    // By chance: a process that was killed may have left one, and its number may be ours now.
    const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
    const replaced = fs.promises.lstat(path).catch(() => undefined);
    try {
      const handle = await fs.promises.open(temporary, O_WRONLY | O_CREAT | O_EXCL | noFollow);
      try {
        // Who may read it is for its owner to say. Some file systems know of no such thing.
        const before = await replaced;
        if (before?.isFile() === true) await handle.chmod(before.mode & 0o777).catch(() => undefined);
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.promises.rename(temporary, path);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    await this.syncDirectory(folder);
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to);
  }

  removeFile(path: string): Promise<void> {
    return fs.promises.unlink(path);
  }

  removeEmptyDirectory(path: string): Promise<void> {
    return fs.promises.rmdir(path);
  }

  async syncDirectory(path: string): Promise<void> {
    let handle: fs.promises.FileHandle | undefined;
    try {
      handle = await fs.promises.open(path, O_RDONLY);
      await handle.sync();
    } catch (error) {
      // Some systems cannot sync a folder (EPERM on Windows): names are as durable there as they get.
      if (!["EINVAL", "EISDIR", "EPERM", "EACCES", "ENOTSUP"].includes(codeOf(error))) throw error;
    } finally {
      await handle?.close();
    }
  }

  async freeSpace(path: string): Promise<number> {
    const stats = await fs.promises.statfs(path);
    return stats.bavail * stats.bsize;
  }
}

function ordinary(fd: number, path: string): OpenFile {
  let stats: Stats;
  try {
    stats = fs.fstatSync(fd);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  if (stats.isFile()) return new NodeOpenFile(fd);
  fs.closeSync(fd);
  const code = stats.isDirectory() ? "EISDIR" : "EINVAL";
  throw Object.assign(new Error(`${code}: not an ordinary file, open '${path}'`), { code, path });
}

function absentOrThrow(error: unknown): undefined {
  // ENOTDIR: a part of the path is a file, so nothing can be below it.
  if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
  throw error;
}

function tooLarge(path: string, lengthMax: number): OperationalError {
  return new OperationalError("too-large", `${path} is larger than ${lengthMax} bytes`);
}
