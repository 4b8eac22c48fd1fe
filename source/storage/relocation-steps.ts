/** The single steps of a move (relocation.ts), none of which ever replaces or follows what is not ours. */
import { codeOf, OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { FileStat, FileSystem, OpenFile } from "../ports/file-system.ts";
import { diskError, diskErrorOf, unsafeLink } from "./disk-error.ts";
import { foldersBetween, type MovedFile, parentOf } from "./relocation-plan.ts";

const copyLength = 1024 * 1024;
/** Zeros of this length, at its multiples, are left out of a copy: a download's holes stay holes. */
const holeLength = 64 * 1024;
/** FAT keeps times to two seconds. */
const modifiedToleranceMs = 2000;

export function conflictAt(path: string): OperationalError {
  return new OperationalError("conflict", `${sanitise(path)} is there already, and is not touched`);
}

export function isCancelled(): OperationalError {
  return new OperationalError("cancelled", "the move was cancelled");
}

/** Whether what lies there looks like the file that was planned with. */
export function looksLike(stat: FileStat | undefined, file: MovedFile): boolean {
  if (stat?.kind !== "file" || stat.length !== file.length) return false;
  return Math.abs(stat.modifiedMs - file.modifiedMs) <= modifiedToleranceMs;
}

/**
 * Gives the file another name on the same file system. An empty file is made there first, which only works where nothing is:
 * from then on the name is ours, and is what the rename replaces. @throws OperationalError `conflict`, `cross-device`…
 */
export async function renameToVacant(files: FileSystem, from: string, to: string): Promise<void> {
  let holder: OpenFile;
  try {
    holder = await files.open(to, "create-new");
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw conflictAt(to);
    throw diskErrorOf(error, "make", to);
  }
  let own: FileStat;
  let there: FileStat | undefined;
  try {
    own = await holder.stat();
    there = await files.stat(to);
  } finally {
    await holder.close();
  }
  // A program that replaces or fills what it did not make would do so to any file.
  if (there === undefined || there.identity !== own.identity || there.length > 0) throw conflictAt(to);
  try {
    await files.rename(from, to);
  } catch (error) {
    // A file system on another machine may have done it all the same, and lost its answer: then the file itself is there.
    const left = await files.stat(to).catch(() => undefined);
    if (left?.identity === own.identity && left.length === 0) await files.removeFile(to);
    if (codeOf(error) !== "EXDEV") throw diskErrorOf(error, "rename", from);
    // Two mounts of one file system, as containers have them.
    throw new OperationalError("cross-device", `${sanitise(from)} can only be copied there`, { cause: error });
  }
}

/**
 * Copies the file to a name that nothing has, and puts the copy on the disk.
 * @param onBytes how many were copied since the last call. @throws OperationalError `cancelled`, `disk-full`…
 */
export async function copyToVacant(
  files: FileSystem,
  file: MovedFile,
  to: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let source: OpenFile | undefined;
  let copy: OpenFile | undefined;
  try {
    source = await files.open(file.from, "read");
    copy = await files.open(to, "create-new");
    const buffer = new Uint8Array(Math.min(copyLength, file.length));
    for (let at = 0; at < file.length; at += copyLength) {
      if (signal.aborted) throw isCancelled();
      const part = buffer.subarray(0, Math.min(copyLength, file.length - at));
      if ((await source.read(part, at)) < part.length) throw changed(file);
      await writeWithHoles(copy, part, at);
      onBytes(part.length);
    }
    await copy.truncate(file.length);
    await copy.sync();
    const after = await source.stat();
    if (after.length !== file.length || after.modifiedMs !== file.modifiedMs) throw changed(file);
  } catch (error) {
    throw diskErrorOf(error, "copy", file.from);
  } finally {
    await source?.close();
    await copy?.close();
  }
}

async function writeWithHoles(copy: OpenFile, part: Uint8Array, position: number): Promise<void> {
  let from = 0;
  for (let at = 0; at < part.length; at += holeLength) {
    const span = part.subarray(at, at + holeLength);
    if (!span.every((byte) => byte === 0)) continue;
    if (from < at) await copy.write([part.subarray(from, at)], position + from);
    from = at + span.length;
  }
  if (from < part.length) await copy.write([part.subarray(from)], position + from);
}

/** The folders that are missing, and a look at all that the files go through. @throws OperationalError. */
export async function makeFolders(
  files: FileSystem,
  root: string,
  newFolders: readonly string[],
  paths: readonly string[],
): Promise<void> {
  for (const folder of newFolders) {
    try {
      files.makeDirectorySync(folder);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw diskErrorOf(error, "make the folder", folder);
    }
  }
  const seen = new Set<string>();
  for (const path of paths) {
    for (const folder of foldersBetween(root, path)) {
      if (seen.has(folder)) continue;
      seen.add(folder);
      const kind = (await files.stat(folder))?.kind;
      if (kind === "link") throw unsafeLink(folder);
      if (kind !== "directory") throw diskErrorOf({ code: "ENOTDIR" }, "use", folder);
    }
  }
  await syncFolders(files, newFolders.map(parentOf));
}

/** Those that are there, each once. @throws OperationalError. */
export async function syncFolders(files: FileSystem, folders: readonly string[]): Promise<void> {
  for (const folder of new Set(folders)) {
    try {
      await files.syncDirectory(folder);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw diskErrorOf(error, "write", folder);
    }
  }
}

/** Folders of the files, the deepest first, as far as they are empty: never the root, and none through a link. */
export async function removeOwnFolders(files: FileSystem, root: string, paths: readonly string[]): Promise<void> {
  const kinds = new Map<string, FileStat["kind"] | undefined>();
  const own = new Set<string>();
  for (const path of paths) {
    for (const folder of foldersBetween(root, path)) {
      if (!kinds.has(folder)) kinds.set(folder, (await files.stat(folder))?.kind);
      const kind = kinds.get(folder);
      if (kind !== undefined && kind !== "directory") break;
      // Also one that is gone: whoever removed it may have been cut short before that was on the disk.
      own.add(folder);
    }
  }
  const deepestFirst = [...own].sort((a, b) => b.length - a.length);
  await removeEmptyFolders(files, deepestFirst);
}

/** @param folders the deepest first. One that has something in it stays, and so does what is no folder any more. */
export async function removeEmptyFolders(files: FileSystem, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await files.removeEmptyDirectory(folder);
    } catch (error) {
      if (!["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY"].includes(codeOf(error))) {
        throw diskErrorOf(error, "remove", folder);
      }
    }
  }
  await syncFolders(files, folders.map(parentOf));
}

export async function removeIfThere(files: FileSystem, path: string): Promise<void> {
  try {
    await files.removeFile(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw diskErrorOf(error, "remove", path);
  }
}

function changed(file: MovedFile): OperationalError {
  return diskError("busy", `${sanitise(file.from)} was changed while it was copied`);
}
