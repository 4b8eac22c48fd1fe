/**
 * Moves and renames a torrent's files so that, whatever happens at whatever instant, each is in one known place afterwards, and
 * nothing of anybody else is replaced.
 *
 * **Never over another file.** No system call that every file system has renames only to a free name (FAT has no hard links,
 * `renameat2` is Linux's alone). But all of them make a file only where nothing is. So an empty file of ours takes the name
 * first, is looked at once more, and is what the rename then replaces (`renameToVacant`). Copies grow under names of their own,
 * drawn by lot, beside their targets; whole, they get their names the same way.
 *
 * **After a kill or a loss of power** the record tells how far it was, and names, lengths and times tell the rest:
 *
 *   copying    nothing was renamed: copies under their drawn names go. It stayed.
 *   placing    a file that is still at its old (a copy: drawn) name goes on; one that is not has its new name already. It moved;
 *              or where that cannot be, all go back the same way and then as in `copying`, and it stayed.
 *   clearing   all have their new names, durably: what was copied is removed. It moved.
 *
 * A new name that holds an empty file while ours waits to go there was left by the kill, and is used. That is the one guess:
 * where somebody else made an empty file there between plan and kill, it is lost, with no byte in it.
 *
 * Each step is on the disk before the record of the next: copies are synced file by file, names by folder. Only then are
 * sources removed. The record goes when the caller has written down where the torrent is (`forgetRelocation`).
 */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { fewAtOnce } from "../base/few-at-once.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { Random } from "../ports/random.ts";
import { diskErrorOf } from "./disk-error.ts";
import { assertFeasible, parentOf, type RelocationPlan } from "./relocation-plan.ts";
import {
  decodeRelocation,
  encodeRelocation,
  type RecordedFile,
  type RelocationPhase,
  type RelocationRecord,
  relocationRecordLengthMax,
} from "./relocation-record.ts";
import {
  conflictAt,
  copyToVacant,
  isCancelled,
  looksLike,
  makeFolders,
  removeEmptyFolders,
  removeIfThere,
  removeOwnFolders,
  renameToVacant,
  syncFolders,
} from "./relocation-steps.ts";

export interface RelocationPlace {
  readonly files: FileSystem;
  /** Absolute; the folder is there. One move at a time has it. */
  readonly recordPath: string;
  /** As the file system's, which is the default. */
  readonly writeFileAtomic?: (path: string, bytes: Uint8Array) => Promise<void>;
}

export interface RelocationOptions extends RelocationPlace {
  readonly random: Random;
  /** Kept in the record, and given back by `recoverRelocation`: where the torrent is when it has moved. */
  readonly note: string;
  /** Files renamed or bytes copied, 0 … 1; about once a MiB. */
  readonly onProgress?: (fraction: number) => void;
  /** Stops the copying; once all is copied the move is finished. */
  readonly signal?: AbortSignal;
}

export interface RecoveredRelocation {
  /** All files have their new names, or all have their old ones. */
  readonly outcome: "moved" | "stayed";
  readonly note: string;
  /** Why it could not be finished; "" where it was, or was only begun. */
  readonly reason: string;
}

/**
 * Carries the plan out. When it resolves all files are in their new place; the caller writes that down and then calls
 * `forgetRelocation`. A copy left at the old place because it could not be removed is tried again by `recoverRelocation`.
 * @returns what is left to tell: "" or a sentence. @throws OperationalError when all files are in their old place again:
 * `conflict`, `disk-full`, `cancelled`…; or `unfinished`, when the disk let neither be done: then `recoverRelocation` is to be
 * called before the files are used.
 */
export async function relocate(plan: RelocationPlan, options: RelocationOptions): Promise<string> {
  assertFeasible(plan);
  const { random, note, signal = new AbortController().signal, onProgress } = options;
  if (signal.aborted) throw isCancelled();
  if ((await options.files.stat(options.recordPath)) !== undefined) throw unfinished("it comes first");
  const going = plan.files.flatMap((file): RecordedFile[] => {
    if (file.action !== "rename" && file.action !== "copy") return [];
    const { action, ...moved } = file;
    return [{ ...moved, isCopied: action === "copy" }];
  });
  const isCopying = going.some(({ isCopied }) => isCopied);
  const move = new Move(options, {
    id: `${random.uint32().toString(16).padStart(8, "0")}${random.uint32().toString(16).padStart(8, "0")}`,
    phase: isCopying ? "copying" : "placing",
    fromRoot: plan.fromRoot,
    toRoot: plan.toRoot,
    newFolders: plan.newFolders,
    files: going,
    note,
  });
  try {
    await move.enter(move.phase);
    await move.makeFolders();
    if (isCopying) {
      await move.copy((bytes) => onProgress?.(plan.copyBytes === 0 ? 1 : bytes / plan.copyBytes), signal);
      await move.enter("placing");
    }
    await move.place((count) => isCopying || onProgress?.(count / going.length));
  } catch (error) {
    await move.giveUp(error);
    if (codeOf(error) !== "cross-device") throw error;
    return relocate({ ...plan, ...copiedInstead(plan) }, options);
  }
  return move.clear();
}

