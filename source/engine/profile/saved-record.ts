/** What is remembered of a torrent, as it is now. */
import type { Storage } from "../../storage/storage.ts";
import type { Torrent } from "../torrent.ts";
import type { SavedRecord } from "./torrent-store.ts";

/**
 * @param isClean the files are closed: what they look like now is what the record vouches for.
 * @param isSynced what was verified is on the disk, and not only with the system.
 */
export async function savedRecordOf(
  torrent: Torrent,
  storage: Storage,
  isClean: boolean,
  isSynced = true,
): Promise<SavedRecord> {
  // Before the fingerprints, and only what is on the disk: then the record never claims too much.
  const have = torrent.have.clone();
  if (!isClean && torrent.state === "downloading") await storage.sync();
  return {
    have,
    isClean,
    isSynced,
    fingerprint: await storage.fingerprint(),
    downloaded: torrent.downloadedBytes,
    uploaded: torrent.uploadedBytes,
    seedingSeconds: torrent.seedingTime.seconds,
    idleSeconds: torrent.seedingTime.idleSeconds,
    completedWallMs: torrent.completedWallMs,
  };
}
