/**
 * Has the file system reserve the space of long files before their bytes come: each then lies in few parts of the disk, and is
 * written without looking for space each time. It writes nothing and leaves the files as long as they are, so blocks may come
 * meanwhile. Nobody is to fail or to wait for it: where it is not possible, space is taken as bytes come.
 *
 * Files that nobody writes to hold no space which does not show in their length: paused, or removed from the list, they
 * would keep it for nothing.
 */
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { statFiles } from "./file-care.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";

/** What is shorter lies in few parts as it is, and is written in little more time than reserving takes: some milliseconds. */
export const reservedLengthMin = 16 * 1024 * 1024;
/** Of more files the longest. */
const reservedFilesMax = 256;
/** Left to others, and to records. */
const spaceLeftMin = 16 * 1024 * 1024;
/** In memory, or on a slow disk, much takes its time: then downloads go on meanwhile. */
const waitMs = 2000;

/**
 * For wanted files that lack pieces. Resolves when it is done, or cannot be, or `signal` ends it.
 * @param lacksPieces of the file. @returns the files that may hold space now. @throws OperationalError where a file cannot be made.
 */
export async function reserveSpace(
  fileSystem: FileSystem,
  set: FileSet,
  lacksPieces: (file: StoredFile) => boolean,
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const long = set.files.filter((file) => file.isWanted && isLong(file) && lacksPieces(file));
  const stats = await statFiles(fileSystem, long);
  const short = long
    .map((file, index) => ({ file, missing: file.info.length - (stats[index]?.allocatedBytes ?? 0) }))
    .filter(({ missing }) => missing > 0);
  let needed = short.reduce((sum, { missing }) => sum + missing, 0);
  for (const { file } of short.sort((a, b) => b.missing - a.missing).slice(0, reservedFilesMax)) {
    if (signal.aborted) break;
    const isReserved = await set.withFile(file, "create", async (handle) => {
      file.isBegun = true;
      markChanged(file);
      // Asked only now: the save folder may not have been there before.
      if (needed > 0 && (await fileSystem.freeSpace(set.root)) < needed + spaceLeftMin) return false;
      needed = 0;
      const isDone = await handle.reserve(file.info.length, signal);
      // Who looked at it meanwhile has seen it change.
      markChanged(file);
      return isDone;
    });
    if (!isReserved) break;
  }
  return long;
}

/** Files that may hold space which is reserved for nothing, as they are not wanted any more. */
export function unwantedOf(set: FileSet): StoredFile[] {
  return set.files.filter((file) => !file.isWanted && !file.isAside && isLong(file));
}

/**
 * Gives back what is reserved behind the files' ends: whoever looks at them does not see that they hold it.
 * @param alone runs its action while nothing is written to the files. @throws OperationalError.
 */
export async function giveBackSpace(
  fileSystem: FileSystem,
  set: FileSet,
  files: readonly StoredFile[],
  alone: (action: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const stats = await statFiles(fileSystem, files);
  for (const [index, file] of files.entries()) {
    const stat = stats[index];
    // What the system reserves of its own accord is less.
    if (stat?.kind !== "file" || stat.allocatedBytes - stat.length < reservedLengthMin / 2) continue;
    await alone(() =>
      set.withFile(file, "write", async (handle) => {
        markChanged(file);
        await handle.truncate((await handle.stat()).length);
        markChanged(file);
      }),
    );
  }
}

/** What `action` does, but at most for a time: then it goes on, and what becomes of it is nobody's affair. */
export async function waitFor(clock: Clock, action: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(waitMs, resolve);
  try {
    await Promise.race([action, promise]);
  } finally {
    timer.cancel();
  }
}

function isLong({ info }: StoredFile): boolean {
  return !info.isPadding && info.length >= reservedLengthMin;
}
