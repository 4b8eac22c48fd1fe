/**
 * Torrents that were removed without their data. For a while all that was known of them stays in the profile, so that a
 * removal can be undone: where they lie, what was decided, what was verified. One write of the entry removes a torrent, and
 * one brings it back, so that a kill in between finds it either here or on the list.
 */
import { messageOf, OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RecordPlace } from "../profile/profile-record.ts";
import type { TorrentEntry } from "../profile/torrent-entry.ts";
import type { TorrentOptions } from "../profile/torrent-options.ts";
import type { TorrentStore } from "../profile/torrent-store.ts";
import { forgetMove } from "./move-records.ts";

/** Who has made a mistake sees it by then. */
const keepMs = 10 * 60_000;
/** A whole list that was marked and removed at once. */
const keptMax = 10_000;

export interface RemovedHost {
  readonly clock: Clock;
  readonly store: TorrentStore;
  readonly records: RecordPlace | undefined;
  /** On the list again, at this place in the queue, even where it throws. */
  returned(options: TorrentOptions, place: number): Promise<void>;
  /** Nothing brings it back any more. */
  forgotten(infoHash: InfoHash): void;
  warn(message: string): void;
}

export class RemovedTorrents {
  readonly #host: RemovedHost;
  /** Those that were removed first come first. */
  readonly #kept = new Map<InfoHash, TorrentEntry>();
  readonly #forgetting = new Map<InfoHash, Promise<void>>();

  constructor(host: RemovedHost) {
    this.#host = host;
  }

  /** Those removed last come first. */
  get all(): readonly TorrentEntry[] {
    return [...this.#kept.values()].reverse();
  }

  has(infoHash: InfoHash): boolean {
    return this.#kept.has(infoHash);
  }

  /** Of a torrent that has ended, and whose entry says that it is removed. */
  keep(entry: TorrentEntry): void {
    this.#kept.delete(entry.infoHash);
    this.#kept.set(entry.infoHash, entry);
    this.#shorten();
  }

  /** What an earlier run has kept, or was about to forget. */
  async restart(entries: readonly TorrentEntry[]): Promise<void> {
    const byAge = [...entries].sort((a, b) => removedWallMsOf(a) - removedWallMsOf(b));
    for (const entry of byAge) {
      if (this.#isOver(entry)) await this.#forgetSoon(entry);
      else this.keep(entry);
    }
  }

  /**
   * They come back as they were. All are tried.
   * @throws OperationalError why one could not be brought back: it is kept on then, unless it is on the list and only
   * something of it failed; `unknown-torrent` where it is not.
   */
  async restore(infoHashes: readonly InfoHash[]): Promise<void> {
    const wanted = new Set(infoHashes);
    const entries = this.all.filter(({ infoHash }) => wanted.has(infoHash));
    for (const { infoHash } of entries) this.#kept.delete(infoHash);
    const ready = await Promise.allSettled(entries.map((entry) => this.#revive(entry)));
    const failures: unknown[] = [];
    for (const [i, one] of ready.entries()) {
      const entry = entries[i];
      if (entry === undefined) continue;
      if (one.status === "rejected") {
        failures.push(one.reason);
        this.keep(entry);
        continue;
      }
      // The others come back whatever becomes of this one: they are not kept any more.
      const returned = this.#host.returned(one.value, entry.removed?.place ?? 0);
      await returned.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
    const missing = wanted.size - entries.length;
    if (missing === 0) return;
    const which = wanted.size === 1 ? "it" : `${missing} of ${wanted.size}`;
    throw new OperationalError("unknown-torrent", `${which} cannot come back: what was removed is not kept any more`);
  }

  /** Has it added anew: it is not kept any more, unless that fails. What the profile knows of it is the new one's. */
  async replace(infoHash: InfoHash, add: () => Promise<void>): Promise<void> {
    await this.#forgetting.get(infoHash);
    const kept = this.#kept.get(infoHash);
    this.#kept.delete(infoHash);
    const { records } = this.#host;
    try {
      if (kept !== undefined && records !== undefined) await forgetMove(records, infoHash);
      await add();
    } catch (error) {
      if (kept !== undefined) this.keep(kept);
      throw error;
    }
  }

  /** Its files are gone. */
  drop(infoHash: InfoHash): void {
    this.#kept.delete(infoHash);
    this.#host.forgotten(infoHash);
  }

  /** About once a second. */
  tick(): void {
    for (const entry of this.#kept.values()) {
      if (!this.#isOver(entry)) return;
      void this.#forgetSoon(entry);
    }
  }

  /** What is being forgotten is. */
  async close(): Promise<void> {
    await Promise.all(this.#forgetting.values());
  }

  #isOver({ removed }: TorrentEntry): boolean {
    // Also where the clock was set back.
    return removed === undefined || Math.abs(this.#host.clock.wallMs() - removed.wallMs) > keepMs;
  }

  #shorten(): void {
    for (const entry of this.#kept.values()) {
      if (this.#kept.size <= keptMax) return;
      void this.#forgetSoon(entry);
    }
  }

  /** That something cannot be removed is only told: the next start tries again. */
  #forgetSoon(entry: TorrentEntry): Promise<void> {
    this.#kept.delete(entry.infoHash);
    const done = this.#forget(entry)
      .catch((error: unknown) => {
        this.#host.warn(`what is known of ${entry.summary.name} could not be removed: ${messageOf(error)}`);
      })
      .finally(() => this.#forgetting.delete(entry.infoHash));
    this.#forgetting.set(entry.infoHash, done);
    return done;
  }

  async #forget(entry: TorrentEntry): Promise<void> {
    const { records, store } = this.#host;
    if (records !== undefined) await forgetMove(records, entry.infoHash);
    await store.remove(entry);
    this.#host.forgotten(entry.infoHash);
  }

  /** On the disk it is on the list again when this resolves. */
  async #revive(kept: TorrentEntry): Promise<TorrentOptions> {
    const { store } = this.#host;
    const entry: TorrentEntry = { ...kept, removal: null, removed: undefined };
    await store.loadMetainfo(entry.infoHash);
    const record = await store.loadRecord(entry);
    await store.saveEntry(entry);
    return { entry, record, mustCheck: false, expectsFiles: record !== undefined && !record.have.isEmpty };
  }
}

function removedWallMsOf({ removed }: TorrentEntry): number {
  return removed?.wallMs ?? 0;
}
