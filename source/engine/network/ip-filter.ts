/**
 * The addresses that IP filter files block. Files are read in the background, and again when they have changed; as long as one
 * cannot be read, what it said last holds.
 *
 * Until each file was tried once, `isReady` is false, and nobody is to be let in or dialled: a filter that comes late is none.
 * A file that cannot be read then is reported, and does not hold up the rest.
 */
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import { IpRanges, IpRangesBuilder } from "../../base/ip-ranges.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { Gunzip } from "../../ports/gunzip.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";
import { inSlices } from "./in-slices.ts";
import { type FilterFileReport, readFilterFile } from "./ip-filter-file.ts";

export interface IpFilterPorts {
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly gunzip: Gunzip;
}

interface FilterFile {
  readonly path: string;
  ranges: IpRanges;
  /** What it looked like when it was last read, and when it was last looked at. */
  readMark: string | undefined;
  seenMark: string | undefined;
  /** Why it could not be read, "" where it could. */
  problem: string;
}

const lookMs = 10_000;
/** A file that has changed is read when it has stayed the same for so long. */
const quietMs = 1_000;
/** Of all files together: 16 MB of IPv4, 64 MB where all are IPv6. */
const rangesMax = 2_000_000;

export class IpFilter {
  readonly #ports: IpFilterPorts;
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<() => void>();
  #files: readonly FilterFile[] = [];
  #isReady = true;
  #timer: Timer | undefined;
  #isLooking = false;
  #mustLookAgain = false;
  #isClosed = false;

  /** @param warn is told what is wrong with a file, once. */
  constructor(ports: IpFilterPorts, warn: (message: string) => void) {
    this.#ports = ports;
    this.#warn = warn;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** In all files. */
  get rangeCount(): number {
    return this.#files.reduce((sum, { ranges }) => sum + ranges.count, 0);
  }

  has(address: string): boolean {
    return this.#files.some(({ ranges }) => ranges.has(address));
  }

  /** Told when other addresses may be blocked than before, and when it becomes ready. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Follows these files from now on. The first time, it is not ready before they were read. @param paths absolute. */
  use(paths: readonly string[]): void {
    const before = this.#files;
    if (paths.length === before.length && paths.every((path, i) => path === before[i]?.path)) return;
    this.#files = paths.map(
      (path) =>
        before.find((file) => file.path === path) ?? {
          path,
          ranges: IpRanges.none,
          readMark: undefined,
          seenMark: undefined,
          problem: "",
        },
    );
    if (before.length === 0 && this.#timer === undefined) this.#isReady = false;
    if (this.#files.length < before.length) this.#tell();
    void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  async #look(): Promise<void> {
    this.#mustLookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    let isQuiet = true;
    while (this.#mustLookAgain && !this.#isClosed) {
      this.#mustLookAgain = false;
      isQuiet = true;
      for (const file of this.#files) isQuiet = (await this.#lookAt(file)) && isQuiet;
    }
    this.#isLooking = false;
    if (this.#isClosed) return;
    if (!this.#isReady) {
      this.#isReady = true;
      this.#tell();
    }
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.after(isQuiet ? lookMs : quietMs, () => void this.#look());
  }

  /** @returns false where it is being written, and should be looked at again soon. */
  async #lookAt(file: FilterFile): Promise<boolean> {
    const { files } = this.#ports;
    let mark = "";
    try {
      const stat = await files.stat(await files.realPath(file.path));
      mark = stat === undefined ? "" : `${stat.identity} ${stat.length} ${stat.modifiedMs}`;
    } catch {
      // As if it were not there.
    }
    const wasSeen = mark === file.seenMark;
    file.seenMark = mark;
    if (mark === file.readMark) return true;
    if (file.readMark !== undefined && !wasSeen) return false;
    try {
      await this.#read(file);
      file.readMark = mark;
      file.problem = "";
    } catch (error) {
      // What the file says is the same the next time, what the disk says need not be.
      file.readMark = error instanceof OperationalError ? mark : "to be tried again";
      this.#problem(file, error);
    }
    return true;
  }

  async #read(file: FilterFile): Promise<void> {
    const builder = new IpRangesBuilder();
    const others = this.rangeCount - file.ranges.count;
    const report = await readFilterFile(this.#ports, file.path, builder, rangesMax - others);
    const ranges = await inSlices(this.#ports.clock, builder.build());
    if (this.#isClosed) return;
    file.ranges = ranges;
    this.#tell();
    if (report.badCount > 0) this.#warn(`the IP filter ${file.path}: ${badLinesText(report)}`);
  }

  #problem(file: FilterFile, error: unknown): void {
    const reason = codeOf(error) === "ENOENT" ? "it is not there" : messageOf(diskErrorOf(error, "read", "it"));
    if (reason === file.problem) return;
    file.problem = reason;
    const rest = file.ranges.count > 0 ? "what it said before holds" : "it blocks nobody";
    this.#warn(`the IP filter ${file.path} cannot be used: ${reason}; ${rest}`);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function badLinesText({ badCount, firstBadLine }: FilterFileReport): string {
  if (badCount === 1) return `line ${firstBadLine} cannot be understood`;
  return `${badCount} lines cannot be understood, the first is line ${firstBadLine}`;
}
