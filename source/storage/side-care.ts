/**
 * What lies aside, as a whole: found on a start, chosen when the user decides what is wanted, and brought into its own
 * file when that is wanted again; see `side-file.ts`.
 *
 * Why a kill at any instant loses nothing: a file comes into being by a rename, from a draft that holds all that the side
 * file has of it and is synced. Before that instant its bytes are found in the side file, from then on in itself, by the
 * same rule: whether it is there. The side file is removed when no file lies aside any more, and their names are synced.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { diskError } from "./disk-error.ts";
import { attempt, statFiles } from "./file-care.ts";
import type { FileSet } from "./file-set.ts";
import { markChanged, type StoredFile } from "./stored-file.ts";

/** Bytes copied before others get their turn. */
const copyLength = 1024 * 1024;

/** On opening: where there is a side file, whatever is not there lies aside. @throws OperationalError. */
export async function findAside(fileSystem: FileSystem, set: FileSet): Promise<void> {
  const [side] = await statFiles(fileSystem, [set.side]);
  const stats = side === undefined ? [] : await statFiles(fileSystem, set.files);
  for (const file of set.files) {
    file.isWanted = true;
    file.hasFreshBytes = false;
    file.isAside = side !== undefined && stats[file.index] === undefined && mayLieAside(file);
    // Begun before a kill; it is made anew when it is wanted.
    if (file.isAside && set.sideLayout.sharedOf(file.index).length > 0) await removeDraft(fileSystem, set, file);
  }
}

/** @param pause lets the event loop have its turn. @throws OperationalError. */
export async function chooseFiles(
  fileSystem: FileSystem,
  set: FileSet,
  wanted: Bitfield,
  verified: Bitfield,
  pause: () => Promise<void>,
): Promise<void> {
  for (const file of set.files) file.isWanted = wanted.has(file.index);
  const skipped = set.files.filter((file) => !file.isWanted && !file.isAside && !file.isBegun && mayLieAside(file));
  const stats = await statFiles(fileSystem, skipped);
  skipped.forEach((file, index) => {
    // It may have been made while we looked.
    if (stats[index] === undefined && !file.isBegun) file.isAside = true;
  });
  const returning = set.files.filter((file) => file.isWanted && file.isAside);
  for (const file of returning) {
    const hasBytes = file.hasFreshBytes || set.sideLayout.sharedOf(file.index).some((piece) => verified.has(piece));
    if (hasBytes) await bringBack(fileSystem, set, file, pause);
    file.isAside = false;
    file.hasFreshBytes = false;
  }
  if (returning.length > 0 && !set.files.some((file) => file.isAside)) await removeSide(fileSystem, set);
}

async function removeSide(fileSystem: FileSystem, set: FileSet): Promise<void> {
  const { path } = set.side.pooled;
  // Not before the names of the files that came out of it are sure.
  await set.syncFolders();
  await set.releaseSide();
  await attempt(() => fileSystem.removeFile(path), path, ["ENOENT"]);
}

/** Makes the file of what lies aside of it. @throws OperationalError. */
async function bringBack(
  fileSystem: FileSystem,
  set: FileSet,
  file: StoredFile,
  pause: () => Promise<void>,
): Promise<void> {
  const target = file.pooled.path;
  await set.withDraft(file, async (draft, path) => {
    const { offset, length } = file.info;
    const buffer = new Uint8Array(copyLength);
    for (const piece of set.sideLayout.sharedOf(file.index)) {
      const { from, to } = set.spanIn(file, piece);
      for (let at = from; at < to; at += copyLength) {
        await pause();
        // Read and written in one turn: what is written to the file meanwhile goes to both, and must not be undone.
        const bytes = buffer.subarray(0, Math.min(copyLength, to - at));
        const count = set.readSideSync(offset + at, bytes);
        if (count > 0) draft.writeSync([bytes.subarray(0, count)], at);
      }
    }
    await draft.sync();
    if ((await fileSystem.stat(target)) !== undefined) {
      throw diskError("io-error", `something has been put in the place of ${target} meanwhile`);
    }
    await attempt(() => fileSystem.rename(path, target), target, []);
    // In the turn in which the rename is known: before, its bytes were read from the side file.
    file.isAside = false;
    file.isBegun = length > 0;
    markChanged(file);
    set.suspectFoldersOf(file);
  });
}

async function removeDraft(fileSystem: FileSystem, set: FileSet, file: StoredFile): Promise<void> {
  if (!set.hasFolders(file)) return;
  const path = set.draftPathOf(file);
  await attempt(() => fileSystem.removeFile(path), path, ["ENOENT"]);
}

function mayLieAside(file: StoredFile): boolean {
  return !file.info.isPadding && file.info.length > 0;
}
