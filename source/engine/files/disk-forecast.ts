/** Whether what is to be downloaded fits on the disks it goes to, and when one that is too small will be full. */

/** A download that is active. */
export interface DiskLoad {
  readonly folder: string;
  /** Bytes still to come. */
  readonly left: number;
  /** Bytes a second, lately. */
  readonly rate: number;
}

export interface DiskSpace {
  /** The same for all folders of one disk. */
  readonly disk: string;
  readonly freeBytes: number;
}

export interface DiskForecast {
  /** One of those on this disk. */
  readonly folder: string;
  readonly freeBytes: number;
  /** What all downloads of this disk still need. */
  readonly leftBytes: number;
  /** More than is free; 0: it fits. */
  readonly missingBytes: number;
  /** Until it is full; `null` where it will not be, or nothing comes just now. */
  readonly fullSeconds: number | null;
}

/** @returns by folder; without those whose disk is not known. Folders of one disk share a forecast. */
export function forecastDisks(
  loads: readonly DiskLoad[],
  spaces: ReadonlyMap<string, DiskSpace>,
): ReadonlyMap<string, DiskForecast> {
  const disks = new Map<string, { left: number; rate: number; readonly folders: Set<string>; freeBytes: number }>();
  for (const { folder, left, rate } of loads) {
    const space = spaces.get(folder);
    if (space === undefined) continue;
    const sum = disks.get(space.disk) ?? { left: 0, rate: 0, folders: new Set<string>(), freeBytes: space.freeBytes };
    sum.left += left;
    sum.rate += rate;
    sum.folders.add(folder);
    // Asked one after the other, the last answers may differ.
    sum.freeBytes = Math.min(sum.freeBytes, space.freeBytes);
    disks.set(space.disk, sum);
  }
  const forecasts = new Map<string, DiskForecast>();
  for (const { left, rate, folders, freeBytes } of disks.values()) {
    const [first = ""] = folders;
    const missingBytes = Math.max(0, left - freeBytes);
    const fullSeconds = missingBytes > 0 && rate > 0 ? freeBytes / rate : null;
    for (const folder of folders) {
      forecasts.set(folder, { folder: first, freeBytes, leftBytes: left, missingBytes, fullSeconds });
    }
  }
  return forecasts;
}

/** The one to worry about: the first to be full, else the one that lacks most; `undefined` where everything fits. */
export function worstOf(forecasts: Iterable<DiskForecast>): DiskForecast | undefined {
  let worst: DiskForecast | undefined;
  for (const forecast of forecasts) {
    if (forecast.missingBytes > 0 && (worst === undefined || isWorse(forecast, worst))) worst = forecast;
  }
  return worst;
}

function isWorse(one: DiskForecast, other: DiskForecast): boolean {
  const soon = (forecast: DiskForecast) => forecast.fullSeconds ?? Number.POSITIVE_INFINITY;
  return soon(one) === soon(other) ? one.missingBytes > other.missingBytes : soon(one) < soon(other);
}
