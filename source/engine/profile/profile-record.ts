/**
 * One small record of the whole profile: the order of the queue, statistics. It is replaced atomically. One that is damaged
 * is set aside as `NAME.damaged` and reported, and the session goes on as if there had been none.
 *
 * One that is there and cannot be read at the moment (too many files are open, the disk reports an error, its file system is
 * away) says something all the same: it is never replaced by what a session knows that has not read it. Before each write it is
 * read again; until that succeeds nothing is written, and who wants something saved is told why.
 */
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";
import { decodeRecord, encodeRecord } from "./json-record.ts";
import { setAside } from "./set-aside.ts";

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

/** Of the error that a record is not written because what is there could not be read. */
const unreadCode = "record-unread";

export class ProfileRecord<T> {
  readonly #place: RecordPlace | undefined;
  readonly #kind: RecordKind<T>;
  #take: (value: T) => void = () => {};
  /** What is there has been read, or is ours: it may be replaced. */
  #isKnown = false;
  /** That it cannot be read. */
  #isTold = false;
  #reading: Promise<void> | undefined;
  /** Writes follow one another; of those that wait only the last matters. */
  #writing: Promise<void> = Promise.resolve();
  #latest: (() => T) | undefined;

  /** @param place where it is absent, nothing is remembered. */
  constructor(place: RecordPlace | undefined, kind: RecordKind<T>) {
    this.#place = place;
    this.#kind = kind;
  }

  /**
   * @param take is given what there is, if anything: now, or later, before the first write, where it cannot be read now. It
   * is then to be put together with what has come since. Never fails: what cannot be read is reported.
   */
  async load(take: (value: T) => void): Promise<void> {
    this.#take = take;
    try {
      await this.catchUp();
    } catch (error) {
      if (codeOf(error) !== unreadCode) throw error;
    }
  }

  /** Reads what could not be read before; nothing where all is known. @throws OperationalError `record-unread`. */
  async catchUp(): Promise<void> {
    const place = this.#place;
    if (place === undefined || this.#isKnown) return;
    this.#reading ??= this.#read(place).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** On the disk when it resolves. @param value asked for when it is written. @throws OperationalError. */
  save(value: () => T): Promise<void> {
    const place = this.#place;
    if (place === undefined) return Promise.resolve();
    this.#latest = value;
    const done = this.#writing.catch(() => {}).then(() => this.#write(place));
    this.#writing = done;
    return done;
  }

  get #path(): string {
    return `${this.#place?.folder ?? ""}/${this.#kind.name}`;
  }

  /** Where nothing is there it is looked for again before the first write: a file system may have come back with it. */
  async #read({ files, warn }: RecordPlace): Promise<void> {
    const { name, what, version, read } = this.#kind;
    let value: T | undefined;
    try {
      if ((await files.stat(this.#path)) === undefined) return;
      value = decodeRecord(name, version, await this.#bytes(files), read);
      if (value === undefined) {
        const aside = await setAside(files, this.#path, `${this.#path}.damaged`);
        warn(`${what} in the profile was damaged and is lost; what there was is in ${aside}`);
      }
    } catch (error) {
      const { message } = diskErrorOf(error, "read", this.#path);
      const problem = `${what} in the profile is not known, and is not changed until it is: ${message}`;
      if (!this.#isTold) warn(problem);
      this.#isTold = true;
      throw new OperationalError(unreadCode, problem, { cause: error });
    }
    this.#isKnown = true;
    if (value !== undefined) this.#take(value);
  }

  /** Empty where it is too large to be one of ours. */
  async #bytes(files: FileSystem): Promise<Uint8Array> {
    try {
      return await files.readFile(this.#path, this.#kind.lengthMax);
    } catch (error) {
      if (codeOf(error) === "too-large") return new Uint8Array();
      throw error;
    }
  }

  async #write({ files, folder, writeFileAtomic }: RecordPlace): Promise<void> {
    // Written together with one that came before.
    if (this.#latest === undefined) return;
    const value = this.#latest;
    this.#latest = undefined;
    const { name, what, version, lengthMax } = this.#kind;
    try {
      await this.catchUp();
      const bytes = encodeRecord(name, version, value());
      // The next start would take it for damaged.
      if (bytes.length > lengthMax) throw new OperationalError("too-large", `${what} is too long for the profile`);
      await files.makeDirectory(folder);
      // From now on what is there may be ours, also where the disk says that it failed.
      this.#isKnown = true;
      await (writeFileAtomic?.(this.#path, bytes) ?? files.writeFileAtomic(this.#path, bytes));
    } catch (error) {
      this.#latest ??= value;
      throw diskErrorOf(error, "write", what);
    }
  }
}

/** Of a save that nobody waits for. That a record could not be read was told when it was found. */
export function tellUnsaved(error: unknown, warn: (message: string) => void): void {
  if (codeOf(error) !== unreadCode) warn(messageOf(error));
}
