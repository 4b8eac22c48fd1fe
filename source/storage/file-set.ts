/**
 * The files of one torrent on a disk: bytes of the content in and out, by offset.
 *
 * Invariants: nothing outside of the save folder is touched (HOSTILE A1, A2): every path is checked after joining, every
 * folder below the save folder is looked at before its first use and must be a folder, not a link, and files are opened
 * without following links. Folders and files come into being with their first byte. A file grows as it is written,
 * with holes, and is never made longer than the torrent says. Padding files (BEP 47) are zeros and are not on the disk.
 * The bytes of files that lie aside are in the side file (side-file.ts).
 */
import { present } from "../base/assert.ts";
import { codeOf, type OperationalError } from "../base/errors.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { FileSystem, OpenFile } from "../ports/file-system.ts";
import type { FileSpan } from "../ports/piece-hashing.ts";
import { ContentLayout } from "./content-layout.ts";
import { cut } from "./cut.ts";
import { diskError, diskErrorOf, unsafeLink } from "./disk-error.ts";
import { type FilePool, type PooledFile, pooledFile } from "./file-pool.ts";
import { folderOf, isSafeElement, makeFolders } from "./folders.ts";
import { type Placed, place } from "./placement.ts";
import { draftNameOf, SideLayout, sideNameOf } from "./side-file.ts";
import { markChanged, type StoredFile, storedFile, tooShort } from "./stored-file.ts";

const nothingMissing: readonly number[] = [];

export class FileSet {
  readonly root: string;
  readonly files: readonly StoredFile[];
  readonly layout: ContentLayout;
  /** What lies aside; see `StoredFile.isAside`. */
  readonly side: StoredFile;
  readonly sideLayout: SideLayout;
  readonly #metainfo: Pick<Metainfo, "files" | "pieceLength" | "infoHash">;
  readonly #fileSystem: FileSystem;
  readonly #pool: FilePool;
  /** Folders below the root that were seen to be folders. */
  readonly #safeFolders = new Set<string>();
  /** Folders in which something was made since they were last synced: without that its name may not survive a loss of power. */
  readonly #changedFolders = new Set<string>();
  #syncing: Promise<void> = Promise.resolve();
  #isRootMade = false;
  #isClosed = false;

