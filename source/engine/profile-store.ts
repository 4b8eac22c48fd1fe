/**
 * The torrents of a profile on disk. For each, beside one another in one folder:
 *
 *   NAME.torrent   as it was added
 *   NAME.resume    what is verified and what the files look like (storage/resume-record.ts)
 *   NAME.journal   what was verified since, while a download runs (storage/resume-journal.ts)
 *
 * Records are replaced atomically; a damaged one costs a check of the files, never the torrent.
 */
import { Bitfield } from "../base/bitfield.ts";
import { messageOf, OperationalError } from "../base/errors.ts";
import { bytesToHex } from "../base/hex.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { metainfoLengthMax, parseMetainfo } from "../metainfo/parse-metainfo.ts";
import type { Ports } from "../ports/ports.ts";
import { decodeJournal, ResumeJournal, resumeJournalLengthMax } from "../storage/resume-journal.ts";
import { planResume } from "../storage/resume-plan.ts";
import { decodeResume, encodeResume, type ResumeRecord, resumeRecordLengthMax } from "../storage/resume-record.ts";
import type { ResumePlan, SavedRecord, TorrentRecord, TorrentStore } from "./torrent-store.ts";

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
  /** A problem that the user should know of, in one sentence. */
  readonly warn: (message: string) => void;
}

export class ProfileStore implements TorrentStore {
  readonly #ports: Pick<Ports, "files" | "hasher" | "clock">;
  readonly #options: ProfileStoreOptions;
  readonly #journals = new Map<InfoHash, ResumeJournal>();
  readonly #generations = new Map<InfoHash, number>();
  /** Writes of one torrent follow one another. */
  readonly #writing = new Map<InfoHash, Promise<void>>();

  constructor(ports: Pick<Ports, "files" | "hasher" | "clock">, options: ProfileStoreOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  async loadAll(): Promise<readonly { readonly metainfo: Metainfo; readonly record: TorrentRecord }[]> {
    const { folder, kind } = this.#options;
    const { files } = this.#ports;
    if (kind === "records" || (await files.stat(folder)) === undefined) return [];
    const found: { metainfo: Metainfo; record: TorrentRecord }[] = [];
    for (const name of await files.list(folder)) {
      if (!name.endsWith(".torrent")) continue;
      try {
        const metainfo = parseMetainfo(
          await files.readFile(`${folder}/${name}`, metainfoLengthMax),
          this.#ports.hasher,
        );
        const record = await this.load(metainfo, undefined);
        if (record !== undefined) found.push({ metainfo, record });
        else this.#options.warn(`${metainfo.name} was left out: where its files are is not known any more`);
      } catch (error) {
        this.#options.warn(`${name} in the profile was left out: ${messageOf(error)}`);
      }
    }
    return found.sort((a, b) => a.record.addedWallMs - b.record.addedWallMs);
  }

  async load(metainfo: Metainfo, savePath: string | undefined): Promise<TorrentRecord | undefined> {
    const record = await this.#readRecord(metainfo, savePath);
    if (record === undefined || (savePath !== undefined && record.savePath !== savePath)) return undefined;
    return {
      have: record.verified,
      savePath: record.savePath,
      isPaused: record.isPaused,
      downloaded: record.downloadedBytes,
      uploaded: record.uploadedBytes,
      addedWallMs: record.addedWallMs,
      completedWallMs: record.completedWallMs ?? null,
    };
  }

  async saveMetainfo(infoHash: InfoHash, bytes: Uint8Array): Promise<void> {
    if (this.#options.kind === "records") return;
    await this.#ports.files.makeDirectory(this.#options.folder);
    await this.#ports.files.writeFileAtomic(`${this.#options.folder}/${infoHash}.torrent`, bytes);
  }

  async planResume(metainfo: Metainfo, savePath: string, fingerprint: readonly string[]): Promise<ResumePlan> {
    const record = await this.#readRecord(metainfo, savePath);
    if (record === undefined || record.savePath !== savePath) {
      return { trusted: new Bitfield(metainfo.pieceCount), recheck: Bitfield.full(metainfo.pieceCount) };
    }
    const { files } = this.#ports;
    const base = this.#baseOf(metainfo.infoHash, savePath);
    const journalStat = await files.stat(`${base}.journal`);
    const recordStat = await files.stat(`${base}.resume`);
    const journal =
      journalStat === undefined
        ? []
        : decodeJournal(
            await files.readFile(`${base}.journal`, resumeJournalLengthMax(metainfo.pieceCount)),
            metainfo.infoHash,
            record.generation,
            metainfo.pieceCount,
          );
    return planResume({
      metainfo,
      record,
      journal,
      current: fingerprint,
      bootId: this.#options.bootId,
      aliveUntilWallMs: Math.max(journalStat?.modifiedMs ?? 0, recordStat?.modifiedMs ?? 0, record.writtenWallMs),
    });
  }

  begin(metainfo: Metainfo, record: SavedRecord): Promise<void> {
    return this.#inTurn(metainfo.infoHash, async () => {
      const { infoHash } = metainfo;
      await this.#journals.get(infoHash)?.close();
      this.#journals.delete(infoHash);
      const before = this.#generations.get(infoHash) ?? (await this.#readRecord(metainfo, record.savePath))?.generation;
      const generation = ((before ?? 0) + 1) % 0x1_0000_0000;
      this.#generations.set(infoHash, generation);
      await this.#write(infoHash, generation, record);
      if (record.have.isFull) return;
      const path = `${this.#baseOf(infoHash, record.savePath)}.journal`;
      this.#journals.set(infoHash, await ResumeJournal.begin(this.#ports.files, path, infoHash, generation));
    });
  }

