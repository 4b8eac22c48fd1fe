/**
 * Disks as the engine sees them. Paths are absolute strings of the host. Everything throws the system's error (with
 * its `code`: ENOSPC, EACCES…); the storage room turns those into OperationalErrors for people.
 *
 * `…Sync` calls block the thread: they are for the page cache (see "the data path" in source/README.md).
 */
export interface FileStat {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly length: number;
  /** Bytes of the disk that it holds: fewer than its length where it has holes or is compressed. */
  readonly allocatedBytes: number;
  readonly modifiedMs: number;
  /** `DEVICE:INODE`, so that two paths can be told to be one file, or on one file system. */
  readonly identity: string;
}

export interface OpenFile {
  /** Writes all of the buffers at `position`. They may be reused when it returns. */
  writeSync(buffers: readonly Uint8Array[], position: number): void;
  /** Fills the buffers, one after the other, from `position` on; returns how many bytes there were. */
  readSync(into: readonly Uint8Array[], position: number): number;
  read(into: Uint8Array, position: number): Promise<number>;
  write(buffers: readonly Uint8Array[], position: number): Promise<void>;
  stat(): Promise<FileStat>;
  truncate(length: number): Promise<void>;
  /** Gives back the space that is reserved behind its end; at once, so that nothing is written meanwhile. */
  trimSync(): void;
  /**
   * Has the file system reserve the space of the first `length` bytes, whatever is in them; the file stays as long as it is.
   * @param signal ends it. @returns whether that was done: not everywhere can it be.
   */
  reserve(length: number, signal: AbortSignal): Promise<boolean>;
  /** Until the bytes are on the disk (fsync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `create` makes the file where there is none, `create-new` throws EEXIST where anything is; neither makes folders. */
export type OpenMode = "read" | "write" | "create" | "create-new";

export interface FileSystem {
  /** Never follows a symbolic link in the last part (O_NOFOLLOW). All modes but `read` read and write. */
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  openSync(path: string, mode: OpenMode): OpenFile;
  /** Does not follow links. `undefined` where nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** As `stat`, at once: for the checks before a file's first write. */
  statSync(path: string): FileStat | undefined;
  realPath(path: string): Promise<string>;
  /** With the folders above it. One that is there already is fine; EEXIST where something else is there. */
  makeDirectory(path: string): Promise<void>;
  /** One folder, whose parent is there. EEXIST where anything is there already. */
  makeDirectorySync(path: string): void;
  list(path: string): Promise<readonly string[]>;
  /** Whole file; follows links and reads pipes to their end. @throws OperationalError `too-large` above `lengthMax` bytes. */
  readFile(path: string, lengthMax: number): Promise<Uint8Array>;
  /** A whole ordinary file at once; `undefined` where nothing is there. @throws as `readFile`. */
  readFileSync(path: string, lengthMax: number): Uint8Array | undefined;
  /**
   * Written beside, synced, renamed over, folder synced: after a crash the old bytes or the new, never a mixture. What is
   * replaced may be read and written by the same as before.
   */
  writeFileAtomic(path: string, bytes: Uint8Array): Promise<void>;
  /** Replaces what has the new name. EXDEV to another file system. */
  rename(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  /** Only an empty one; ENOTEMPTY otherwise. */
  removeEmptyDirectory(path: string): Promise<void>;
  /** Until the names in it, made, changed and removed, are on the disk; nothing where the system has no such call. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes free to an ordinary user. */
  freeSpace(path: string): Promise<number>;
}
