/**
 * Asks in the background how much is free where downloads go, and forecasts (disk-forecast.ts). While somebody looks, also
 * where everything else is: else a disk that sleeps is let sleep.
 */
import type { Clock } from "../../ports/clock.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { Torrent } from "../torrent.ts";
import { type DiskForecast, type DiskLoad, type DiskSpace, forecastDisks } from "./disk-forecast.ts";
import { diskAt, roomNeeded } from "./disk-room.ts";

const askMs = 30_000;
/** Forecasts follow the rates of the downloads between two answers. */
const forecastMs = 2000;
/** Who has not looked for so long is gone. */
const lookMs = 30_000;
/** More folders than this are on few disks, as a rule. */
const foldersMax = 32;

/** One disk that torrents are on. */
export interface DiskView {
  /** One of those on it: the default one, where that is there. */
  readonly folder: string;
  readonly freeBytes: number;
  /** What downloads to it still need. */
  readonly leftBytes: number;
}

export class DiskWatch {
  readonly #ports: { readonly clock: Clock; readonly files: FileSystem };
  readonly #spaces = new Map<string, DiskSpace>();
  /** Whether it answered or not. */
  readonly #asked = new Set<string>();
  /** Being asked about: a drive that does not answer is not asked again. */
  readonly #asking = new Set<string>();
  /** Room that downloads need on disks that seem too small for them, where their files may hold some of it already. */
  readonly #needed = new WeakMap<Torrent, number>();
  readonly #askingNeeds = new WeakSet<Torrent>();
  #forecasts: ReadonlyMap<string, DiskForecast> = new Map();
  #askedMs = Number.NEGATIVE_INFINITY;
  #forecastMs = Number.NEGATIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** The same list while nothing changes. */
  #disks: readonly DiskView[] = [];

  constructor(ports: { readonly clock: Clock; readonly files: FileSystem }) {
    this.#ports = ports;
  }

  /** Of the disk that a folder is on; `undefined` where nothing is downloaded to it, or it has not answered yet. */
  forecastOf(folder: string): DiskForecast | undefined {
    return this.#forecasts.get(folder);
  }

  get forecasts(): Iterable<DiskForecast> {
    return this.#forecasts.values();
  }

  /** The disks in use, as far as they have answered; those of torrents that rest after the next tick only. */
  look(): readonly DiskView[] {
    this.#lookedMs = this.#ports.clock.nowMs();
    return this.#disks;
  }

  /** About once a second. @param defaultFolder where new torrents go. */
  tick(torrents: Iterable<Torrent>, defaultFolder?: string): void {
    const now = this.#ports.clock.nowMs();
    if (now - this.#forecastMs < forecastMs) return;
    this.#forecastMs = now;
    const loads: (DiskLoad & { readonly torrent: Torrent })[] = [];
    const isLooked = now - this.#lookedMs < lookMs;
    const seen = new Set(isLooked && defaultFolder !== undefined ? [defaultFolder] : []);
    for (const torrent of torrents) {
      const { savePath } = torrent;
      if (isLooked && seen.size < foldersMax) seen.add(savePath);
      if (torrent.state !== "downloading") continue;
      const { leftLength, swarm } = torrent;
      loads.push({ torrent, folder: savePath, left: leftLength, rate: swarm?.down.rate(now) ?? 0 });
    }
    const folders = new Set([...seen, ...loads.map(({ folder }) => folder)]);
    for (const folder of this.#asked) if (!folders.has(folder)) this.#forget(folder);
    const isDue = now - this.#askedMs >= askMs;
    if (isDue) this.#askedMs = now;
    for (const folder of folders) if (isDue || !this.#asked.has(folder)) this.#ask(folder);
    const atMost = forecastDisks(loads, this.#spaces);
    const loadsOfNeed = loads.map(({ torrent, ...load }) => {
      if ((atMost.get(load.folder)?.missingBytes ?? 0) === 0) return load;
      if (isDue || !this.#needed.has(torrent)) this.#askNeeded(torrent);
      return { ...load, left: Math.min(load.left, this.#needed.get(torrent) ?? load.left) };
    });
    this.#forecasts = forecastDisks(loadsOfNeed, this.#spaces);
    this.#view(folders);
  }

  #view(folders: Iterable<string>): void {
    const disks = new Map<string, DiskView>();
    for (const folder of folders) {
      const space = this.#spaces.get(folder);
      const known = space === undefined ? undefined : disks.get(space.disk);
      if (space === undefined) continue;
      const leftBytes = this.#forecasts.get(folder)?.leftBytes ?? known?.leftBytes ?? 0;
      disks.set(space.disk, { folder: known?.folder ?? folder, freeBytes: space.freeBytes, leftBytes });
    }
    const next = [...disks.values()];
    if (JSON.stringify(next) !== JSON.stringify(this.#disks)) this.#disks = next;
  }

  #forget(folder: string): void {
    this.#asked.delete(folder);
    this.#spaces.delete(folder);
  }

  #askNeeded(torrent: Torrent): void {
    const { savePath, metainfo, swarm } = torrent;
    if (metainfo === undefined || swarm === undefined || this.#askingNeeds.has(torrent)) return;
    this.#askingNeeds.add(torrent);
    roomNeeded(this.#ports.files, { savePath, metainfo, missing: swarm.needed })
      .then(
        (needed) => this.#needed.set(torrent, needed),
        () => this.#needed.delete(torrent),
      )
      .finally(() => this.#askingNeeds.delete(torrent));
  }

  #ask(folder: string): void {
    this.#asked.add(folder);
    if (this.#asking.has(folder)) return;
    this.#asking.add(folder);
    diskAt(this.#ports.files, folder)
      .then(
        (space) => this.#spaces.set(folder, space),
        // The download will say what is wrong.
        () => this.#spaces.delete(folder),
      )
      .finally(() => this.#asking.delete(folder));
  }
}
