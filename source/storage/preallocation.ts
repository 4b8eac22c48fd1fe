/**
 * Takes the space of files before their bytes come, by writing zeros to what is not there yet and is not reserved either.
 *
 * Blocks may come meanwhile: a file that is wanted again shares its first and its last piece with others that are being
 * downloaded. So each write of zeros is made while nothing else is written (`WriteBehind.alone`), and only behind what the
 * file has by then: zeros never lie on top of what has come. Where a block has come behind a part that is not there, that
 * part stays a hole, and takes its space as its bytes come.
 *
 * Not on the thread: so many zeros fill the page cache, and then the system makes each writer wait.
 */
import { sanitise } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import type { FileStat, FileSystem } from "../ports/file-system.ts";
import { diskError } from "./disk-error.ts";
import { statFiles } from "./file-care.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";

/** `quick`: what the file system reserves at once (reservation.ts). `full`: zeros are written besides, where it does not. */
export type Preallocation = "off" | "quick" | "full";

/** Zeros of one write: what whoever closes the files, and blocks that come, wait for at most. */
const zerosLength = 1024 * 1024;

export interface PreallocationTurns {
  /** Runs `action` while nothing else is written to the files; not at all where writing has ended. Rejects as it does. */
  alone(action: () => Promise<void>): Promise<void>;
  /** Asked between writes of zeros. */
  mayGoOn(): boolean;
}

/**
 * Of all wanted files, one after the other. @throws OperationalError `disk-full` before anything is written where it cannot
 * fit.
 */
export async function preallocateFiles(
  fileSystem: FileSystem,
  set: FileSet,
  { alone, mayGoOn }: PreallocationTurns,
): Promise<void> {
  const stats = await statFiles(fileSystem, set.files);
  const missingOf = (file: StoredFile) => file.info.length - heldBy(stats[file.index]);
  const short = set.files.filter((file) => !file.info.isPadding && file.isWanted && missingOf(file) > 0);
  const needed = short.reduce((sum, file) => sum + missingOf(file), 0);
  const zeros = new Uint8Array(short.length === 0 ? 0 : zerosLength);
  let isSpaceKnown = false;
  for (const file of short) {
    let isWhole = false;
    while (!isWhole && mayGoOn()) {
      await alone(() =>
        set.withFile(file, "create", async (handle) => {
          file.isBegun = true;
          // Asked only now: the save folder may not have been there before.
          if (!isSpaceKnown) await assertSpace(fileSystem, set.root, needed);
          isSpaceKnown = true;
          const { length } = await handle.stat();
          const count = Math.min(zerosLength, file.info.length - length);
          if (count > 0) {
            markChanged(file);
            await handle.write([zeros.subarray(0, count)], length);
            // Who looked at it meanwhile has seen it change.
            markChanged(file);
          }
          isWhole = length + count >= file.info.length;
        }),
      );
    }
  }
}

/** Bytes up to which nothing is to be written: it is as long, or has the space of so many. */
function heldBy(stat: FileStat | undefined): number {
  return stat === undefined ? 0 : Math.max(stat.length, stat.allocatedBytes);
}

async function assertSpace(fileSystem: FileSystem, root: string, needed: number): Promise<void> {
  const free = await fileSystem.freeSpace(root);
  if (free >= needed) return;
  throw diskError(
    "disk-full",
    `${sanitise(root)} has ${formatSize(free)} free, and this download needs ${formatSize(needed)}`,
  );
}
