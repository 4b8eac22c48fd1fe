/**
 * The files of one torrent on a disk: bytes of the content in and out, by offset.
 *
 * Invariants: nothing outside of the save folder is touched (HOSTILE A1, A2): every path is checked after joining, every
 * folder below the save folder is looked at before its first use and must be a folder, not a link, and files are opened
 * without following links. Folders and files come into being with their first byte. A file grows as it is written,
 * with holes, and is never made longer than the torrent says. Padding files (BEP 47) are zeros and are not on the disk.
 */
import { assert, present } from "../base/assert.ts";
import { codeOf, type OperationalError } from "../base/errors.ts";
import type { MetainfoFile } from "../metainfo/metainfo.ts";
import type { FileSystem, OpenFile } from "../ports/file-system.ts";
import { ContentLayout } from "./content-layout.ts";
import { diskError, diskErrorOf, unsafeLink } from "./disk-error.ts";
import { type FilePool, type PooledFile, pooledFile } from "./file-pool.ts";

export interface StoredFile {
  readonly index: number;
  readonly info: MetainfoFile;
  readonly pooled: PooledFile;
  /** It was made or opened for writing since the start: if it is gone later, somebody removed it. */
  isBegun: boolean;
  /** Written since the last `sync`. */
  isDirty: boolean;
  /** How often it was changed by us. */
  changeCount: number;
  /** What `fingerprint` found, as long as we have not written since. */
  fingerprint: string | undefined;
}

const nothingMissing: readonly number[] = [];

export class FileSet {
  readonly root: string;
  readonly files: readonly StoredFile[];
  readonly layout: ContentLayout;
  readonly #fileSystem: FileSystem;
  readonly #pool: FilePool;
  /** Folders below the root that were seen to be folders. */
  readonly #safeFolders = new Set<string>();
  /** Folders in which something was made since they were last synced: without that its name may not survive a loss of power. */
  readonly #changedFolders = new Set<string>();
  #isRootMade = false;
  #isClosed = false;

