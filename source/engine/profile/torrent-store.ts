/** Where torrents are remembered from one run of the program to the next. */
import { Bitfield } from "../../base/bitfield.ts";
import { OperationalError } from "../../base/errors.ts";
import type { InfoHash, PieceIndex } from "../../base/ids.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { TorrentEntry } from "./torrent-entry.ts";

/** What the engine knows of a torrent from earlier runs. */
export interface TorrentRecord {
  /** Verified pieces. */
  readonly have: Bitfield;
  /** Content bytes over all runs. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** As an active seed, and of these since the last upload. */
  readonly seedingSeconds: number;
  readonly idleSeconds: number;
  readonly completedWallMs: number | null;
}

export interface SavedRecord extends TorrentRecord {
  /** What the files look like (`Storage.fingerprint`). */
  readonly fingerprint: readonly string[];
  /** Files are closed: they do not change after this. */
  readonly isClean: boolean;
  /** All that `have` claims was put on the disk before this was written. */
  readonly isSynced: boolean;
}

/** How long a torrent has seeded. */
export interface SeededTime {
  readonly seconds: number;
  /** Of these, since somebody took something. */
  readonly idleSeconds: number;
}

export interface StoredTorrent {
  readonly entry: TorrentEntry;
  /** `undefined` where there is none or it is damaged: the files are then checked. */
  readonly record: TorrentRecord | undefined;
  /** Whether it had verified pieces, as far as that is known: where it had, its files are expected to be there. */
  readonly hadData: boolean;
}

/** What a torrent has at its start: pieces that are known to be right, and those to be hashed. */
export interface ResumePlan {
  readonly trusted: Bitfield;
  readonly recheck: Bitfield;
  /** `trusted` survives a loss of power. */
  readonly isSynced: boolean;
}

export interface TorrentStore {
  /**
   * All torrents of the profile, oldest first. One that is damaged is set aside, one that cannot be read now is left out; both
   * are reported. @throws OperationalError `profile-failed` where it cannot be told which there are.
   */
  loadAll(): Promise<readonly StoredTorrent[]>;
  /** What is remembered of it in this place; `undefined` where there is nothing or it is damaged. */
  loadRecord(entry: TorrentEntry): Promise<TorrentRecord | undefined>;
  /** @throws OperationalError `no-metainfo` where its .torrent file is gone, `bad-metainfo` where it is damaged. */
  loadMetainfo(infoHash: InfoHash): Promise<Metainfo>;
  saveMetainfo(metainfo: Metainfo, bytes: Uint8Array): Promise<void>;
  /** On the disk when it resolves. */
  saveEntry(entry: TorrentEntry): Promise<void>;
  /** At the start of a run and whenever pieces stopped being verified: what was remembered before is void. */
  begin(entry: TorrentEntry, record: SavedRecord): Promise<void>;
  save(entry: TorrentEntry, record: SavedRecord): Promise<void>;
  /** Of a torrent with a record, which else stays as it is. */
  saveTime(entry: TorrentEntry, time: SeededTime): Promise<void>;
  /** Its bytes are in the file: survives the end of the process, however it comes. */
  pieceVerified(infoHash: InfoHash, piece: PieceIndex): void;
  planResume(metainfo: Metainfo, savePath: string, fingerprint: readonly string[]): Promise<ResumePlan>;
  remove(entry: TorrentEntry): Promise<void>;
}

/** The .torrent files of a run that keeps none on the disk. */
export class MetainfoMemory {
  readonly #all = new Map<InfoHash, Metainfo>();

  /** @throws OperationalError `no-metainfo`. */
  load(infoHash: InfoHash): Metainfo {
    const metainfo = this.#all.get(infoHash);
    if (metainfo === undefined) throw new OperationalError("no-metainfo", "the .torrent file is not known any more");
    return metainfo;
  }

  save(metainfo: Metainfo): void {
    this.#all.set(metainfo.infoHash, metainfo);
  }

  remove(infoHash: InfoHash): void {
    this.#all.delete(infoHash);
  }
}

/** Remembers nothing beyond the program: for swarms that end with it. Whatever is there is hashed. */
export class ForgetfulStore implements TorrentStore {
  readonly #metainfos = new MetainfoMemory();

  async loadAll(): Promise<readonly StoredTorrent[]> {
    return [];
  }
  async loadRecord(_entry: TorrentEntry): Promise<TorrentRecord | undefined> {
    return undefined;
  }
  async loadMetainfo(infoHash: InfoHash): Promise<Metainfo> {
    return this.#metainfos.load(infoHash);
  }
  async saveMetainfo(metainfo: Metainfo): Promise<void> {
    this.#metainfos.save(metainfo);
  }
  async saveEntry(): Promise<void> {}
  async begin(): Promise<void> {}
  async save(): Promise<void> {}
  async saveTime(): Promise<void> {}
  pieceVerified(): void {}
  async planResume(metainfo: Metainfo): Promise<ResumePlan> {
    return { trusted: new Bitfield(metainfo.pieceCount), recheck: Bitfield.full(metainfo.pieceCount), isSynced: false };
  }
  async remove({ infoHash }: TorrentEntry): Promise<void> {
    this.#metainfos.remove(infoHash);
  }
}
