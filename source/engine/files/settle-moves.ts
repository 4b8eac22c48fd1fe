/** Moves of files that were cut short are finished or undone when the session begins. */
import { messageOf } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { RecordPlace } from "../profile/profile-record.ts";
import type { Torrent } from "../torrent.ts";
import { unfinishedMoves } from "./move-records.ts";

/** Of torrents that do not begin by themselves; of others it is done before they begin. */
export async function settleMoves(
  records: RecordPlace | undefined,
  torrents: ReadonlyMap<InfoHash, Torrent>,
  warn: (message: string) => void,
): Promise<void> {
  for (const infoHash of await unfinishedMoves(records)) {
    const torrent = torrents.get(infoHash);
    if (torrent !== undefined) await settleMove(torrent, warn);
  }
}

export async function settleMove(torrent: Torrent, warn: (message: string) => void): Promise<void> {
  await torrent.settleMove().catch((error: unknown) => warn(`${torrent.name}: ${messageOf(error)}`));
}