  save(metainfo: Metainfo, record: SavedRecord): Promise<void> {
    return this.#inTurn(metainfo.infoHash, async () => {
      const { infoHash } = metainfo;
      await this.#write(infoHash, this.#generations.get(infoHash) ?? 0, record);
      // With nothing left to verify, or nothing running, the journal has said what it had to say.
      if (!record.isClean && !record.have.isFull) return;
      await this.#journals.get(infoHash)?.close();
      if (this.#journals.delete(infoHash)) await this.#removeIfThere(infoHash, record.savePath, "journal");
    });
  }

  pieceVerified(infoHash: InfoHash, piece: PieceIndex): void {
    const journal = this.#journals.get(infoHash);
    try {
      journal?.append([piece]);
    } catch (error) {
      // The download goes on; after a kill a little more would be checked again.
      this.#journals.delete(infoHash);
      journal?.close().catch(() => {});
      this.#options.warn(messageOf(error));
    }
  }

  remove(infoHash: InfoHash, savePath: string): Promise<void> {
    return this.#inTurn(infoHash, async () => {
      await this.#journals.get(infoHash)?.close();
      this.#journals.delete(infoHash);
      for (const ending of ["torrent", "resume", "journal"]) await this.#removeIfThere(infoHash, savePath, ending);
    });
  }

  async #write(infoHash: InfoHash, generation: number, record: SavedRecord): Promise<void> {
    const { files, clock } = this.#ports;
    await files.makeDirectory(this.#options.folder);
    const bytes = encodeResume({
      infoHash,
      savePath: record.savePath,
      isPaused: record.isPaused,
      verified: record.have,
      fingerprints: record.fingerprint,
      isClean: record.isClean,
      isSynced: record.isSynced,
      bootId: this.#options.bootId,
      generation,
      writtenWallMs: clock.wallMs(),
      downloadedBytes: record.downloaded,
      uploadedBytes: record.uploaded,
      addedWallMs: record.addedWallMs,
      completedWallMs: record.completedWallMs ?? undefined,
    });
    await files.writeFileAtomic(`${this.#baseOf(infoHash, record.savePath)}.resume`, bytes);
  }

  async #readRecord(metainfo: Metainfo, savePath: string | undefined): Promise<ResumeRecord | undefined> {
    const path = `${this.#baseOf(metainfo.infoHash, savePath ?? "")}.resume`;
    if ((await this.#ports.files.stat(path)) === undefined) return undefined;
    try {
      const record = decodeResume(await this.#ports.files.readFile(path, resumeRecordLengthMax));
      if (record?.infoHash === metainfo.infoHash && record.verified.length === metainfo.pieceCount) return record;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
    }
    this.#options.warn(`the record of ${metainfo.name} is damaged: its files will be checked`);
    return undefined;
  }

  async #removeIfThere(infoHash: InfoHash, savePath: string, ending: string): Promise<void> {
    const path = `${this.#baseOf(infoHash, savePath)}.${ending}`;
    if ((await this.#ports.files.stat(path)) !== undefined) await this.#ports.files.removeFile(path);
  }

  #baseOf(infoHash: InfoHash, savePath: string): string {
    if (this.#options.kind === "list") return `${this.#options.folder}/${infoHash}`;
    const place = bytesToHex(this.#ports.hasher.sha1(new TextEncoder().encode(savePath))).slice(0, 8);
    return `${this.#options.folder}/${infoHash}-${place}`;
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
