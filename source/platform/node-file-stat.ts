/** What the system says of a file, as the engine sees it. */
import type { BigIntStats } from "node:fs";
import type { FileStat } from "../ports/file-system.ts";

/** What the system counts a file's room in, whatever its file system's blocks are. */
const statBlockLength = 512;

/** @param stats with 64-bit integers: an inode may be above 2^53. */
export function fileStatOf(stats: BigIntStats): FileStat {
  return {
    kind: stats.isFile() ? "file" : stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "other",
    length: Number(stats.size),
    allocatedBytes: Number(stats.blocks) * statBlockLength,
    modifiedMs: Number(stats.mtimeNs) / 1e6,
    identity: `${stats.dev}:${stats.ino}`,
  };
}