  /** @param root absolute; need not exist. @throws OperationalError `unsafe-path`. */
  constructor(
    fileSystem: FileSystem,
    pool: FilePool,
    root: string,
    metainfo: Pick<Metainfo, "files" | "pieceLength" | "infoHash">,
  ) {
    const { files } = metainfo;
    this.#metainfo = metainfo;
    this.#fileSystem = fileSystem;
    this.#pool = pool;
    this.root = root.length > 1 ? root.replace(/\/+$/, "") : root;
    this.layout = new ContentLayout(files.map((file) => file.length));
    this.files = files.map((info, index) =>
      storedFile(index, info, info.isPadding ? "" : this.#join(info.path, info.path.length)),
    );
    this.sideLayout = new SideLayout(metainfo);
    const path = [sideNameOf(metainfo.infoHash)];
    const info = { path, length: Number.MAX_SAFE_INTEGER, offset: 0, isPadding: false };
    this.side = storedFile(-1, info, this.#join(path, 1));
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
    if (offset + length <= this.layout.endOf(file.index) && !file.isAside) {
      this.#writeTo(file, buffers, offset - file.info.offset);
      return;
    }
    for (const placed of this.#place(offset, length)) {
      const { owner, ownerOffset, file: holder, position } = placed;
      // Nobody asks for a piece of skipped files alone: the file was there when it was asked for.
      if (holder === undefined) throw this.#gone(owner);
      const bytes = cut(buffers, placed.at, placed.at + placed.length);
      this.#writeTo(holder, bytes, position);
      if (holder !== this.side) continue;
      owner.hasFreshBytes = true;
      if (owner.draft !== undefined) this.#writeDraft(owner.draft, bytes, ownerOffset);
    }
  }

  /** As `writeSync`, off the thread; only what lies aside is written at once, as whoever brings it back must see it. */
  async write(offset: number, buffers: readonly Uint8Array[], length: number): Promise<void> {
    for (const { fileIndex, fileOffset, at, length: count } of this.layout.parts(offset, length)) {
      const file = this.fileOf(fileIndex);
      const bytes = count === length ? buffers : cut(buffers, at, at + count);
      if (file.isAside) this.writeSync(offset + at, bytes, count);
      else if (!file.info.isPadding) await this.#writeLater(file, bytes, fileOffset);
    }
  }

  /** Fills `into` with bytes that were written before. @throws OperationalError `missing` where there are none. */
  readSync(offset: number, into: Uint8Array): void {
    for (const { owner, file, position, at, length } of this.#place(offset, into.length)) {
      const target = into.subarray(at, at + length);
      if (owner.info.isPadding) {
        target.fill(0);
        continue;
      }
      if (file === undefined) throw tooShort(owner);
      this.#readNow(file, [target], position, length);
    }
  }

  /** Fills buffers that follow one another as `readSync` does, with one read where their bytes lie in one file. */
  readGathered(offset: number, into: readonly Uint8Array[], length: number): void {
    const file = this.fileOf(this.layout.fileAt(offset));
    if (offset + length <= this.layout.endOf(file.index) && !file.isAside && !file.info.isPadding) {
      this.#readNow(file, into, offset - file.info.offset, length);
      return;
    }
    let at = offset;
    for (const target of into) {
      this.readSync(at, target);
      at += target.length;
    }
  }

  /** Fills `into` with what is there. @returns the spans of `into` that no file holds: start, end, start, end, … */
  async read(offset: number, into: Uint8Array): Promise<readonly number[]> {
    let missing: number[] | undefined;
    for (const { owner, file, position, at, length } of this.#place(offset, into.length)) {
      const target = into.subarray(at, at + length);
      let count = 0;
      if (owner.info.isPadding) count = target.fill(0).length;
      else if (file !== undefined) count = await this.#readFrom(file, target, position);
      if (count === length) continue;
      missing ??= [];
      missing.push(at + count, at + length);
    }
    return missing ?? nothingMissing;
  }

  /** Where these bytes lie, for whoever reads them in another thread. What has no place lies in a file that is not there. */
  spans(offset: number, length: number): FileSpan[] {
    return this.#place(offset, length).map(({ owner, file, position, length }) => {
      if (owner.info.isPadding) return { path: undefined, position, length };
      const isThere = file !== undefined && this.#areFoldersSafe(file, false);
      return { path: isThere ? file.pooled.path : "", position, length };
    });
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
    const all = [...this.files, this.side];
    await this.#release(all.filter(({ pooled }) => pooled.handle !== undefined || pooled.opening !== undefined));
  }

  /** Has the next `syncFolders` sync the folders that lead to the file. */
  suspectFoldersOf(file: StoredFile): void {
    for (let path = file.pooled.path; path !== "/" && path !== folderOf(path); path = folderOf(path)) {
      this.#changedFolders.add(folderOf(path));
    }
  }

  /** Puts the names of what was made on the disk. @throws OperationalError. */
  syncFolders(): Promise<void> {
    // One after the other: the second waits for what the first has taken.
    this.#syncing = this.#syncing.catch(() => {}).then(() => this.#syncFolders());
    return this.#syncing;
  }

