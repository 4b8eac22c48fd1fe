/**
 * The torrents of a profile on disk. For each, beside one another in one folder:
 *
 *   NAME.torrent   as it was added
 *   NAME.entry     what the user decided (torrent-entry.ts): with it the torrent is on the list
 *   NAME.resume    what is verified and what the files look like (storage/resume-record.ts)
 *   NAME.journal   what was verified since, while a download runs (storage/resume-journal.ts)
 *
 * On a start entries and records are read one after another, synchronously: small files in the page cache take a tenth of
 * what the way through the thread pool takes, and nobody is served yet who could be kept waiting.
 *
 * Records are replaced atomically. A damaged resume record costs a check of the files, a damaged entry is made anew from
 * the other two; a torrent of which too little is left is reported. What is damaged is set aside in the folder `damaged`. A
 * torrent of which something cannot be read at the moment is left out until the next start, and nothing of it is written over.
 */
import { Bitfield } from "../../base/bitfield.ts";
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import { type InfoHash, infoHashFromHex, type PieceIndex } from "../../base/ids.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import { metainfoLengthMax, parseMetainfo } from "../../metainfo/parse-metainfo.ts";
import type { Ports } from "../../ports/ports.ts";
import { ResumeJournal } from "../../storage/resume-journal.ts";
import { planResume } from "../../storage/resume-plan.ts";
import { encodeResume, type ResumeRecord } from "../../storage/resume-record.ts";
import { EntryFiles } from "./entry-files.ts";
import { Journals } from "./journals.ts";
import { profileError } from "./profile-error.ts";
import { clearUpLeftovers } from "./profile-leftovers.ts";
import { type FoundRecord, ResumeFiles } from "./resume-files.ts";
import { setAside } from "./set-aside.ts";
import { defaultChoices } from "./torrent-choices.ts";
import { summaryOf, type TorrentEntry } from "./torrent-entry.ts";
import {
  MetainfoMemory,
  type ResumePlan,
  type SavedRecord,
  type SeededTime,
  type StoredTorrent,
  type TorrentRecord,
  type TorrentStore,
} from "./torrent-store.ts";

/** Torrents read before others get their turn. */
const loadBatch = 200;

export interface ProfileStoreOptions {
  /** Absolute; made when first written to. */
  readonly folder: string;
  /**
   * `list`: the folder is the list of an engine's torrents. `records`: it only remembers downloads of the foreground,
   * of which several may be one torrent in different places.
   */
  readonly kind: "list" | "records";
  /** Of the machine's present run, "" where it is not known. */
  readonly bootId: string;
  /** As the file system's `writeFileAtomic`, which is the default: may have a reserve for a full disk. */
  readonly writeFileAtomic?: (path: string, bytes: Uint8Array) => Promise<void>;
  /** A problem that the user should know of, in one sentence. */
  readonly warn: (message: string) => void;
}

export class ProfileStore implements TorrentStore {
  readonly #ports: Pick<Ports, "files" | "hasher" | "clock">;
  readonly #options: ProfileStoreOptions;
  readonly #journals: Journals;
  readonly #entries: EntryFiles;
  readonly #records: ResumeFiles;
  /** Of a store that keeps records alone. */
  readonly #metainfos = new MetainfoMemory();
  readonly #generations = new Map<InfoHash, number>();
  /** Writes of one torrent follow one another. */
  readonly #writing = new Map<InfoHash, Promise<void>>();

  constructor(ports: Pick<Ports, "files" | "hasher" | "clock">, options: ProfileStoreOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#journals = new Journals((error) => options.warn(messageOf(error)));
    this.#entries = new EntryFiles(ports.files, options.folder, (path, bytes) => this.#writeFileAtomic(path, bytes));
    this.#records = new ResumeFiles(ports, options);
  }