  /** @param root absolute; need not exist. @throws OperationalError `unsafe-path`. */
  constructor(fileSystem: FileSystem, pool: FilePool, root: string, files: readonly MetainfoFile[]) {
    this.#fileSystem = fileSystem;
    this.#pool = pool;
    this.root = root.length > 1 ? root.replace(/\/+$/, "") : root;
    this.layout = new ContentLayout(files.map((file) => file.length));
    this.files = files.map((info, index) => ({
      index,
      info,
      pooled: pooledFile(info.isPadding ? "" : this.#join(info.path, info.path.length)),
      isBegun: false,
      isDirty: false,
      changeCount: 0,
      fingerprint: undefined,
    }));
  }

  fileOf(index: number): StoredFile {
    return present(this.files[index], "a file of this torrent");
  }

  /** The folders between the root and the file, the outermost first. */
  foldersOf(file: StoredFile): string[] {
    const { path } = file.info;
    return path.slice(0, -1).map((_, depth) => this.#join(path, depth + 1));
  }

  /**
   * Writes contiguous bytes, straight from the buffers where they lie in one file.
   * @param length of all buffers together. @throws OperationalError.
   */
  writeSync(offset: number, buffers: readonly Uint8Array[], length: number): void {
    const file = this.fileOf(this.layout.fileAt(offset));
    if (offset + length <= this.layout.endOf(file.index)) {
      this.#writeTo(file, buffers, offset - file.info.offset);
      return;
    }
    for (const part of this.layout.parts(offset, length)) {
      this.#writeTo(this.fileOf(part.fileIndex), cut(buffers, part.at, part.at + part.length), part.fileOffset);
    }
  }

  /** Fills `into` with bytes that were written before. @throws OperationalError `missing` where there are none. */
  readSync(offset: number, into: Uint8Array): void {
    for (const part of this.layout.parts(offset, into.length)) {
      const file = this.fileOf(part.fileIndex);
      const target = into.subarray(part.at, part.at + part.length);
      if (file.info.isPadding) {
        target.fill(0);
        continue;
      }
      let count: number;
      try {
        count = this.#pool.openSync(file.pooled, "read").readSync(target, part.fileOffset);
      } catch (error) {
        throw diskErrorOf(error, "read", file.pooled.path);
      }
      if (count < target.length) throw tooShort(file);
    }
  }

  /** Fills `into` with what is there. @returns the spans of `into` that no file holds: start, end, start, end, … */
  async read(offset: number, into: Uint8Array): Promise<readonly number[]> {
    let missing: number[] | undefined;
    for (const part of this.layout.parts(offset, into.length)) {
      const file = this.fileOf(part.fileIndex);
      const target = into.subarray(part.at, part.at + part.length);
      const count = file.info.isPadding ? target.fill(0).length : await this.#readFrom(file, target, part.fileOffset);
      if (count === target.length) continue;
      missing ??= [];
      missing.push(part.at + count, part.at + part.length);
    }
    return missing ?? nothingMissing;
  }

  /** Runs `action` on the file, made with its folders for "create". @throws OperationalError. */
  async withFile<T>(
    file: StoredFile,
    mode: "read" | "write" | "create",
    action: (handle: OpenFile) => Promise<T>,
  ): Promise<T> {
    try {
      if (!this.#areFoldersSafe(file, mode === "create")) throw this.#gone(file);
      if (mode === "create") this.#changedFolders.add(folderOf(file.pooled.path));
      return await this.#pool.withOpen(file.pooled, mode, action);
    } catch (error) {
      throw diskErrorOf(error, mode === "read" ? "read" : "write", file.pooled.path);
    }
  }

  /** Closes all files for good. @throws OperationalError, when all are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#release(this.files.filter(({ pooled }) => pooled.handle !== undefined || pooled.opening !== undefined));
  }

  /** Has the next `syncFolders` sync the folders that lead to the file. */
  suspectFoldersOf(file: StoredFile): void {
    for (let path = file.pooled.path; path !== "/" && path !== folderOf(path); path = folderOf(path)) {
      this.#changedFolders.add(folderOf(path));
    }
  }

  /** Puts the names of what was made on the disk. @throws OperationalError. */
  async syncFolders(): Promise<void> {
    for (const folder of [...this.#changedFolders]) {
      this.#changedFolders.delete(folder);
      try {
        await this.#fileSystem.syncDirectory(folder);
      } catch (error) {
        this.#changedFolders.add(folder);
        throw diskErrorOf(error, "write", folder);
      }
    }
  }

  /** Closes what is open for writing: it is opened anew when it is used again. @throws OperationalError. */
  async releaseWritten(): Promise<void> {
    await this.#release(this.files.filter(({ pooled }) => pooled.handle !== undefined && pooled.isWritable));
  }

  async #release(files: readonly StoredFile[]): Promise<void> {
    let failure: OperationalError | undefined;
    for (const file of files) {
      try {
        await this.#pool.release(file.pooled);
      } catch (error) {
        failure ??= diskErrorOf(error, "write", file.pooled.path);
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Looks at all folders again before they are used. */
  forgetFolders(): void {
    this.#safeFolders.clear();
    this.#isRootMade = false;
    for (const file of this.files) file.isBegun = false;
  }

  #writeTo(file: StoredFile, buffers: readonly Uint8Array[], position: number): void {
    if (file.info.isPadding) return;
    try {
      if (!file.isBegun) {
        this.#areFoldersSafe(file, true);
        this.#changedFolders.add(folderOf(file.pooled.path));
      }
      const handle = this.#pool.openSync(file.pooled, file.isBegun ? "write" : "create");
      file.isBegun = true;
      markChanged(file);
      handle.writeSync(buffers, position);
    } catch (error) {
      throw diskErrorOf(error, "write", file.pooled.path);
    }
  }

  /** @returns how many bytes there were; 0 where there is no file. */
  async #readFrom(file: StoredFile, into: Uint8Array, position: number): Promise<number> {
    try {
      if (!this.#areFoldersSafe(file, false)) return 0;
      return await this.#pool.withOpen(file.pooled, "read", (handle) => handle.read(into, position));
    } catch (error) {
      if (codeOf(error) === "ENOENT") return 0;
      throw diskErrorOf(error, "read", file.pooled.path);
    }
  }

  /** @returns false where a folder is missing and is not to be made. @throws OperationalError `unsafe-path`. */
  #areFoldersSafe(file: StoredFile, isMaking: boolean): boolean {
    if (this.#isClosed) throw diskError("closed", "the torrent's files are closed");
    if (isMaking && !this.#isRootMade) {
      makeFolders(this.#fileSystem, this.root, this.#changedFolders);
      this.#isRootMade = true;
    }
    const { path } = file.info;
    for (let depth = 1; depth < path.length; depth++) {
      const folder = this.#join(path, depth);
      if (this.#safeFolders.has(folder)) continue;
      const stat = this.#fileSystem.statSync(folder);
      if (stat === undefined) {
        if (!isMaking) return false;
        this.#fileSystem.makeDirectorySync(folder);
        this.#changedFolders.add(folderOf(folder));
      } else if (stat.kind === "link") {
        throw unsafeLink(folder);
      } else if (stat.kind !== "directory") {
        throw diskErrorOf({ code: "ENOTDIR" }, "use", folder);
      }
      this.#safeFolders.add(folder);
    }
    return true;
  }

  #gone(file: StoredFile): OperationalError {
    return diskErrorOf({ code: "ENOENT" }, "open", file.pooled.path);
  }

  /** The first `depth` elements below the root. */
  #join(path: readonly string[], depth: number): string {
    const head = path.slice(0, depth);
    // The metainfo room has made these safe; this is the last line of defence, for every use of a path.
    if (head.length === 0 || head.some((element) => !isSafeElement(element))) {
      throw diskError("unsafe-path", "a file's path in this torrent leaves the save folder");
    }
    return `${this.root === "/" ? "" : this.root}/${head.join("/")}`;
  }
}

function isSafeElement(element: string): boolean {
  return element !== "" && element !== "." && element !== ".." && !element.includes("/") && !element.includes("\0");
}

/** Links above and at the save folder are the user's own choice and are followed. */
function makeFolders(fileSystem: FileSystem, path: string, changed: Set<string>): void {
  const parent = folderOf(path);
  try {
    fileSystem.makeDirectorySync(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeFolders(fileSystem, parent, changed);
    fileSystem.makeDirectorySync(path);
  }
  changed.add(parent);
}

function folderOf(path: string): string {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return parent === "" ? "/" : parent;
}

/** The bytes from `from` to `to` of buffers that follow one another. */
function cut(buffers: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const buffer of buffers) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, buffer.length);
    if (start < end) parts.push(buffer.subarray(start, end));
    at += buffer.length;
  }
  assert(at >= to, "as many bytes as were promised");
  return parts;
}

/** To be called when our own doing changes the file. */
export function markChanged(file: StoredFile): void {
  file.isDirty = true;
  file.changeCount++;
  file.fingerprint = undefined;
}

export function tooShort(file: StoredFile): OperationalError {
  return diskErrorOf({ code: "ENOENT" }, "read all of", file.pooled.path);
}