  async #syncFolders(): Promise<void> {
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
    const all = [...this.files, this.side];
    await this.#release(all.filter(({ pooled }) => pooled.handle !== undefined && pooled.isWritable));
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
    for (const file of [...this.files, this.side]) file.isBegun = false;
  }

  /**
   * Runs `make` on a new, empty file beside the place of one that lies aside. From now until `action` has ended what is
   * written of that file goes to both. @throws OperationalError.
   */
  async withDraft(file: StoredFile, make: (draft: OpenFile, path: string) => Promise<void>): Promise<void> {
    const path = this.draftPathOf(file);
    const draft = pooledFile(path);
    try {
      this.#areFoldersSafe(file, true);
      await this.#pool.withOpen(draft, "create", async (handle) => {
        await handle.truncate(0);
        file.draft = draft;
        await make(handle, path);
      });
    } catch (error) {
      throw diskErrorOf(error, "write", path);
    } finally {
      file.draft = undefined;
      await this.#pool.release(draft);
    }
  }

  draftPathOf(file: StoredFile): string {
    const { path } = file.info;
    return this.#join([...path.slice(0, -1), draftNameOf(this.#metainfo.infoHash, file.index)], path.length);
  }

  /** Whether the file's folders are there, and none of them is a link. @throws OperationalError `unsafe-path`. */
  hasFolders(file: StoredFile): boolean {
    return this.#areFoldersSafe(file, false);
  }

  /** The span of the file that lies in the piece. */
  spanIn(file: StoredFile, piece: number): { readonly from: number; readonly to: number } {
    const begin = piece * this.#metainfo.pieceLength - file.info.offset;
    return { from: Math.max(0, begin), to: Math.min(file.info.length, begin + this.#metainfo.pieceLength) };
  }

  /** Fills `into` with what the side file has of a span inside one piece. @returns how many bytes. */
  readSideSync(offset: number, into: Uint8Array): number {
    const { pieceLength } = this.#metainfo;
    const slot = this.sideLayout.positionOf(Math.floor(offset / pieceLength));
    if (slot === undefined) return 0;
    try {
      return this.#pool.openSync(this.side.pooled, "read").readSync([into], slot + (offset % pieceLength));
    } catch (error) {
      if (codeOf(error) === "ENOENT") return 0;
      throw diskErrorOf(error, "read", this.side.pooled.path);
    }
  }

  /** Closes the side file, to be removed. @throws OperationalError. */
  async releaseSide(): Promise<void> {
    await this.#release([this.side]);
    this.side.isBegun = false;
    this.side.isDirty = false;
    this.side.fingerprint = undefined;
  }

  #writeDraft(draft: PooledFile, buffers: readonly Uint8Array[], position: number): void {
    try {
      this.#pool.openSync(draft, "write").writeSync(buffers, position);
    } catch (error) {
      throw diskErrorOf(error, "write", draft.path);
    }
  }

  #place(offset: number, length: number): Placed[] {
    return place(this, this.#metainfo.pieceLength, offset, length);
  }

  #makeFoldersOf(file: StoredFile): void {
    if (file.isBegun) return;
    this.#areFoldersSafe(file, true);
    this.#changedFolders.add(folderOf(file.pooled.path));
  }

  async #writeLater(file: StoredFile, buffers: readonly Uint8Array[], position: number): Promise<void> {
    try {
      this.#makeFoldersOf(file);
      await this.#pool.withOpen(file.pooled, file.isBegun ? "write" : "create", (handle) => {
        file.isBegun = true;
        markChanged(file);
        return handle.write(buffers, position);
      });
      // Who looked at it meanwhile has seen it change.
      markChanged(file);
    } catch (error) {
      throw diskErrorOf(error, "write", file.pooled.path);
    }
  }

  #writeTo(file: StoredFile, buffers: readonly Uint8Array[], position: number): void {
    if (file.info.isPadding) return;
    try {
      this.#makeFoldersOf(file);
      const handle = this.#pool.openSync(file.pooled, file.isBegun ? "write" : "create");
      file.isBegun = true;
      markChanged(file);
      handle.writeSync(buffers, position);
    } catch (error) {
      throw diskErrorOf(error, "write", file.pooled.path);
    }
  }

  /** @throws OperationalError, `missing` where there are not so many. */
  #readNow(file: StoredFile, into: readonly Uint8Array[], position: number, length: number): void {
    let count = 0;
    try {
      if (this.#areFoldersSafe(file, false)) {
        count = this.#pool.openSync(file.pooled, "read").readSync(into, position);
      }
    } catch (error) {
      throw diskErrorOf(error, "read", file.pooled.path);
    }
    if (count < length) throw tooShort(file);
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
