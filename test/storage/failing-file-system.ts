/** A disk that fails when told to: wraps another one and asks before each operation. */
import type { FileSystem, OpenFile, OpenMode } from "../../source/ports/file-system.ts";

/** Returns the code to fail with, `undefined` to let the operation through. */
export type Saboteur = (operation: string, path: string) => string | undefined;

export class FailingFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  /** Set anew by a test at any time. */
  saboteur: Saboteur = () => undefined;
  openCount = 0;
  openCountMax = 0;
  readonly operations: string[] = [];

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  #ask(operation: string, path: string): void {
    this.operations.push(operation);
    const code = this.saboteur(operation, path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: injected, ${operation} '${path}'`), { code });
  }

  #wrap(file: OpenFile, path: string): OpenFile {
    this.openCountMax = Math.max(this.openCountMax, ++this.openCount);
    let isClosed = false;
    return {
      writeSync: (buffers, position) => {
        this.#ask("write", path);
        file.writeSync(buffers, position);
      },
      readSync: (into, position) => {
        this.#ask("read", path);
        return file.readSync(into, position);
      },
      read: async (into, position) => {
        this.#ask("read", path);
        return file.read(into, position);
      },
      write: async (buffers, position) => {
        this.#ask("write", path);
        await file.write(buffers, position);
      },
      stat: async () => {
        this.#ask("stat", path);
        return file.stat();
      },
      truncate: async (length) => {
        this.#ask("truncate", path);
        await file.truncate(length);
      },
      trimSync: () => {
        this.#ask("trim", path);
        file.trimSync();
      },
      reserve: async (length, signal) => {
        this.#ask("reserve", path);
        return file.reserve(length, signal);
      },
      sync: async () => {
        this.#ask("sync", path);
        await file.sync();
      },
      close: async () => {
        if (!isClosed) this.openCount--;
        isClosed = true;
        await file.close();
      },
    };
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    this.#ask("open", path);
    return this.#wrap(await this.#inner.open(path, mode), path);
  }
  openSync(path: string, mode: OpenMode): OpenFile {
    this.#ask("open", path);
    return this.#wrap(this.#inner.openSync(path, mode), path);
  }
  async stat(path: string) {
    this.#ask("stat", path);
    return this.#inner.stat(path);
  }
  statSync(path: string) {
    this.#ask("stat", path);
    return this.#inner.statSync(path);
  }
  async realPath(path: string) {
    return this.#inner.realPath(path);
  }
  async makeDirectory(path: string) {
    this.#ask("makeDirectory", path);
    await this.#inner.makeDirectory(path);
  }
  makeDirectorySync(path: string) {
    this.#ask("makeDirectory", path);
    this.#inner.makeDirectorySync(path);
  }
  async list(path: string) {
    return this.#inner.list(path);
  }
  async readFile(path: string, lengthMax: number) {
    return this.#inner.readFile(path, lengthMax);
  }

  readFileSync(path: string, lengthMax: number) {
    return this.#inner.readFileSync(path, lengthMax);
  }
  async writeFileAtomic(path: string, bytes: Uint8Array) {
    await this.#inner.writeFileAtomic(path, bytes);
  }
  async rename(from: string, to: string) {
    await this.#inner.rename(from, to);
  }
  async removeFile(path: string) {
    this.#ask("removeFile", path);
    await this.#inner.removeFile(path);
  }
  async removeEmptyDirectory(path: string) {
    this.#ask("removeEmptyDirectory", path);
    await this.#inner.removeEmptyDirectory(path);
  }
  async syncDirectory(path: string) {
    this.#ask("syncDirectory", path);
    await this.#inner.syncDirectory(path);
  }
  async freeSpace(path: string) {
    this.#ask("freeSpace", path);
    return this.#inner.freeSpace(path);
  }
}