/**
 * Finishes or undoes what a record tells of; as `relocate`, leaves a record that says "moved" to `forgetRelocation`.
 * @param isWrittenDown given the note, whether the caller knows already that the torrent has moved: since then the files may
 * have been used, and all that is left is to remove what was copied. @returns `undefined` where there is no record.
 * @throws OperationalError `bad-record` where it is damaged, `unfinished` where the disk lets it be neither finished nor undone.
 */
export async function recoverRelocation(
  place: RelocationPlace,
  isWrittenDown: (note: string) => boolean = () => false,
): Promise<RecoveredRelocation | undefined> {
  const bytes = readRecord(place);
  if (bytes === undefined) return undefined;
  const record = decodeRelocation(bytes);
  if (record === undefined)
    throw new OperationalError("bad-record", "what is known of a move that was cut short is damaged");
  const move = new Move(place, record, true);
  const { note } = record;
  if (isWrittenDown(note)) return { outcome: "moved", note, reason: await move.clear() };
  await move.assertReachable();
  let reason = "";
  if (record.phase === "placing") {
    try {
      await move.makeFolders();
      await move.place(() => {});
    } catch (error) {
      reason = messageOf(error);
      await move.giveUp(error);
      return { outcome: "stayed", note, reason };
    }
  }
  if (move.phase === "copying") {
    await move.giveUp("");
    return { outcome: "stayed", note, reason };
  }
  return { outcome: "moved", note, reason: await move.clear() };
}

function readRecord({ files, recordPath }: RelocationPlace): Uint8Array | undefined {
  try {
    return files.readFileSync(recordPath, relocationRecordLengthMax);
  } catch (error) {
    throw diskErrorOf(error, "read", recordPath);
  }
}

/** When it is written down where the torrent is. @throws OperationalError. */
export async function forgetRelocation({ files, recordPath }: RelocationPlace): Promise<void> {
  await removeIfThere(files, recordPath);
  await syncFolders(files, [parentOf(recordPath)]);
}

function copiedInstead({ files }: RelocationPlan): Pick<RelocationPlan, "files" | "copyBytes"> {
  const copied = files.map((file) => (file.action === "rename" ? { ...file, action: "copy" as const } : file));
  let copyBytes = 0;
  for (const file of copied) if (file.action === "copy") copyBytes += file.length;
  return { files: copied, copyBytes };
}

class Move {
  readonly #place: RelocationPlace;
  readonly #files: FileSystem;
  /** It was cut short: an empty file at a new name may be ours. */
  readonly #isRecovered: boolean;
  #record: RelocationRecord;
  /** The drawn names of copies. */
  readonly #drawn = new Map<RecordedFile, string>();

  constructor(place: RelocationPlace, record: RelocationRecord, isRecovered = false) {
    this.#place = place;
    this.#files = place.files;
    this.#record = record;
    this.#isRecovered = isRecovered;
    record.files.forEach((file, index) => {
      const folder = parentOf(file.to) === "/" ? "" : parentOf(file.to);
      if (file.isCopied) this.#drawn.set(file, `${folder}/.p2p-tui-${record.id}-${index}.part`);
    });
  }

  get phase(): RelocationPhase {
    return this.#record.phase;
  }

