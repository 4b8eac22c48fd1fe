/** How much room there is where a torrent is to be saved, and whether a download may begin there. */
import { codeOf, OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { formatSize } from "../../base/units.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { DiskSpace } from "./disk-forecast.ts";

/** With less room than this (or than it needs) a download is not begun: what little is left is for records. */
const roomMin = 16 * 1024 * 1024;

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

/** @param left bytes still to be written. @throws OperationalError `disk-full`. */
export async function assertRoom(files: FileSystem, savePath: string, left: number): Promise<void> {
  const free = await freeSpaceAt(files, savePath);
  if (free >= Math.min(left, roomMin)) return;
  throw new OperationalError(
    "disk-full",
    `${sanitise(savePath)} has ${formatSize(free)} free, and ${formatSize(left)} are still to come`,
  );
}
