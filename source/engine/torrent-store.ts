/** Where torrents are remembered from one run of the program to the next. */
import { Bitfield } from "../base/bitfield.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";

export interface TorrentRecord {
  /** Verified pieces. */
  readonly have: Bitfield;
  readonly savePath: string;
  readonly isPaused: boolean;
  /** Content bytes over all runs. */
  readonly downloaded: number;
  readonly uploaded: number;
  readonly addedWallMs: number;
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

/** What a torrent has at its start: pieces that are known to be right, and those to be hashed. */
export interface ResumePlan {
  readonly trusted: Bitfield;
  readonly recheck: Bitfield;
}

export interface TorrentStore {
  /** All torrents of the profile. One that cannot be read is left out and reported. */
  loadAll(): Promise<readonly { readonly metainfo: Metainfo; readonly record: TorrentRecord }[]>;
  /** What is remembered of it in this place; `undefined` where there is nothing or it is damaged. */
  load(metainfo: Metainfo, savePath: string): Promise<TorrentRecord | undefined>;
  saveMetainfo(infoHash: InfoHash, bytes: Uint8Array): Promise<void>;
  /** At the start of a run and whenever pieces stopped being verified: what was remembered before is void. */
  begin(metainfo: Metainfo, record: SavedRecord): Promise<void>;
  save(metainfo: Metainfo, record: SavedRecord): Promise<void>;
  /** Its bytes are in the file: survives the end of the process, however it comes. */
  pieceVerified(infoHash: InfoHash, piece: PieceIndex): void;
  planResume(metainfo: Metainfo, savePath: string, fingerprint: readonly string[]): Promise<ResumePlan>;
  remove(infoHash: InfoHash, savePath: string): Promise<void>;
}

/** Remembers nothing: for swarms that end with the program. Whatever is there is hashed. */
export class ForgetfulStore implements TorrentStore {
  async loadAll(): Promise<readonly never[]> {
    return [];
  }
  async load(): Promise<undefined> {}
  async saveMetainfo(): Promise<void> {}
  async begin(): Promise<void> {}
  async save(): Promise<void> {}
  pieceVerified(): void {}
  async planResume(metainfo: Metainfo): Promise<ResumePlan> {
    return { trusted: new Bitfield(metainfo.pieceCount), recheck: Bitfield.full(metainfo.pieceCount) };
  }
  async remove(): Promise<void> {}
}
