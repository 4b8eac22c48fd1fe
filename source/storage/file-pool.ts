/**
 * The open files of the whole engine: a bounded number, the least recently used closed first. A torrent may have more
 * files than a process may have open, and a seed of a thousand torrents has.
 *
 * A file that is in use by an asynchronous operation is never chosen to be closed.
 */
import type { FileSystem, OpenFile } from "../ports/file-system.ts";
import { diskError } from "./disk-error.ts";

/** Half of the usual limit of 1024 descriptors of a process stays free for sockets and everything else. */
const openMaxDefault = 256;

/** A file that the pool may hold open. Made by `pooledFile`; its fields belong to the pool. */
export interface PooledFile {
  readonly path: string;
  handle: OpenFile | undefined;
  isWritable: boolean;
  opening: Promise<OpenFile> | undefined;
  pinCount: number;
  usedAt: number;
}

export function pooledFile(path: string): PooledFile {
  return { path, handle: undefined, isWritable: false, opening: undefined, pinCount: 0, usedAt: 0 };
}

export class FilePool {
  readonly #files: FileSystem;
  readonly #openMax: number;
  readonly #open = new Set<PooledFile>();
  #uses = 0;

  /** @param options.openMax files open at once, 1 or more; default 256. */
  constructor(files: FileSystem, options: { readonly openMax?: number } = {}) {
    this.#files = files;
    this.#openMax = options.openMax ?? openMaxDefault;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** The open file, to be used before this turn ends. Throws the system's error. */
  openSync(file: PooledFile, mode: "read" | "write" | "create"): OpenFile {
    file.usedAt = ++this.#uses;
    if (file.handle !== undefined && (mode === "read" || file.isWritable)) return file.handle;
    const handle = this.#files.openSync(file.path, mode);
    this.#adopt(file, handle, mode !== "read");
    return handle;
  }

  /** Runs `action` on the open file, which stays open until it has ended. */
  async withOpen<T>(
    file: PooledFile,
    mode: "read" | "write" | "create",
    action: (handle: OpenFile) => Promise<T>,
  ): Promise<T> {
    file.pinCount++;
    try {
      file.usedAt = ++this.#uses;
      if (mode === "read" && file.handle === undefined) await this.#openToRead(file);
      return await action(this.openSync(file, mode));
    } finally {
      file.pinCount--;
    }
  }

  /** Closes the file when its operations have ended. Throws the system's error. */
  async release(file: PooledFile): Promise<void> {
    const handle = file.handle;
    file.handle = undefined;
    file.opening = undefined;
    this.#open.delete(file);
    await handle?.close();
  }

  /** Two readers that come together wait for one opening. */
  #openToRead(file: PooledFile): Promise<OpenFile> {
    if (file.opening !== undefined) return file.opening;
    const opening: Promise<OpenFile> = this.#files.open(file.path, "read").then(
      (handle) => {
        if (file.opening !== opening) {
          forget(handle);
          throw diskError("closed", "the file was closed while it was being opened");
        }
        file.opening = undefined;
        if (file.handle !== undefined) {
          forget(handle);
          return file.handle;
        }
        this.#adopt(file, handle, false);
        return handle;
      },
      (error: unknown) => {
        if (file.opening === opening) file.opening = undefined;
        throw error;
      },
    );
    file.opening = opening;
    return opening;
  }

  #adopt(file: PooledFile, handle: OpenFile, isWritable: boolean): void {
    if (file.handle !== undefined) forget(file.handle);
    file.handle = handle;
    file.isWritable = isWritable;
    this.#open.add(file);
    if (this.#open.size > this.#openMax) this.#closeOldest(file);
  }

  #closeOldest(except: PooledFile): void {
    let oldest: PooledFile | undefined;
    for (const file of this.#open) {
      if (file === except || file.pinCount > 0) continue;
      if (oldest === undefined || file.usedAt < oldest.usedAt) oldest = file;
    }
    if (oldest?.handle === undefined) return;
    forget(oldest.handle);
    oldest.handle = undefined;
    this.#open.delete(oldest);
  }
}

/**
 * Closes a file that was only read, or whose writes are in the page cache: what a network disk says only now, the next
 * `sync` says again.
 */
function forget(handle: OpenFile): void {
  handle.close().catch(() => undefined);
}
