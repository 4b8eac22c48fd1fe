/** What a torrent's row says, for all who show it. */
import { isSeen, sanitise } from "../base/sanitise.ts";
import type { TorrentRow } from "./rows.ts";

/** False of a magnet link whose metadata nobody gave yet: of its pieces and its length nothing is known. */
export function isKnown({ pieceCount }: Pick<TorrentRow, "pieceCount">): boolean {
  return pieceCount > 0;
}

/** Whether all that is wanted of it is there. */
export function isComplete(row: Pick<TorrentRow, "pieceCount" | "leftLength">): boolean {
  return isKnown(row) && row.leftLength === 0;
}

/** Enough digits to name it by, among a person's torrents. */
export function shortHash({ infoHash }: Pick<TorrentRow, "infoHash">): string {
  return infoHash.slice(0, 8);
}

/**
 * What a torrent is called where people read it: its name, safe to print, or where nothing of that can be seen, the first
 * digits of its info hash.
 * @param lengthMax see `sanitise`.
 */
export function shownName(torrent: Pick<TorrentRow, "infoHash" | "name">, lengthMax?: number): string {
  return (isSeen(torrent.name) && sanitise(torrent.name, lengthMax).trim()) || shortHash(torrent);
}
