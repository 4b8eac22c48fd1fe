/**
 * Folders in which .torrent files may be put to be added. One that has come to rest is added and then called
 * `NAME.torrent.added`, a bad one `NAME.torrent.invalid`; nothing is ever deleted or written over. What cannot be renamed is
 * remembered, in the profile too, so that it is not added again.
 */
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import { fieldsOf, listOf, textOf } from "../../base/json-fields.ts";
import { sanitise } from "../../base/sanitise.ts";
import { metainfoLengthMax } from "../../metainfo/parse-metainfo.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { FileStat, FileSystem } from "../../ports/file-system.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";
import { ProfileRecord, type RecordKind, type RecordPlace, tellUnsaved } from "../profile/profile-record.ts";

export interface WatchFoldersOptions {
  /** Adds a .torrent file. @throws OperationalError; see `badCodes`. */
  readonly add: (metainfo: Uint8Array) => Promise<unknown>;
  /** Where it is remembered what was added; where it is absent, that ends with the program. */
  readonly place: RecordPlace | undefined;
  readonly warn: (message: string) => void;
}

/** A file that nobody has written to for so long is whole. */
const restMs = 2_000;
/** A file that could not be added for lack of room, say, is tried again. */
const retryMs = 60_000;
/** About 100 bytes each; of more the oldest are forgotten. */
const rememberedMax = 10_000;
const namesMax = 1000;
/** It is the file's fault: it will not be any better the next time. */
const badCodes: ReadonlySet<string> = new Set(["bad-metainfo", "v2-only", "too-large"]);

interface Seen {
  /** What it looked like, since when, and when it is looked into next. */
  readonly mark: string;
  readonly dueMs: number;
  /** Of the last try, "" where there was none. */
  readonly problem: string;
}

interface WatchRecord {
  /** What the files look like that were added and are still called as they were. */
  readonly added: readonly string[];
}

const recordKind: RecordKind<WatchRecord> = {
  name: "watched",
  what: "the list of files added from watch folders",
  version: 1,
  lengthMax: 4 * 1024 * 1024,
  read: (value) => ({ added: listOf(fieldsOf<WatchRecord>(value).added).map(textOf).slice(-rememberedMax) }),
};

export class WatchFolders {
  readonly #ports: { readonly clock: Clock; readonly files: FileSystem };
  readonly #options: WatchFoldersOptions;
  readonly #record: ProfileRecord<WatchRecord>;
  #folders: readonly string[] = [];
  #missing = new Set<string>();
  /** By path: those that are there and not dealt with. */
  #seen = new Map<string, Seen>();
  #remembered: Set<string> | undefined;
  #timer: Timer | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(ports: { readonly clock: Clock; readonly files: FileSystem }, options: WatchFoldersOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#record = new ProfileRecord(options.place, recordKind);
  }

  /** Watches these from now on. @param folders absolute paths. */
  use(folders: readonly string[]): void {
    this.#folders = folders;
    this.#missing = new Set([...this.#missing].filter((folder) => folders.includes(folder)));
    if (!this.#isLooking && folders.length > 0) this.#lookSoon(0);
  }

  /** What is being added is, and nothing after it. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #lookSoon(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const before = this.#seen;
    this.#seen = new Map();
    if (this.#remembered === undefined) {
      const remembered = new Set<string>();
      await this.#record.load(({ added }) => {
        for (const mark of added) remembered.add(mark);
      });
      this.#remembered = remembered;
    }
    for (const folder of this.#folders) {
      for (const name of await this.#torrentsIn(folder)) {
        if (this.#isClosed) return;
        await this.#lookAt(`${folder}/${name}`, before);
      }
    }
    this.#isLooking = false;
    if (!this.#isClosed && this.#folders.length > 0) this.#lookSoon(restMs);
  }

  async #torrentsIn(folder: string): Promise<readonly string[]> {
    try {
      const names = await this.#ports.files.list(folder);
      this.#missing.delete(folder);
      return names.filter((name) => name.toLowerCase().endsWith(".torrent")).sort();
    } catch (error) {
      if (!this.#missing.has(folder)) {
        const reason = codeOf(error) === "ENOENT" ? "it is not there" : messageOf(diskErrorOf(error, "read", "it"));
        this.#options.warn(`the watch folder ${sanitise(folder)} is waited for: ${reason}`);
      }
      this.#missing.add(folder);
      return [];
    }
  }

  async #lookAt(path: string, before: ReadonlyMap<string, Seen>): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const stat = await this.#ports.files.stat(path).catch(() => undefined);
    // An empty one is a place that a browser keeps for what it downloads.
    if (stat?.kind !== "file" || stat.length === 0) return;
    const mark = markOf(stat);
    if (this.#remembered?.has(mark) === true) return;
    const seen = before.get(path);
    if (seen?.mark !== mark) {
      this.#seen.set(path, { mark, dueMs: nowMs + restMs, problem: "" });
    } else if (nowMs < seen.dueMs) {
      this.#seen.set(path, seen);
    } else {
      const problem = await this.#take(path, stat, seen.problem);
      if (problem !== "") this.#seen.set(path, { mark, dueMs: nowMs + retryMs, problem });
    }
  }

  /** @returns why it could not be added and is to be tried again, "" where it was dealt with. */
  async #take(path: string, stat: FileStat, problemBefore: string): Promise<string> {
    const shown = sanitise(path);
    try {
      const bytes = await this.#ports.files.readFile(path, metainfoLengthMax);
      await this.#options.add(bytes);
    } catch (error) {
      const reason = error instanceof OperationalError ? messageOf(error) : messageOf(diskErrorOf(error, "read", "it"));
      const isBad = badCodes.has(codeOf(error));
      if (isBad || reason !== problemBefore) this.#options.warn(`${shown} in a watch folder is not added: ${reason}`);
      if (!isBad) return reason;
      await this.#putAside(path, "invalid", stat);
      return "";
    }
    await this.#putAside(path, "added", stat);
    return "";
  }

  async #putAside(path: string, ending: "added" | "invalid", stat: FileStat): Promise<void> {
    const { files } = this.#ports;
    try {
      for (let number = 1; number <= namesMax; number++) {
        const name = `${path}.${ending}${number === 1 ? "" : `.${number}`}`;
        if ((await files.stat(name)) !== undefined) continue;
        await files.rename(path, name);
        return;
      }
    } catch {
      // A folder that is read-only, or a file that somebody has just taken away.
    }
    const remembered = this.#remembered ?? new Set();
    remembered.add(markOf(stat));
    for (const oldest of remembered) {
      if (remembered.size <= rememberedMax) break;
      remembered.delete(oldest);
    }
    await this.#record
      .save(() => ({ added: [...remembered] }))
      .catch((error: unknown) => tellUnsaved(error, this.#options.warn));
  }
}

function markOf({ identity, length, modifiedMs }: FileStat): string {
  return `${identity} ${length} ${modifiedMs}`;
}
