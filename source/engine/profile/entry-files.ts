/**
 * The entries of a profile, as files. Of a torrent whose entry this run has not read nothing is written over: it may be one that
 * could not be read at the start, or that of a file system that was away then.
 */
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import { profileError } from "./profile-error.ts";
import { setAside } from "./set-aside.ts";
import { decodeEntry, encodeEntry, entryLengthMax, type TorrentEntry } from "./torrent-entry.ts";

export class EntryFiles {
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #writeFileAtomic: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Those of which this run has read what there was, or that there was nothing. */
  readonly #known = new Set<InfoHash>();

  constructor(files: FileSystem, folder: string, writeFileAtomic: (path: string, bytes: Uint8Array) => Promise<void>) {
    this.#files = files;
    this.#folder = folder;
    this.#writeFileAtomic = writeFileAtomic;
  }

  /** @throws OperationalError `profile-failed` where it is there and cannot be read. */
  read(infoHash: InfoHash): TorrentEntry | "damaged" | undefined {
    const path = this.#pathOf(infoHash);
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#files.readFileSync(path, entryLengthMax);
    } catch (error) {
      if (codeOf(error) === "too-large") return "damaged";
      throw profileError(error, path, "read");
    }
    if (bytes === undefined) return undefined;
    const entry = decodeEntry(bytes);
    return entry?.infoHash === infoHash ? entry : "damaged";
  }

  /** The torrent is on the list: what it has in the profile may be replaced. */
  taken(infoHash: InfoHash): void {
    this.#known.add(infoHash);
  }

  /**
   * Before anything of it is written. What is damaged is set aside.
   * @throws OperationalError `profile-failed` where there is one that is not on the list.
   */
  async claim(infoHash: InfoHash): Promise<void> {
    if (this.#known.has(infoHash)) return;
    let found: TorrentEntry | "damaged" | undefined;
    let reason = "";
    try {
      found = this.read(infoHash);
    } catch (error) {
      reason = `: ${messageOf(error)}`;
    }
    if (reason !== "" || typeof found === "object") {
      throw new OperationalError(
        "profile-failed",
        `the profile knows this torrent already, but could not be read when the engine started; the next start brings it back${reason}`,
      );
    }
    if (found === "damaged") {
      await this.#files.makeDirectory(`${this.#folder}/damaged`);
      await setAside(this.#files, this.#pathOf(infoHash), `${this.#folder}/damaged/${infoHash}.entry`);
    }
    this.#known.add(infoHash);
  }

  /** @throws as `claim`. */
  async write(entry: TorrentEntry): Promise<void> {
    const bytes = encodeEntry(entry);
    // The next start would take it for damaged.
    if (bytes.length > entryLengthMax)
      throw new OperationalError("too-large", "the torrent is too long for the profile");
    await this.claim(entry.infoHash);
    await this.#files.makeDirectory(this.#folder);
    await this.#writeFileAtomic(this.#pathOf(entry.infoHash), bytes);
  }

  /** It is gone from the profile. */
  forget(infoHash: InfoHash): void {
    this.#known.delete(infoHash);
  }

  #pathOf(infoHash: InfoHash): string {
    return `${this.#folder}/${infoHash}.entry`;
  }
}
