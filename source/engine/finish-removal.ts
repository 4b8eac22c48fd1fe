/** A torrent was being removed with its data when the program ended: what is left of both goes. */
import { messageOf, OperationalError } from "../base/errors.ts";
import type { Removal, TorrentEntry } from "./profile/torrent-entry.ts";
import { Torrent } from "./torrent.ts";
import type { TorrentServices } from "./torrent-services.ts";

/** @throws OperationalError: the next start tries it again. */
export async function finishRemoval(services: TorrentServices, still: TorrentEntry, removal: Removal): Promise<void> {
  const entry = { ...still, isPaused: true };
  const torrent = new Torrent(services, { entry, record: undefined, mustCheck: false, expectsFiles: false });
  try {
    await torrent.remove(removal);
  } catch (error) {
    throw new OperationalError("removal", `${torrent.name} could not be removed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
