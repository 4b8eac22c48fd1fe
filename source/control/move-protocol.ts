/** Where a torrent's files are, and what they are called there. A part of the protocol. */
import type { InfoHash } from "../base/ids.ts";

/**
 * Answered with a MoveReport: with `isDryRun` of what would be done, else when it is done, which may take hours; meanwhile the
 * torrent is `moving`. With an error all files are where they were. Errors: `conflict` (something is in the way, and is not
 * touched), `disk-full`, `data-missing`, `held`, `busy`, `bad-path`, `no-profile`, `cancelled`, what the disk says; or
 * `unfinished`: the disk let it be neither done nor undone, and the torrent waits until it does.
 */
export type MoveCommand =
  /** @param savePath absolute; made if need be. */
  | {
      readonly name: "move";
      readonly infoHash: InfoHash;
      readonly savePath: string;
      readonly isDryRun: boolean;
    }
  /**
   * `path`: of a file or folder of the torrent as it is now, "" for its root. Further errors: `bad-name`, `name-taken`,
   * `unknown-file`, `too-many-names`.
   */
  | { readonly name: "rename"; readonly infoHash: InfoHash; readonly path: string; readonly to: string };

export interface MoveReport {
  /** Files renamed, copied to another file system, and not on the disk yet. */
  readonly renamed: number;
  readonly copied: number;
  readonly absent: number;
  /** Of those copied. */
  readonly copyBytes: number;
  /** Where they go to. */
  readonly freeBytes: number;
  readonly fits: boolean;
  /** Files that cannot go; of these, the first ones say why. */
  readonly conflicts: number;
  readonly reasons: readonly string[];
}

export function isMoveReport(result: object | null): result is MoveReport {
  return result !== null && "conflicts" in result;
}