  async loadAll(): Promise<readonly StoredTorrent[]> {
    const { folder, kind } = this.#options;
    const { files } = this.#ports;
    if (kind === "records") return [];
    let names: readonly string[];
    try {
      if ((await files.stat(folder)) === undefined) return [];
      names = await files.list(folder);
    } catch (error) {
      // Nothing is known then: with an empty list the engine would only seem to have started.
      throw profileError(error, folder, "read");
    }
    const bases = new Set<string>();
    for (const name of names) {
      const [, base, ending] = /^([0-9a-f]{40})\.(torrent|entry|resume)$/.exec(name) ?? [];
      if (base !== undefined && ending !== "resume") bases.add(base);
      // What a process that was killed was about to put in a record's place.
      if (/^\.[0-9a-f]{40}\..+\.tmp$/.test(name)) await files.removeFile(`${folder}/${name}`).catch(() => undefined);
    }
    const found: StoredTorrent[] = [];
    let count = 0;
    for (const base of bases) {
      const stored = await this.#loadOne(infoHashFromHex(base));
      if (stored !== undefined) found.push(stored);
      if (++count % loadBatch === 0) await new Promise<void>((resolve) => this.#ports.clock.after(0, resolve));
    }
    return found.sort((a, b) => a.entry.addedWallMs - b.entry.addedWallMs);
  }

  async loadRecord(entry: TorrentEntry): Promise<TorrentRecord | undefined> {
    const found = await this.#records.read(entry.infoHash, entry.savePath);
    return found === "damaged" ? undefined : this.#torrentRecord(entry, found);
  }

  async loadMetainfo(infoHash: InfoHash): Promise<Metainfo> {
    if (this.#options.kind === "records") return this.#metainfos.load(infoHash);
    const path = `${this.#options.folder}/${infoHash}.torrent`;
    let metainfo: Metainfo;
    try {
      metainfo = parseMetainfo(await this.#ports.files.readFile(path, metainfoLengthMax), this.#ports.hasher);
    } catch (error) {
      const isMissing = codeOf(error) === "ENOENT";
      const failure = profileError(error, path, "read");
      if (!isMissing && !(error instanceof OperationalError) && codeOf(failure) === "profile-failed") throw failure;
      const message = isMissing ? "it is gone" : messageOf(error);
      throw new OperationalError(
        isMissing ? "no-metainfo" : "bad-metainfo",
        `its .torrent file in the profile cannot be used: ${message}`,
        { cause: error },
      );
    }
    if (metainfo.infoHash === infoHash) return metainfo;
    throw new OperationalError("bad-metainfo", "its .torrent file in the profile is another torrent's");
  }

  async saveMetainfo(metainfo: Metainfo, bytes: Uint8Array): Promise<void> {
    if (this.#options.kind === "records") {
      this.#metainfos.save(metainfo);
      return;
    }
    await this.#entries.claim(metainfo.infoHash);
    await this.#ports.files.makeDirectory(this.#options.folder);
    await this.#writeFileAtomic(`${this.#options.folder}/${metainfo.infoHash}.torrent`, bytes);
  }

  saveEntry(entry: TorrentEntry): Promise<void> {
    if (this.#options.kind === "records") return Promise.resolve();
    return this.#inTurn(entry.infoHash, () => this.#entries.write(entry));
  }

  async planResume(metainfo: Metainfo, savePath: string, fingerprint: readonly string[]): Promise<ResumePlan> {
    const record = await this.#records.read(metainfo.infoHash, savePath);
    const generation = record === undefined ? this.#generations.get(metainfo.infoHash) : generationIn(record);
    if (record !== "damaged") this.#generations.set(metainfo.infoHash, generation ?? 0);
    if (record === undefined || record === "damaged" || record.savePath !== savePath) {
      return {
        trusted: new Bitfield(metainfo.pieceCount),
        recheck: Bitfield.full(metainfo.pieceCount),
        isSynced: false,
      };
    }
    return planResume({
      metainfo,
      record,
      journal: await this.#records.readJournal(record, savePath, metainfo.pieceCount),
      current: fingerprint,
      bootId: this.#options.bootId,
      aliveUntilWallMs: Math.max(await this.#records.changedMs(metainfo.infoHash, savePath), record.writtenWallMs),
    });
  }

  begin(entry: TorrentEntry, record: SavedRecord): Promise<void> {
    const { infoHash, savePath } = entry;
    return this.#recording(entry, async () => {
      await this.#journals.close(infoHash);
      const generation = ((await this.#generationOf(infoHash, savePath)) + 1) % 0x1_0000_0000;
      this.#generations.set(infoHash, generation);
      await this.#write(entry, generation, record);
      if (record.have.isFull) return;
      const path = this.#records.pathOf(infoHash, savePath, "journal");
      this.#journals.open(infoHash, await ResumeJournal.begin(this.#ports.files, path, infoHash, generation));
    });
  }

  save(entry: TorrentEntry, record: SavedRecord): Promise<void> {
    const { infoHash, savePath } = entry;
    return this.#recording(entry, async () => {
      await this.#write(entry, await this.#generationOf(infoHash, savePath), record);
      // With nothing left to verify, or nothing running, the journal has said what it had to say.
      if (!record.isClean && !record.have.isFull) return;
      if (await this.#journals.close(infoHash)) await this.#records.removeIfThere(infoHash, savePath, "journal");
    });
  }

  saveTime(entry: TorrentEntry, time: SeededTime): Promise<void> {
    const { infoHash, savePath } = entry;
    return this.#recording(entry, async () => {
      const record = await this.#records.read(infoHash, savePath);
      if (record === undefined || record === "damaged" || record.savePath !== savePath) return;
      const { seconds: seedingSeconds, idleSeconds } = time;
      const bytes = encodeResume({ ...record, seedingSeconds, idleSeconds });
      await this.#writeFileAtomic(this.#records.pathOf(infoHash, savePath, "resume"), bytes);
    });
  }

  pieceVerified(infoHash: InfoHash, piece: PieceIndex): void {
    this.#journals.verified(infoHash, piece);
  }

  remove({ infoHash, savePath }: TorrentEntry): Promise<void> {
    this.#metainfos.remove(infoHash);
    return this.#inTurn(infoHash, async () => {
      await this.#journals.close(infoHash);
      this.#generations.delete(infoHash);
      // The entry last: as long as it is there, it says that the rest is to go.
      for (const ending of ["resume", "journal", "torrent", "entry"]) {
        await this.#records.removeIfThere(infoHash, savePath, ending);
      }
      this.#entries.forget(infoHash);
    });
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @returns `undefined` where too little is left, which is set aside, or cannot be read now; both are reported. */
  async #loadOne(infoHash: InfoHash): Promise<StoredTorrent | undefined> {
    try {
      const found = this.#entries.read(infoHash);
      const entry = typeof found === "object" ? found : await this.#entryMadeAnew(infoHash);
      if (found === "damaged") {
        const aside = `${this.#options.folder}/damaged`;
        this.#options.warn(
          `the entry ${infoHash} in the profile is damaged: its labels and choices are lost; what there was is in ${aside}`,
        );
      }
      if (entry !== undefined) {
        const stored = this.#stored(entry);
        this.#entries.taken(infoHash);
        return stored;
      }
    } catch (error) {
      this.#options.warn(`the torrent ${infoHash} in the profile was left out: ${messageOf(error)}`);
      return undefined;
    }
    await clearUpLeftovers(this.#ports.files, this.#options, infoHash);
    return undefined;
  }

