/**
 * Sees when missing files may be back, by looking at the folders that torrents are saved in: one look serves all torrents of
 * a drive that is away. A drive that is mounted, and a file or folder put back, change the folder they are in; for what does
 * not show there, a few torrents of each folder look for themselves each time, all in turn.
 */
import type { Clock } from "../../ports/clock.ts";
import type { FileSystem } from "../../ports/file-system.ts";

/** Between two looks at a folder. */
const lookMs = 10_000;
/** Torrents that may look for themselves in that time. */
const probesMax = 8;
/** Folders remembered; one that is forgotten is looked at anew. */
const foldersMax = 10_000;

interface Folder {
  lookedMs: number;
  /** Identity and time of change, "" while it is not there. */
  seen: Promise<string>;
  /** How many have asked since, and had asked after the look before. */
  asked: number;
  readonly askedBefore: number;
  /** Of those who ask, in their order, the first that may look for itself. */
  readonly probesFrom: number;
}

export class AbsenceWatch {
  readonly #clock: Clock;
  readonly #files: FileSystem;
  readonly #folders = new Map<string, Folder>();

  constructor(clock: Clock, files: FileSystem) {
    this.#clock = clock;
    this.#files = files;
  }

  /**
   * Whether it is worth looking for a torrent's files.
   * @param before what this told when they were last looked for. @returns what to give the next time, and whether.
   */
  async look(
    savePath: string,
    before: string | undefined,
  ): Promise<{ readonly seen: string; readonly isWorth: boolean }> {
    const folder = this.#folderOf(savePath);
    const place = folder.asked++;
    const seen = await folder.seen;
    const count = Math.max(folder.askedBefore, place + 1);
    const isItsTurn = (place - folder.probesFrom + count) % count < probesMax;
    return { seen, isWorth: seen !== "" && (seen !== before || isItsTurn) };
  }

  #folderOf(path: string): Folder {
    const now = this.#clock.nowMs();
    const known = this.#folders.get(path);
    if (known !== undefined && now - known.lookedMs < lookMs) return known;
    if (this.#folders.size >= foldersMax) this.#folders.clear();
    const askedBefore = known?.asked ?? 0;
    const probesFrom = known === undefined ? 0 : (known.probesFrom + probesMax) % Math.max(1, askedBefore);
    const folder = { lookedMs: now, seen: this.#see(path), asked: 0, askedBefore, probesFrom };
    this.#folders.set(path, folder);
    return folder;
  }

  async #see(path: string): Promise<string> {
    try {
      const stat = await this.#files.stat(await this.#files.realPath(path));
      return stat === undefined ? "" : `${stat.identity} ${stat.modifiedMs}`;
    } catch {
      return "";
    }
  }
}
