/**
 * The events of `--json`: one object a line on standard output, nothing else there. Names, units and meanings are a
 * promise to scripts: fields may be added, never changed. Lengths are bytes, rates bytes per second; `null` means
 * "not known".
 */
import type { InfoHash } from "../base/ids.ts";
import type { TorrentRow, TorrentState } from "../control/protocol.ts";

export type JsonEvent =
  /** The port on which neighbours (or, for `track`, announces) are awaited. */
  | { readonly event: "listening"; readonly address: string; readonly port: number }
  | {
      readonly event: "added";
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly totalBytes: number;
      readonly directory: string;
    }
  /** What was there already has been hashed (or its resume record believed). */
  | { readonly event: "checked"; readonly infoHash: InfoHash; readonly bytes: number; readonly totalBytes: number }
  /** Once a second for each torrent, except one that seeds and has not changed. */
  | {
      readonly event: "progress";
      readonly infoHash: InfoHash;
      readonly state: TorrentState;
      /** Verified. */
      readonly bytes: number;
      readonly totalBytes: number;
      readonly downRate: number;
      readonly upRate: number;
      readonly downloaded: number;
      readonly uploaded: number;
      readonly wasted: number;
      readonly neighbours: number;
      readonly seeds: number;
      readonly etaSeconds: number | null;
      /** 0 … 1 while `state` is `checking`. */
      readonly checkedFraction: number | null;
      /** In words, what it waits for; usually "". */
      readonly reason: string;
    }
  /** All of it verified and on the disk. `seconds` of downloading in this run, 0 where all was there. */
  | { readonly event: "complete"; readonly infoHash: InfoHash; readonly bytes: number; readonly seconds: number }
  /** Complete and serving. */
  | { readonly event: "seeding"; readonly infoHash: InfoHash }
  /** This torrent stopped; the others go on. */
  | { readonly event: "failed"; readonly infoHash: InfoHash; readonly code: string; readonly message: string }
  | { readonly event: "warning"; readonly message: string }
  /** The command failed: the last line. */
  | { readonly event: "error"; readonly code: string; readonly message: string }
  /** `create` is done. */
  | {
      readonly event: "created";
      readonly file: string;
      readonly infoHash: InfoHash;
      readonly totalBytes: number;
      readonly magnet: string;
    }
  /** `verify`, for each file. */
  | { readonly event: "file"; readonly path: string; readonly totalBytes: number; readonly bytes: number }
  /** `track`, once a minute while something changes. */
  | {
      readonly event: "tracking";
      readonly torrents: number;
      readonly peers: number;
      readonly seeds: number;
      readonly announces: number;
    }
  /** Everything is stopped in good order after a signal: the last line. */
  | { readonly event: "stopped" };

export function eventLine(event: JsonEvent): string {
  return `${JSON.stringify(event)}\n`;
}

export function progressEvent(row: TorrentRow): JsonEvent {
  return {
    event: "progress",
    infoHash: row.infoHash,
    state: row.state,
    bytes: row.verifiedLength,
    totalBytes: row.totalLength,
    downRate: Math.round(row.downRate),
    upRate: Math.round(row.upRate),
    downloaded: row.downloaded,
    uploaded: row.uploaded,
    wasted: row.wasted,
    neighbours: row.neighbours,
    seeds: row.neighbourSeeds,
    etaSeconds: row.etaSeconds === null ? null : Math.round(row.etaSeconds),
    checkedFraction: row.checkedFraction,
    reason: row.reason,
  };
}
