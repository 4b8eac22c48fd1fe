/** Writes a torrent's record: in time while it is active, and at the end of each run. */
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
  #savedMs = 0;
  #savedUploaded = 0;

  constructor(services: TorrentServices, torrent: Torrent) {
    this.#services = services;
    this.#torrent = torrent;
  }

  /** About once a second, while the run is active. */
  tick(run: TorrentRun): void {
    const torrent = this.#torrent;
    const isUnchanged = torrent.state === "seeding" && this.#savedUploaded === torrent.uploadedBytes;
    const timeMs = this.#services.house.goals.countsTime(torrent) ? saveTimeMs : Number.POSITIVE_INFINITY;
    const dueMs = isUnchanged ? timeMs : saveMs;
    if (this.#services.ports.clock.nowMs() - this.#savedMs <= dueMs) return;
    this.save(run, false).catch((error: unknown) => torrent.log(messageOf(error)));
  }

  /** Voids what was remembered before the run. */
  async begin(run: TorrentRun): Promise<void> {
    const record = await this.#record(run, false);
    if (record !== undefined) await this.#services.store.begin(this.#torrent.entry, record);
  }

  /** @param isClean the files are closed: what they look like now is what the record vouches for. */
  async save(run: TorrentRun, isClean: boolean): Promise<void> {
    const record = await this.#record(run, isClean);
    if (record !== undefined) await this.#services.store.save(this.#torrent.entry, record);
  }

  async #record(run: TorrentRun, isClean: boolean): Promise<SavedRecord | undefined> {
    this.#savedMs = this.#services.ports.clock.nowMs();
    this.#savedUploaded = this.#torrent.uploadedBytes;
    return run.storage === undefined ? undefined : savedRecordOf(this.#torrent, run.storage, isClean);
  }
}
