/** What a torrent's row says, for all who show it. */
import type { TorrentRow } from "./rows.ts";

/** False of a magnet link whose metadata nobody gave yet: of its pieces and its length nothing is known. */
export function isKnown({ pieceCount }: Pick<TorrentRow, "pieceCount">): boolean {
  return pieceCount > 0;
}

/** Whether all that is wanted of it is there. */
export function isComplete(row: Pick<TorrentRow, "pieceCount" | "leftLength">): boolean {
  return isKnown(row) && row.leftLength === 0;
}
