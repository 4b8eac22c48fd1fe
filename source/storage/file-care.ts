/** What is done to a torrent's files as a whole: looked at, completed, flushed, removed. */
import { codeOf, OperationalError } from "../base/errors.ts";
import type { FileStat, FileSystem } from "../ports/file-system.ts";
import { diskErrorOf, unsafeLink } from "./disk-error.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";
import { TrashItem, type TrashPlace } from "./trash.ts";

/** Files looked at at once: hides a network disk's round trips, and leaves the thread pool to reads. */
const concurrentStatsMax = 16;

/** What `fingerprints` says of a file that is not there. */
export const missingFingerprint = "missing";
/** What `fingerprints` says of a padding file, which is never there. */
export const paddingFingerprint = "padding";

/** What `fingerprints` says of a file that is not there, followed by what it says of the side file that is. */
export const asidePrefix = "aside ";

/** Whether the file is not there, but bytes of it may be in the side file. */
export function isAside(fingerprint: string): boolean {
  return fingerprint.startsWith(asidePrefix);
}

/** Whether neither the file nor what the side file may have of it is on the disk (of padding nothing ever is). */
export function isMissing(fingerprint: string): boolean {
  return fingerprint === missingFingerprint || fingerprint === paddingFingerprint;
}

/** Every file's state; `undefined` for those that are not there, and for padding. @throws OperationalError. */
export async function statFiles(
  fileSystem: FileSystem,
  files: readonly StoredFile[],
): Promise<(FileStat | undefined)[]> {
  const stats = new Array<FileStat | undefined>(files.length).fill(undefined);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const index = next++;
      const file = files[index];
      if (file === undefined || file.info.isPadding) continue;
      try {
        stats[index] = await fileSystem.stat(file.pooled.path);
      } catch (error) {
        throw diskErrorOf(error, "look at", file.pooled.path);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrentStatsMax, files.length) }, work));
  return stats;
}

/**
 * Each file's length, time of change and identity. A file that we have not written to since it was last looked at is
 * not looked at again: what somebody else does to it is to be found on the next start, not taken for our doing.
 */
export async function fingerprints(fileSystem: FileSystem, set: FileSet): Promise<string[]> {
  const unknown = set.files.filter((file) => file.fingerprint === undefined && !file.info.isPadding);
  // It may be written to while we look: then what we see is already old.
  const changeCounts = unknown.map((file) => file.changeCount);
  const stats = await statFiles(fileSystem, unknown);
  const found = new Map<StoredFile, string>();
  const side = stats.some((stat, index) => stat === undefined && (unknown[index]?.info.length ?? 0) > 0)
    ? fingerprintOf((await statFiles(fileSystem, [set.side]))[0])
    : missingFingerprint;
  unknown.forEach((file, index) => {
    const print = fingerprintOf(stats[index]);
    const isAside = print === missingFingerprint && file.info.length > 0 && side !== missingFingerprint;
    found.set(file, isAside ? `${asidePrefix}${side}` : print);
    // A file that does not exist may be put there by the user while the torrent is stopped: looked at each time.
    if (print !== missingFingerprint && changeCounts[index] === file.changeCount) file.fingerprint = print;
  });
  return set.files.map((file) =>
    file.info.isPadding ? paddingFingerprint : (found.get(file) ?? file.fingerprint ?? missingFingerprint),
  );
}

export function fingerprintOf(stat: FileStat | undefined): string {
  if (stat === undefined) return missingFingerprint;
  return `${stat.kind} ${stat.length} ${stat.modifiedMs} ${stat.identity}`;
}

/** Each wanted file with its length, the empty ones made, a longer one cut, all on the disk. @throws OperationalError. */
export async function finishFiles(fileSystem: FileSystem, set: FileSet): Promise<void> {
  const stats = await statFiles(fileSystem, set.files);
  for (const file of set.files) {
    if (file.info.isPadding || !file.isWanted) continue;
    const stat = stats[file.index];
    if (stat?.kind === "link") throw unsafeLink(file.pooled.path);
    if (stat !== undefined && stat.kind !== "file") throw diskErrorOf({ code: "EISDIR" }, "finish", file.pooled.path);
    const length = stat?.length ?? 0;
    // Filling up with zeros would hide that verified bytes are gone.
    if (length < file.info.length) throw diskErrorOf({ code: "ENOENT" }, "finish", file.pooled.path);
    if (stat !== undefined && length === file.info.length) continue;
    await set.withFile(file, "create", (handle) => handle.truncate(file.info.length));
    markChanged(file);
  }
  await syncFiles(set);
  await set.releaseWritten();
}

