/** The torrent that a run belongs to, as the run sees it. */
import type { Bitfield } from "../../base/bitfield.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { Geometry } from "../../metainfo/geometry.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { TorrentChanges, TorrentChoices } from "../profile/torrent-choices.ts";
import type { TorrentSummary } from "../profile/torrent-entry.ts";
import type { TorrentRun } from "../torrent-run.ts";

export interface RunOwner {
  readonly infoHash: InfoHash;
  readonly summary: TorrentSummary;
  readonly geometry: Geometry;
  readonly savePath: string;
  readonly choices: TorrentChoices;
  /** What is verified. The run replaces it after the check, and the swarm adds to it. */
  have: Bitfield;
  /** Content bytes, over all runs. */
  downloadedBytes: number;
  uploadedBytes: number;
  wastedBytes: number;
  readonly verifiedLength: number;
  /** Whether it was taken up from an earlier run of the program that had verified pieces. */
  readonly expectsFiles: boolean;
  /** Whether an earlier run saw it complete, files finished and all. */
  readonly wasCompleted: boolean;
  loadMetainfo(): Promise<Metainfo>;
  /** Brings its files to one known place, if a move was cut short. @throws OperationalError `unfinished`. */
  settleMove(): Promise<void>;
  log(text: string): void;
  /** As the user would. */
  change(changes: TorrentChanges): Promise<void>;
  /** The check is over and `have` is true. */
  checked(run: TorrentRun): Promise<void>;
  /** It was complete in an earlier run, and its files are what they were. */
  foundComplete(): void;
  /** Its files are not what they were: a check begins. */
  foundChanged(): void;
  /** The run rests, and has closed its files. */
  rested(run: TorrentRun): Promise<void>;
  /** All that is wanted is verified and on the disk. `seconds`: since this run began to download; `undefined` if it was so before. */
  completed(run: TorrentRun, seconds: number | undefined): Promise<void>;
  /** More is wanted than there is, after all that was wanted had been there. */
  unfinished(run: TorrentRun): void;
  /** The run cannot go on; the owner ends it. */
  failed(run: TorrentRun, error: unknown): void;
}
