/**
 * One small record of the whole profile: the order of the queue, statistics. It is replaced atomically; one that is
 * damaged is set aside as `NAME.damaged` and reported, and the session goes on as if there had been none.
 */
import { messageOf } from "../../base/errors.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";
import { decodeRecord, encodeRecord } from "./json-record.ts";

/** Where such records are. */
export interface RecordPlace {
  readonly files: FileSystem;
  /** The profile's folder; made when first written to. */
  readonly folder: string;
  /** As the file system's, which is the default: may have a reserve for a full disk. */
  readonly writeFileAtomic?: (path: string, bytes: Uint8Array) => Promise<void>;
  /** A problem that the user should know of, in one sentence. */
  readonly warn: (message: string) => void;
}

export interface RecordKind<T> {
  /** Of the file, and in it. */
  readonly name: string;
  /** For people: `the order of the queue`. */
  readonly what: string;
  readonly version: number;
  readonly lengthMax: number;
  /** Throws where it is not what it must be. */
  readonly read: (value: unknown) => T;
}

export class ProfileRecord<T> {
  readonly #place: RecordPlace | undefined;
  readonly #kind: RecordKind<T>;
  /** Writes follow one another; of those that wait only the last matters. */
  #writing: Promise<void> = Promise.resolve();
  #latest: { readonly value: T } | undefined;

  /** @param place where it is absent, nothing is remembered. */
  constructor(place: RecordPlace | undefined, kind: RecordKind<T>) {
    this.#place = place;
    this.#kind = kind;
  }

  /** @returns `undefined` where there is none that can be read. */
  async load(): Promise<T | undefined> {
    if (this.#place === undefined) return undefined;
    const { files, warn } = this.#place;
    const { name, what, version, lengthMax, read } = this.#kind;
    try {
      if ((await files.stat(this.#path)) === undefined) return undefined;
      const value = decodeRecord(name, version, await files.readFile(this.#path, lengthMax), read);
      if (value !== undefined) return value;
      await files.rename(this.#path, `${this.#path}.damaged`);
      warn(`${what} in the profile was damaged and is lost; what there was is in ${this.#path}.damaged`);
    } catch (error) {
      warn(`${what} in the profile cannot be read: ${messageOf(error)}`);
    }
    return undefined;
  }

  /** On the disk when it resolves. @throws OperationalError. */
  save(value: T): Promise<void> {
    const place = this.#place;
    if (place === undefined) return Promise.resolve();
    this.#latest = { value };
    const done = this.#writing.catch(() => {}).then(() => this.#write(place));
    this.#writing = done;
    return done;
  }

  get #path(): string {
    return `${this.#place?.folder ?? ""}/${this.#kind.name}`;
  }

  async #write({ files, folder, writeFileAtomic }: RecordPlace): Promise<void> {
    // Written together with one that came before.
    if (this.#latest === undefined) return;
    const { value } = this.#latest;
    this.#latest = undefined;
    const { name, what, version } = this.#kind;
    const bytes = encodeRecord(name, version, value);
    try {
      await files.makeDirectory(folder);
      await (writeFileAtomic?.(this.#path, bytes) ?? files.writeFileAtomic(this.#path, bytes));
    } catch (error) {
      this.#latest ??= { value };
      throw diskErrorOf(error, "write", what);
    }
  }
}