  #stored(entry: TorrentEntry): StoredTorrent {
    const found = this.#records.readNow(entry.infoHash, entry.savePath);
    if (found === "damaged") {
      this.#options.warn(`the record of ${entry.summary.name} is damaged: its files will be checked`);
      return { entry, record: undefined, hadData: true };
    }
    const record = this.#torrentRecord(entry, found);
    return { entry, record, hadData: record !== undefined && !record.have.isEmpty };
  }

  #torrentRecord(entry: TorrentEntry, found: ResumeRecord | undefined): TorrentRecord | undefined {
    if (found?.savePath !== entry.savePath || found.verified.length !== entry.summary.pieceCount) return undefined;
    return {
      have: found.verified,
      downloaded: found.downloadedBytes,
      uploaded: found.uploadedBytes,
      seedingSeconds: found.seedingSeconds,
      idleSeconds: found.idleSeconds,
      completedWallMs: found.completedWallMs ?? null,
    };
  }

  /** For profiles of version 0.1, which had no entries, and for entries that were damaged. */
  async #entryMadeAnew(infoHash: InfoHash): Promise<TorrentEntry | undefined> {
    const record = await this.#records.read(infoHash, "");
    if (record === undefined || record === "damaged") return undefined;
    let metainfo: Metainfo;
    try {
      metainfo = await this.loadMetainfo(infoHash);
    } catch (error) {
      if (error instanceof OperationalError && error.code !== "profile-failed") return undefined;
      throw error;
    }
    const { savePath, isPaused, addedWallMs } = record;
    const summary = summaryOf(metainfo);
    const entry = {
      infoHash,
      summary,
      savePath,
      isPaused,
      addedWallMs,
      peers: [],
      choices: defaultChoices,
      removal: null,
    };
    await this.saveEntry(entry);
    return entry;
  }

  async #generationOf(infoHash: InfoHash, savePath: string): Promise<number> {
    const known = this.#generations.get(infoHash);
    if (known !== undefined) return known;
    const found = await this.#records.read(infoHash, savePath);
    if (found === "damaged") await this.#setRecordAside(infoHash, savePath);
    return generationIn(found);
  }

  /** Before it is replaced. Its journal goes: nobody knows any more to which record it belongs. */
  async #setRecordAside(infoHash: InfoHash, savePath: string): Promise<void> {
    const path = this.#records.pathOf(infoHash, savePath, "resume");
    const aside = `${this.#options.folder}/damaged`;
    await this.#records.removeIfThere(infoHash, savePath, "journal");
    await this.#ports.files.makeDirectory(aside);
    await setAside(this.#ports.files, path, `${aside}${path.slice(path.lastIndexOf("/"))}`);
  }

  async #write(entry: TorrentEntry, generation: number, record: SavedRecord): Promise<void> {
    const { infoHash, savePath, isPaused, addedWallMs } = entry;
    const { files, clock } = this.#ports;
    await files.makeDirectory(this.#options.folder);
    const bytes = encodeResume({
      infoHash,
      savePath,
      isPaused,
      verified: record.have,
      fingerprints: record.fingerprint,
      isClean: record.isClean,
      isSynced: record.isSynced,
      bootId: this.#options.bootId,
      generation,
      writtenWallMs: clock.wallMs(),
      downloadedBytes: record.downloaded,
      uploadedBytes: record.uploaded,
      addedWallMs,
      seedingSeconds: record.seedingSeconds,
      idleSeconds: record.idleSeconds,
      completedWallMs: record.completedWallMs ?? undefined,
    });
    await this.#writeFileAtomic(this.#records.pathOf(infoHash, savePath, "resume"), bytes);
  }

  #writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const { writeFileAtomic } = this.#options;
    return writeFileAtomic?.(path, bytes) ?? this.#ports.files.writeFileAtomic(path, bytes);
  }

  /** @throws OperationalError `profile-failed`. */
  #recording({ infoHash, summary }: TorrentEntry, work: () => Promise<void>): Promise<void> {
    return this.#inTurn(infoHash, work).catch((error: unknown) => {
      throw profileError(error, `the record of ${summary.name}`);
    });
  }

  #inTurn(infoHash: InfoHash, work: () => Promise<void>): Promise<void> {
    const earlier = this.#writing.get(infoHash) ?? Promise.resolve();
    const done = earlier.catch(() => {}).then(work);
    this.#writing.set(infoHash, done);
    return done.finally(() => {
      if (this.#writing.get(infoHash) === done) this.#writing.delete(infoHash);
    });
  }
}

function generationIn(record: FoundRecord): number {
  return record === undefined || record === "damaged" ? 0 : record.generation;
}
