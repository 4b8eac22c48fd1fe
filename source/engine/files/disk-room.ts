/** How much room there is where a torrent is to be saved, and whether a download may begin there. */
import type { Bitfield } from "../../base/bitfield.ts";
import { codeOf, OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { formatSize } from "../../base/units.ts";
import type { Metainfo, MetainfoFile } from "../../metainfo/metainfo.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { DiskSpace } from "./disk-forecast.ts";

/** With less room than this (or than it needs) a download is not begun: what little is left is for records. */
const roomMin = 16 * 1024 * 1024;
/** Files looked at at once. */
const concurrentStatsMax = 16;

/** The disk that `path` is on, or will be on when it is made. Throws the system's error. */
export async function diskAt(files: FileSystem, path: string): Promise<DiskSpace> {
  for (let folder = path; ; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    try {
      const stat = await files.stat(await files.realPath(folder === "" ? "/" : folder));
      // The inode is behind the device.
      if (stat !== undefined) {
        const [disk = ""] = stat.identity.split(":");
        return { disk, freeBytes: await files.freeSpace(folder === "" ? "/" : folder) };
      }
    } catch (error) {
      if (folder === "" || codeOf(error) !== "ENOENT") throw error;
    }
  }
}

/** Bytes free to us at `path`, or where it will be made. Throws the system's error. */
export async function freeSpaceAt(files: FileSystem, path: string): Promise<number> {
  for (let folder = path; ; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    try {
      return await files.freeSpace(folder === "" ? "/" : folder);
    } catch (error) {
      if (folder === "" || codeOf(error) !== "ENOENT") throw error;
    }
  }
}

/** What is still to be written of a torrent, and where its files are. */
export interface MissingContent {
  readonly savePath: string;
  readonly metainfo: Pick<Metainfo, "files" | "pieceLength">;
  /** Its pieces. */
  readonly missing: Bitfield;
}

/**
 * Bytes of the disk that what is missing takes, at most, when it comes: of each file no more than the file does not hold
 * yet. A piece that is damaged, or whose space was taken in advance, takes none. Throws the system's error.
 */
export async function roomNeeded(files: Pick<FileSystem, "stat">, content: MissingContent): Promise<number> {
  const { savePath, metainfo } = content;
  // Counted in this turn: what is missing may become less meanwhile.
  const unfinished = metainfo.files
    .map((file) => ({ file, left: file.isPadding ? 0 : missingBytesIn(content, file) }))
    .filter(({ left }) => left > 0);
  let sum = 0;
  for (let at = 0; at < unfinished.length; at += concurrentStatsMax) {
    const some = unfinished.slice(at, at + concurrentStatsMax).map(async ({ file: { path, length }, left }) => {
      const stat = await files.stat([savePath === "/" ? "" : savePath, ...path].join("/"));
      if (stat?.kind !== "file") return left;
      const held = stat.allocatedBytes - Math.max(0, stat.length - length);
      return Math.max(0, Math.min(left, length - held));
    });
    for (const needed of await Promise.all(some)) sum += needed;
  }
  return sum;
}

function missingBytesIn({ metainfo, missing }: MissingContent, file: Pick<MetainfoFile, "offset" | "length">): number {
  const { pieceLength } = metainfo;
  const end = file.offset + file.length;
  let sum = 0;
  for (let piece = Math.floor(file.offset / pieceLength); piece * pieceLength < end; piece++) {
    if (!missing.has(piece)) continue;
    sum += Math.min(end, (piece + 1) * pieceLength) - Math.max(file.offset, piece * pieceLength);
  }
  return sum;
}

/** @param left bytes still to be written. @throws OperationalError `disk-full`. */
export async function assertRoom(files: FileSystem, content: MissingContent, left: number): Promise<void> {
  const { savePath } = content;
  const free = await freeSpaceAt(files, savePath);
  if (free >= Math.min(left, roomMin)) return;
  const needed = await roomNeeded(files, content);
  if (free >= Math.min(needed, roomMin)) return;
  throw new OperationalError(
    "disk-full",
    `${sanitise(savePath)} has ${formatSize(free)} free, and ${formatSize(needed)} are still to come`,
  );
}
