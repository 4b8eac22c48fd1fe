/** Removes a torrent's files, wherever they are. */
import { codeOf } from "../base/errors.ts";
import type { Torrent } from "./torrent.ts";
import type { TorrentServices } from "./torrent-services.ts";

/** @throws OperationalError. */
export async function removeFilesOf(torrent: Torrent, { makeStorage }: TorrentServices): Promise<void> {
  await torrent.settleMove();
  try {
    await makeStorage(await torrent.loadMetainfo(), torrent.savePath).removeFiles();
  } catch (error) {
    // The .torrent file goes after the files that it names: a removal that was cut short had come so far.
    if (codeOf(error) !== "no-metainfo") throw error;
  }
}
