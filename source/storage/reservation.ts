/**
 * Has the file system reserve the space of long files before their bytes come: each then lies in few parts of the disk, and is
 * written without looking for space each time. It writes nothing and leaves the files as long as they are, so blocks may come
 * meanwhile. Nobody is to fail or to wait for it: where it is not possible, space is taken as bytes come.
 *
 * A file that nothing is written to any more holds no space which its length does not show, and one that nothing has come
 * for is not there: paused, or removed from the list, they would take space for nothing.
 */
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { attempt, statFiles } from "./file-care.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";

/** What is shorter lies in few parts as it is, and is written in little more time than reserving takes: some milliseconds. */
const longMin = 16 * 1024 * 1024;
/** Of more files the longest. */
const filesMax = 256;
/** Left to others, and to records. */
const spaceLeftMin = 16 * 1024 * 1024;
/** What the system reserves of its own accord is less. */
const givenBackMin = 8 * 1024 * 1024;
/** In memory, or on a slow disk, much takes its time: then downloads go on meanwhile. */
const waitMs = 2000;

/** Runs `action` while nothing is written to the files. Rejects as it does. */
type Alone = (action: () => Promise<void>) => Promise<void>;

export class Reservation {
  readonly #fileSystem: FileSystem;
  readonly #set: FileSet;
  /** Files that may hold space for what has not come yet. */
  #held: readonly StoredFile[] = [];
  /** Those of them that were not there before. */
  readonly #made = new Set<StoredFile>();

  constructor(fileSystem: FileSystem, set: FileSet) {
    this.#fileSystem = fileSystem;
    this.#set = set;
  }

  /**
   * For wanted files that lack pieces. Resolves when it is done, or cannot be, or `signal` ends it.
   * @param lacksPieces of the file. @throws OperationalError where a file cannot be made.
   */
  async take(lacksPieces: (file: StoredFile) => boolean, signal: AbortSignal): Promise<void> {
    const long = this.#set.files.filter((file) => file.isWanted && isLong(file) && lacksPieces(file));
    this.#held = long;
    const stats = await statFiles(this.#fileSystem, long);
    const short = long
      .map((file, index) => ({
        file,
        stat: stats[index],
        missing: file.info.length - (stats[index]?.allocatedBytes ?? 0),
      }))
      .filter(({ missing }) => missing > 0);
    let needed = short.reduce((sum, { missing }) => sum + missing, 0);
    for (const { file, stat } of short.sort((a, b) => b.missing - a.missing).slice(0, filesMax)) {
      if (signal.aborted) return;
      const isReserved = await this.#set.withFile(file, "create", async (handle) => {
        if (stat === undefined && !file.isBegun) this.#made.add(file);
        file.isBegun = true;
        markChanged(file);
        // Asked only now: the save folder may not have been there before.
        if (needed > 0 && (await this.#fileSystem.freeSpace(this.#set.root)) < needed + spaceLeftMin) return false;
        needed = 0;
        const isDone = await handle.reserve(file.info.length, signal);
        // Who looked at it meanwhile has seen it change.
        markChanged(file);
        return isDone;
      });
      if (!isReserved) return;
    }
  }

  /** Gives back what files hold that are not wanted any more. @throws OperationalError. */
  async giveBack(isWanted: (file: StoredFile) => boolean, alone: Alone): Promise<void> {
    await this.#giveBack(
      this.#set.files.filter((file) => !isWanted(file) && !file.isAside && isLong(file)),
      alone,
    );
  }

  /** When nothing is written any more: gives back all of it. @throws OperationalError. */
  async giveBackAll(): Promise<void> {
    await this.#giveBack(this.#held, (action) => action());
    for (const file of this.#made) {
      if (file.isBegun || !this.#set.hasFolders(file)) continue;
      for (const folder of this.#set.foldersOf(file).reverse()) {
        await attempt(() => this.#fileSystem.removeEmptyDirectory(folder), folder, ["ENOENT", "ENOTEMPTY", "EEXIST"]);
      }
    }
  }

  async #giveBack(files: readonly StoredFile[], alone: Alone): Promise<void> {
    const stats = await statFiles(this.#fileSystem, files);
    for (const [index, file] of files.entries()) {
      const stat = stats[index];
      if (stat?.kind !== "file") continue;
      if (stat.length === 0 && this.#made.has(file)) await alone(() => this.#removeEmpty(file));
      else if (stat.allocatedBytes - stat.length >= givenBackMin) await alone(() => this.#cut(file));
    }
  }

  /** Unless something has come for it. */
  async #removeEmpty(file: StoredFile): Promise<void> {
    const { path } = file.pooled;
    // It is not to be written to by a descriptor that is open still.
    await this.#set.releaseWritten();
    if (!this.#set.hasFolders(file) || (await this.#fileSystem.stat(path))?.length !== 0) return;
    await attempt(() => this.#fileSystem.removeFile(path), path, ["ENOENT"]);
    file.isBegun = false;
    file.isDirty = false;
    file.fingerprint = undefined;
  }

  async #cut(file: StoredFile): Promise<void> {
    await this.#set.withFile(file, "write", async (handle) => {
      markChanged(file);
      await handle.truncate((await handle.stat()).length);
      markChanged(file);
    });
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
  return !info.isPadding && info.length >= longMin;
}
