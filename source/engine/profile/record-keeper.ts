/** Keeps a torrent's resume record true: when it is to be written, and what it then says. Nothing is written without need. */
import { messageOf } from "../../base/errors.ts";
import type { Torrent } from "../torrent.ts";
import type { TorrentRun } from "../torrent-run.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { savedRecordOf } from "./saved-record.ts";
import type { SavedRecord } from "./torrent-store.ts";

/**
 * Between two records of a download: with the second that a tick may be late, after a loss of power nothing is missing but the
 * last five seconds. (After a kill nothing at all: what is verified in between is in the journal.)
 */
const downloadSaveMs = 4_000;
/** A disk that takes long to sync is left alone for so many times as long. */
const restShare = 4;
/** So much that is not on the disk is not left for later either: a fast download would be complete and wait for the disk. */
const unsyncedMax = 128 * 1024 * 1024;
/** Between two records of a torrent of which only the totals change. */
const saveMs = 60_000;

/** Where nothing has changed but how long it has seeded. */
const saveTimeMs = 3_600_000;

export class RecordKeeper {
  readonly #services: TorrentServices;
  readonly #torrent: Torrent;
  #savedMs: number;
  #savedUploaded: number;
  #savedPieces: number;
  /** How long the last record took; `undefined` while one is being written. */
  #tookMs: number | undefined = 0;
  /** The record on the disk is one of files that were closed. */
  #isClean = false;
  /** Records follow one another: one that waited for a slow disk is not to replace what was written meanwhile. */
  #writing: Promise<void> = Promise.resolve();

  constructor(services: TorrentServices, torrent: Torrent) {
    this.#services = services;
    this.#torrent = torrent;
    this.#savedUploaded = torrent.uploadedBytes;
    this.#savedPieces = torrent.have.count;
    this.#savedMs = services.ports.clock.nowMs();
  }

  /** The record on the disk was found to be true of a complete torrent. */
  confirmed(): void {
    this.#isClean = true;
  }

  /** About once a second, while the run is active. */
  tick(run: TorrentRun): void {
    const torrent = this.#torrent;
    if (this.#tookMs === undefined || this.#ageMs <= this.#dueMs(this.#tookMs)) return;
    const beganMs = this.#services.ports.clock.nowMs();
    this.#tookMs = undefined;
    this.save(run, false)
      .catch((error: unknown) => torrent.log(messageOf(error)))
      .finally(() => {
        this.#tookMs = this.#services.ports.clock.nowMs() - beganMs;
      });
  }

  /** Of a resting torrent: writes down how long it has seeded where that matters, now and then, and when it `isEnding`. */
  async keepTime(isEnding: boolean): Promise<void> {
    if (this.#timeDueMs === Number.POSITIVE_INFINITY || (!isEnding && this.#ageMs <= this.#timeDueMs)) return;
    this.#savedMs = this.#services.ports.clock.nowMs();
    await this.#services.store.saveTime(this.#torrent.entry, this.#torrent.seedingTime);
  }

  /** Voids what was remembered before the run. */
  async begin(run: TorrentRun): Promise<void> {
    await this.#inTurn(async () => {
      const record = await this.#record(run, false);
      if (record !== undefined) await this.#services.store.begin(this.#torrent.entry, record);
    });
  }

  /** @param isClean the files are closed: what they look like now is what the record vouches for. */
  save(run: TorrentRun, isClean: boolean): Promise<void> {
    return this.#inTurn(() => this.#save(run, isClean));
  }

  async #save(run: TorrentRun, isClean: boolean): Promise<void> {
    const { have, uploadedBytes, entry } = this.#torrent;
    const isTrue = this.#isClean && have.isFull && this.#savedUploaded === uploadedBytes;
    if (isClean && isTrue && this.#ageMs <= this.#timeDueMs) return;
    const savedPieces = this.#savedPieces;
    try {
      const record = await this.#record(run, isClean);
      if (record !== undefined) await this.#services.store.save(entry, record);
    } catch (error) {
      // What was verified is still to be written, also where nothing more comes.
      this.#savedPieces = savedPieces;
      this.#isClean = false;
      throw error;
    }
  }

  /**
   * Of a run that came to its record; another has found out nothing that the record before does not know.
   * @param hasRested then only the time is news.
   */
  async ended(run: TorrentRun, hasRested: boolean): Promise<void> {
    await (hasRested ? this.keepTime(true) : this.save(run, true));
  }

  get #ageMs(): number {
    return this.#services.ports.clock.nowMs() - this.#savedMs;
  }

  #dueMs(tookMs: number): number {
    const { have, uploadedBytes } = this.#torrent;
    const verified = have.count - this.#savedPieces;
    if (verified * this.#torrent.summary.pieceLength >= unsyncedMax) return restShare * tookMs;
    if (verified !== 0) return Math.max(downloadSaveMs, restShare * tookMs);
    return uploadedBytes === this.#savedUploaded ? this.#timeDueMs : saveMs;
  }

  get #timeDueMs(): number {
    return this.#services.house.goals.countsTime(this.#torrent) ? saveTimeMs : Number.POSITIVE_INFINITY;
  }

  async #record(run: TorrentRun, isClean: boolean): Promise<SavedRecord | undefined> {
    this.#savedMs = this.#services.ports.clock.nowMs();
    this.#savedUploaded = this.#torrent.uploadedBytes;
    this.#savedPieces = this.#torrent.have.count;
    if (run.storage === undefined) return undefined;
    this.#isClean = isClean;
    try {
      return await savedRecordOf(this.#torrent, run.storage, isClean, run.unsynced);
    } catch (error) {
      // What the disk says of bytes that it took before: as of those that it does not take.
      if (!isClean) run.storageFailed(error);
      throw error;
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(work);
    return this.#writing;
  }
}
