/**
 * Has the file system reserve the space of long files before their bytes come: each then lies in few parts of the disk, and is
 * written without looking for space each time. It writes nothing and leaves the files as long as they are, so blocks may come
 * meanwhile. Nobody fails or waits long for it: where it is not possible, space is taken as bytes come.
 *
 * Whoever looks at a file does not see what is reserved behind its end: that is given back when nothing is written to it any more.
 */
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { statFiles } from "./file-care.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";

/** What is shorter lies in few parts as it is, and is written in little more time than reserving takes: some milliseconds. */
const longMin = 16 * 1024 * 1024;
/** Of more files the longest. */
const filesMax = 256;
/** Left to others, and to records. */
const spaceLeftMin = 16 * 1024 * 1024;
/** What the system reserves of its own accord is less, as a rule. */
const trimmedMin = 8 * 1024 * 1024;
/** A disk does it in milliseconds, and memory takes a quarter of a second for a GiB. While it is done writers wait. */
const takeMs = 2000;

/** Runs `action` while nothing else is written to the files. Rejects as it does. */
type Alone = (action: () => Promise<void>) => Promise<void>;

export class Reservation {
  readonly #ports: { readonly files: FileSystem; readonly clock: Clock };
  readonly #set: FileSet;
  readonly #alone: Alone;
  /** Files whose space was asked for: nobody else's is given back. */
  readonly #held = new Set<StoredFile>();

  constructor(ports: { readonly files: FileSystem; readonly clock: Clock }, set: FileSet, alone: Alone) {
    this.#ports = ports;
    this.#set = set;
    this.#alone = alone;
  }

  /**
   * For wanted files that lack pieces. Resolves when it is done, or cannot be, or `signal` ends it, or it takes too long.
   * Never rejects: what is wrong with a file shows when it is written to.
   * @param lacksPieces of the file, now.
   */
  async take(lacksPieces: (file: StoredFile) => boolean, signal: AbortSignal): Promise<void> {
    const late = new AbortController();
    const timer = this.#ports.clock.after(takeMs, () => late.abort());
    try {
      await this.#take(lacksPieces, AbortSignal.any([signal, late.signal]));
    } catch {
      // As where it cannot be done.
    } finally {
      timer.cancel();
    }
  }

  /** Gives back what files hold that are not wanted any more. Never rejects: where that fails they keep it. */
  async giveBack(isWanted: (file: StoredFile) => boolean): Promise<void> {
    for (const file of this.#held) {
      if (isWanted(file)) continue;
      await this.#alone(() => this.#trim(file));
      this.#held.delete(file);
    }
  }

  /** Once nothing is written any more: gives back all of it. Never rejects. */
  async giveBackAll(): Promise<void> {
    for (const file of this.#held) await this.#trim(file);
  }

  async #take(lacksPieces: (file: StoredFile) => boolean, signal: AbortSignal): Promise<void> {
    const long = this.#set.files.filter((file) => isLong(file) && file.isWanted && lacksPieces(file));
    const stats = await statFiles(this.#ports.files, long);
    const short = long
      .map((file, index) => ({ file, missing: file.info.length - (stats[index]?.allocatedBytes ?? 0) }))
      .filter(({ missing }) => missing > 0);
    const needed = short.reduce((sum, { missing }) => sum + missing, 0);
    let isSpaceKnown = false;
    for (const { file } of short.sort((a, b) => b.missing - a.missing).slice(0, filesMax)) {
      if (signal.aborted) return;
      if (!lacksPieces(file)) continue;
      const isReserved = await this.#set.withFile(file, "create", async (handle) => {
        file.isBegun = true;
        markChanged(file);
        // Asked only now: the save folder may not have been there before.
        if (!isSpaceKnown && (await this.#ports.files.freeSpace(this.#set.root)) < needed + spaceLeftMin) return false;
        isSpaceKnown = true;
        this.#held.add(file);
        const isDone = await handle.reserve(file.info.length, signal);
        // Who looked at it meanwhile has seen it change.
        markChanged(file);
        return isDone;
      });
      if (isReserved) continue;
      // A quota may have ended it: what there was of that is for others, and for records.
      if (this.#held.has(file) && !signal.aborted) await this.#alone(() => this.#trim(file));
      return;
    }
  }

  async #trim(file: StoredFile): Promise<void> {
    try {
      await this.#set.withFile(file, "write", async (handle) => {
        const { length, allocatedBytes } = await handle.stat();
        if (allocatedBytes - length < trimmedMin) return;
        markChanged(file);
        handle.trimSync();
        markChanged(file);
      });
    } catch {
      // It is gone, or may not be written to any more: then it keeps what it has.
    }
  }
}

function isLong({ info }: StoredFile): boolean {
  return !info.isPadding && info.length >= longMin;
}