/** Puts every file that is there on the disk, and the names of all, whoever wrote them. @throws OperationalError. */
export async function syncWhatIsThere(fileSystem: FileSystem, set: FileSet): Promise<void> {
  const all = [...set.files, set.side];
  const stats = await statFiles(fileSystem, all);
  for (const [index, file] of all.entries()) {
    if (stats[index]?.kind !== "file") continue;
    await set.withFile(file, "read", (handle) => handle.sync());
    set.suspectFoldersOf(file);
  }
  await syncFiles(set);
}

/** Puts on the disk what was written since the last time. @throws OperationalError. */
export async function syncFiles(set: FileSet): Promise<void> {
  for (const file of [...set.files, set.side]) {
    if (!file.isDirty) continue;
    const { changeCount } = file;
    await set.withFile(file, "write", (handle) => handle.sync());
    // Not before: whoever else asks meanwhile is not to be told that it is there. It may be written to while we wait.
    if (changeCount === file.changeCount) file.isDirty = false;
  }
  await set.syncFolders();
}

/**
 * Removes the torrent's own files and then its own folders, as far as they are empty; never the save folder, nothing
 * through a link, and nothing but ordinary files (HOSTILE A10).
 * @param trash where the files go instead, in folders as they were. @returns their path there, "" where none went there.
 * @throws OperationalError.
 */
export async function removeFiles(fileSystem: FileSystem, set: FileSet, trash?: TrashPlace): Promise<string> {
  let item: TrashItem | undefined;
  const remove = async (path: string): Promise<void> => {
    if (trash === undefined) return attempt(() => fileSystem.removeFile(path), path, ["ENOENT"]);
    const above = set.root === "/" ? "" : set.root;
    const [root = "", ...below] = path.slice(above.length + 1).split("/");
    item ??= await TrashItem.begin(fileSystem, trash, `${above}/${root}`, path);
    await item.take(path, below);
  };
  const folders = new Set<string>();
  const isFolder = new Map<string, boolean>();
  const side = set.side.pooled.path;
  const hasSide = (await fileSystem.stat(side))?.kind === "file";
  for (const file of set.files) {
    if (file.info.isPadding) continue;
    let isReachable = true;
    for (const folder of set.foldersOf(file)) {
      let known = isFolder.get(folder);
      if (known === undefined) {
        known = (await fileSystem.stat(folder))?.kind === "directory";
        isFolder.set(folder, known);
      }
      if (!known) isReachable = false;
      if (isReachable) folders.add(folder);
    }
    if (isReachable && hasSide && set.sideLayout.sharedOf(file.index).length > 0) {
      await attempt(() => fileSystem.removeFile(set.draftPathOf(file)), set.draftPathOf(file), ["ENOENT"]);
    }
    if (!isReachable || (await fileSystem.stat(file.pooled.path))?.kind !== "file") continue;
    await remove(file.pooled.path);
    file.fingerprint = undefined;
    file.isDirty = false;
  }
  await item?.finish();
  const deepestFirst = [...folders].sort((a, b) => b.split("/").length - a.split("/").length);
  for (const folder of deepestFirst) {
    await attempt(() => fileSystem.removeEmptyDirectory(folder), folder, ["ENOENT", "ENOTEMPTY", "EEXIST"]);
  }
  if (hasSide) await attempt(() => fileSystem.removeFile(side), side, ["ENOENT"]);
  return item?.path ?? "";
}

/** Runs what removes or renames; the codes in `allowed` are no failures. @throws OperationalError. */
export async function attempt(action: () => Promise<void>, path: string, allowed: readonly string[]): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof OperationalError || !allowed.includes(codeOf(error))) {
      throw diskErrorOf(error, "remove", path);
    }
  }
}
