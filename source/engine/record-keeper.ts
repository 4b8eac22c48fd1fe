/** Keeps a torrent's resume record true: when it is to be written, and what it then says. Nothing is written without need. */
import { messageOf } from "../base/errors.ts";
import { savedRecordOf } from "./saved-record.ts";
import type { Torrent } from "./torrent.ts";
import type { TorrentRun } from "./torrent-run.ts";
import type { TorrentServices } from "./torrent-services.ts";
import type { SavedRecord } from "./torrent-store.ts";

/** Between two records of a download. What is verified in between is in the journal. */
const saveMs = 30_000;

/** Where nothing has changed but how long it has seeded. */
const saveTimeMs = 3_600_000;

export class RecordKeeper {
  readonly #services: TorrentServices;
  readonly #torrent: Torrent;
  #savedMs: number;
  #savedUploaded: number;
  /** The record on the disk is one of files that were closed. */
  #isClean = false;

  constructor(services: TorrentServices, torrent: Torrent) {
    this.#services = services;
    this.#torrent = torrent;
    this.#savedUploaded = torrent.uploadedBytes;
    this.#savedMs = services.ports.clock.nowMs();
  }

  /** The record on the disk was found to be true of a complete torrent. */
  confirmed(): void {
    this.#isClean = true;
  }

  /** About once a second, while the run is active. */
  tick(run: TorrentRun): void {
    const torrent = this.#torrent;
    const isUnchanged = torrent.state === "seeding" && this.#savedUploaded === torrent.uploadedBytes;
    if (this.#ageMs <= (isUnchanged ? this.#timeDueMs : saveMs)) return;
    this.save(run, false).catch((error: unknown) => torrent.log(messageOf(error)));
  }

  /** Of a resting torrent: writes down how long it has seeded where that matters, now and then, and when it `isEnding`. */
  async keepTime(isEnding: boolean): Promise<void> {
    if (this.#timeDueMs === Number.POSITIVE_INFINITY || (!isEnding && this.#ageMs <= this.#timeDueMs)) return;
    this.#savedMs = this.#services.ports.clock.nowMs();
    await this.#services.store.saveTime(this.#torrent.entry, this.#torrent.seedingTime);
  }

  /** Voids what was remembered before the run. */
  async begin(run: TorrentRun): Promise<void> {
    const record = await this.#record(run, false);
    if (record !== undefined) await this.#services.store.begin(this.#torrent.entry, record);
  }

  /** @param isClean the files are closed: what they look like now is what the record vouches for. */
  async save(run: TorrentRun, isClean: boolean): Promise<void> {
    const { have, uploadedBytes, entry } = this.#torrent;
    const isTrue = this.#isClean && have.isFull && this.#savedUploaded === uploadedBytes;
    if (isClean && isTrue && this.#ageMs <= this.#timeDueMs) return;
    const record = await this.#record(run, isClean);
    if (record !== undefined) await this.#services.store.save(entry, record);
  }

  get #ageMs(): number {
    return this.#services.ports.clock.nowMs() - this.#savedMs;
  }

  get #timeDueMs(): number {
    return this.#services.house.goals.countsTime(this.#torrent) ? saveTimeMs : Number.POSITIVE_INFINITY;
  }

  async #record(run: TorrentRun, isClean: boolean): Promise<SavedRecord | undefined> {
    this.#savedMs = this.#services.ports.clock.nowMs();
    this.#savedUploaded = this.#torrent.uploadedBytes;
    if (run.storage === undefined) return undefined;
    this.#isClean = isClean;
    return savedRecordOf(this.#torrent, run.storage, isClean);
  }
}
