/** Removes a torrent's files, wherever they are. */
import { codeOf } from "../../base/errors.ts";
import type { Removal } from "../profile/torrent-entry.ts";
import type { Torrent } from "../torrent.ts";
import type { TorrentServices } from "../torrent-services.ts";

/**
 * Removes what is to be removed, and what the profile knows of the torrent.
 * @param stay is called where the files cannot go to the trash. @returns where they are in it, "" where none are.
 * @throws OperationalError.
 */
export async function removeFilesOf(
  torrent: Torrent,
  removal: Removal,
  { makeStorage, store }: TorrentServices,
  stay: () => Promise<unknown>,
): Promise<string> {
  let inTrash = "";
  if (removal !== "torrent") {
    await torrent.settleMove();
    try {
      inTrash = await makeStorage(await torrent.loadMetainfo(), torrent.savePath).removeFiles(
        removal === "trash" ? "trash" : "delete",
      );
    } catch (error) {
      if (codeOf(error) === "no-trash") await stay();
      // The .torrent file goes after the files that it names: a removal that was cut short had come so far.
      if (codeOf(error) !== "no-metainfo") throw error;
    }
  }
  await torrent.mover.forget();
  await store.remove(torrent.entry);
  return inTrash;
}
