/** Asks in the background how much is free where downloads go, and forecasts (disk-forecast.ts). */
import type { Clock } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { type DiskForecast, type DiskLoad, type DiskSpace, forecastDisks } from "./disk-forecast.ts";
import { diskAt } from "./disk-room.ts";
import type { Torrent } from "./torrent.ts";

const askMs = 30_000;
/** Forecasts follow the rates of the downloads between two answers. */
const forecastMs = 2000;

export class DiskWatch {
  readonly #ports: { readonly clock: Clock; readonly files: FileSystem };
  readonly #spaces = new Map<string, DiskSpace>();
  /** Whether it answered or not. */
  readonly #asked = new Set<string>();
  /** Being asked about: a drive that does not answer is not asked again. */
  readonly #asking = new Set<string>();
  #forecasts: ReadonlyMap<string, DiskForecast> = new Map();
  #askedMs = Number.NEGATIVE_INFINITY;
  #forecastMs = Number.NEGATIVE_INFINITY;

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

  /** About once a second. */
  tick(torrents: Iterable<Torrent>): void {
    const now = this.#ports.clock.nowMs();
    if (now - this.#forecastMs < forecastMs) return;
    this.#forecastMs = now;
    const loads: DiskLoad[] = [];
    for (const torrent of torrents) {
      if (torrent.state !== "downloading") continue;
      const { savePath, leftLength, swarm } = torrent;
      loads.push({ folder: savePath, left: leftLength, rate: swarm?.down.rate(now) ?? 0 });
    }
    const folders = new Set(loads.map(({ folder }) => folder));
    for (const folder of this.#asked) if (!folders.has(folder)) this.#forget(folder);
    const isDue = now - this.#askedMs >= askMs;
    if (isDue) this.#askedMs = now;
    for (const folder of folders) if (isDue || !this.#asked.has(folder)) this.#ask(folder);
    this.#forecasts = forecastDisks(loads, this.#spaces);
  }

  #forget(folder: string): void {
    this.#asked.delete(folder);
    this.#spaces.delete(folder);
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
