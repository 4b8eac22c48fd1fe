/** What a key asks of the engine for one torrent or several: pure. */

import type { Command, TorrentRow } from "../control/protocol.ts";
import { plural } from "./format/numbers.ts";

export interface TorrentCommands {
  readonly commands: readonly Command[];
  /** Said when all is done; "" where the screen shows it anyway. */
  readonly done: string;
}

export type TorrentKey = "pauseResume" | "reannounce" | "recheck";

/** Several are paused unless all stand still already; then they are resumed. */
export function torrentCommands(key: TorrentKey, rows: readonly TorrentRow[]): TorrentCommands {
  const isStill = (row: TorrentRow): boolean => row.state === "paused" || row.state === "failed";
  const [first] = rows;
  const what = rows.length === 1 ? (first?.name ?? "") : `${rows.length} torrents`;
  if (key === "pauseResume") {
    const name = rows.every(isStill) ? "resume" : "pause";
    const commands = rows
      .filter((row) => name === "resume" || !isStill(row))
      .map(({ infoHash }): Command => ({ name, infoHash }));
    return { commands, done: rows.length === 1 ? "" : `${name}d ${plural(commands.length, "torrent")}` };
  }
  const done = key === "reannounce" ? "asking the trackers" : "checking the data on the disk";
  return { commands: rows.map(({ infoHash }): Command => ({ name: key, infoHash })), done: `${done}: ${what}` };
}