  /** On the disk when it resolves. */
  async enter(phase: RelocationPhase): Promise<void> {
    const { recordPath, writeFileAtomic } = this.#place;
    const record = { ...this.#record, phase };
    const bytes = encodeRelocation(record);
    try {
      await (writeFileAtomic?.(recordPath, bytes) ?? this.#files.writeFileAtomic(recordPath, bytes));
    } catch (error) {
      throw diskErrorOf(error, "write", recordPath);
    }
    this.#record = record;
  }

  /** @throws OperationalError `unfinished` where none of the files is anywhere: a drive that is not there. */
  async assertReachable(): Promise<void> {
    const { files } = this.#record;
    if (files.length === 0) return;
    for (const file of files) {
      for (const path of [file.from, file.to, this.#heldName(file)]) {
        if ((await this.#stat(path)) !== undefined) return;
      }
    }
    throw unfinished("its files are in neither place");
  }

  async makeFolders(): Promise<void> {
    const { toRoot, newFolders, files } = this.#record;
    const targets = files.map(({ to }) => to);
    await makeFolders(this.#files, toRoot, newFolders, targets);
  }

  async copy(onProgress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    let bytes = 0;
    for (const file of this.#record.files) {
      if (!file.isCopied) continue;
      const onBytes = (count: number) => {
        bytes += count;
        onProgress(bytes);
      };
      await copyToVacant(this.#files, file, this.#heldName(file), onBytes, signal);
    }
    await this.#syncTargets();
    if (signal.aborted) throw isCancelled();
  }

  /** Gives all files their new names, those that have them not yet. */
  async place(onProgress: (count: number) => void): Promise<void> {
    let count = 0;
    await fewAtOnce(this.#record.files, async (file) => {
      if (this.#isRecovered) await this.#placeOn(file);
      else await renameToVacant(this.#files, this.#heldName(file), file.to);
      onProgress(++count);
    });
    await this.#syncTargets();
    await this.#syncSources();
  }

  /** As a file is placed, where that may have been done or begun. */
  async #placeOn(file: RecordedFile): Promise<void> {
    const held = this.#heldName(file);
    const there = await this.#stat(held);
    const target = await this.#stat(file.to);
    if (there !== undefined) {
      if (there.kind !== "file") throw conflictAt(held);
      if (this.#isLeftover(target)) await removeIfThere(this.#files, file.to);
      await renameToVacant(this.#files, held, file.to);
    } else if (target === undefined && file.isCopied) {
      throw new OperationalError("missing", "a copy was removed while files were moved");
    }
  }

  /** Removes what is in two places now. @returns why that could not be done, "" if it was: the files are in their new place. */
  async clear(): Promise<string> {
    const { files, fromRoot } = this.#record;
    const copied = files.filter(({ isCopied }) => isCopied);
    try {
      if (copied.length > 0 && this.phase !== "clearing") await this.enter("clearing");
      await fewAtOnce(copied, async (file) => {
        const target = await this.#stat(file.to);
        const isSafe = target?.kind === "file" && target.length >= file.length;
        if (isSafe && looksLike(await this.#stat(file.from), file)) await removeIfThere(this.#files, file.from);
      });
      await this.#syncSources();
      const sources = files.map(({ from }) => from);
      await removeOwnFolders(this.#files, fromRoot, sources);
      return "";
    } catch (error) {
      return `what is left at the old place could not be removed: ${messageOf(error)}`;
    }
  }

  /** Puts everything back. @throws OperationalError `unfinished`. */
  async giveUp(reason: unknown): Promise<void> {
    try {
      if (this.phase !== "copying") {
        await fewAtOnce(this.#record.files, (file) => this.#unplace(file));
        await this.#syncSources();
        await this.#syncTargets();
        await this.enter("copying");
      }
      const { files, newFolders } = this.#record;
      for (const file of files) if (file.isCopied) await removeIfThere(this.#files, this.#heldName(file));
      await this.#syncTargets();
      await removeEmptyFolders(this.#files, newFolders.toReversed());
      await forgetRelocation(this.#place);
    } catch (error) {
      const because = reason === "" ? "" : `${messageOf(reason)}; `;
      throw unfinished(`${because}${messageOf(error)}`, error);
    }
  }

  /** Back to the name it had before it was placed: a file's own, a copy's drawn one. */
  async #unplace(file: RecordedFile): Promise<void> {
    const held = this.#heldName(file);
    const there = await this.#stat(held);
    const target = await this.#stat(file.to);
    if (target?.kind !== "file") return;
    if (there !== undefined) {
      // A file that was not empty, at its new name, and an empty one that holds its old.
      const isHalfBack = this.#isLeftover(there) && file.length > 0 && target.length > 0;
      if (!isHalfBack) {
        // Ours never left. Empty, what lies there was to hold its place; else it is somebody's, and is not touched.
        if (this.#isLeftover(target)) await removeIfThere(this.#files, file.to);
        return;
      }
      await removeIfThere(this.#files, held);
    }
    await renameToVacant(this.#files, file.to, held);
  }

  #isLeftover(stat: { readonly kind: string; readonly length: number } | undefined): boolean {
    return this.#isRecovered && stat?.kind === "file" && stat.length === 0;
  }

  /** The name that a file has until it is placed. */
  #heldName(file: RecordedFile): string {
    return this.#drawn.get(file) ?? file.from;
  }

  async #stat(path: string) {
    try {
      return await this.#files.stat(path);
    } catch (error) {
      throw diskErrorOf(error, "look at", path);
    }
  }

  #syncTargets(): Promise<void> {
    return syncFolders(
      this.#files,
      this.#record.files.map(({ to }) => parentOf(to)),
    );
  }

  #syncSources(): Promise<void> {
    return syncFolders(
      this.#files,
      this.#record.files.map(({ from }) => parentOf(from)),
    );
  }
}

function unfinished(reason: string, cause?: unknown): OperationalError {
  return new OperationalError("unfinished", `a move was cut short, and waits to be finished: ${reason}`, { cause });
}
