/** What was removed and can come back. A part of the protocol. */
import type { InfoHash } from "../base/ids.ts";

export type RemovalCommand =
  /** Of the files: without them going (`keep`) the torrent is kept for ten minutes, to be restored. Errors: `no-trash`. */
  | { readonly name: "remove"; readonly infoHash: InfoHash; readonly data: DataFate }
  /**
   * They come back as they were: place, choices, totals, what is verified. Errors: `unknown-torrent` where one is not kept
   * any more; the others are back.
   */
  | { readonly name: "restore"; readonly infoHashes: readonly InfoHash[] }
  /** Answered with a RemovedReport. */
  | { readonly name: "removed" };

/** Of the files of a torrent that is removed. */
export type DataFate = "keep" | "delete" | "trash";

export interface RemovedRow {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly savePath: string;
  readonly totalLength: number;
  readonly removedWallMs: number;
}

export interface RemovedReport {
  /** Those removed last come first. */
  readonly removed: readonly RemovedRow[];
}

export function isRemovedReport(result: object | null): result is RemovedReport {
  return result !== null && "removed" in result;
}
