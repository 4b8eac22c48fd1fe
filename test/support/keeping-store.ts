/** A store in memory that outlives its session: what a profile on the disk would remember. */
import type { InfoHash } from "../../source/base/ids.ts";
import type { TorrentEntry } from "../../source/engine/profile/torrent-entry.ts";
import {
  ForgetfulStore,
  type SavedRecord,
  type SeededTime,
  type StoredTorrent,
  type TorrentRecord,
} from "../../source/engine/profile/torrent-store.ts";

export class KeepingStore extends ForgetfulStore {
  readonly #entries = new Map<InfoHash, TorrentEntry>();
  readonly records = new Map<InfoHash, SavedRecord>();

  override async loadAll(): Promise<readonly StoredTorrent[]> {
    return [...this.#entries.values()].map((entry) => {
      const record = this.records.get(entry.infoHash);
      return { entry, record, hadData: record?.have.isEmpty === false };
    });
  }

  override async loadRecord({ infoHash }: TorrentEntry): Promise<TorrentRecord | undefined> {
    return this.records.get(infoHash);
  }

  override async saveEntry(entry?: TorrentEntry): Promise<void> {
    if (entry !== undefined) this.#entries.set(entry.infoHash, entry);
  }

  override async begin(entry?: TorrentEntry, record?: SavedRecord): Promise<void> {
    await this.save(entry, record);
  }

  override async saveTime(entry?: TorrentEntry, time?: SeededTime): Promise<void> {
    const record = entry === undefined ? undefined : this.records.get(entry.infoHash);
    if (entry === undefined || time === undefined || record === undefined) return;
    const { seconds: seedingSeconds, idleSeconds } = time;
    this.records.set(entry.infoHash, { ...record, seedingSeconds, idleSeconds });
  }

  override async save(entry?: TorrentEntry, record?: SavedRecord): Promise<void> {
    if (entry !== undefined && record !== undefined) this.records.set(entry.infoHash, record);
  }

  override async remove(entry: TorrentEntry): Promise<void> {
    this.#entries.delete(entry.infoHash);
    this.records.delete(entry.infoHash);
    await super.remove(entry);
  }
}
