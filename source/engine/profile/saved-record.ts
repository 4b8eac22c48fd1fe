/** What is remembered of a torrent, as it is now. */
import { missingFingerprint } from "../../storage/file-care.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Torrent } from "../torrent.ts";
import type { SavedRecord } from "./torrent-store.ts";
import type { UnsyncedPieces } from "./unsynced-pieces.ts";

/**
 * @param isClean the files are closed: what they look like now is what the record vouches for.
 * @param unsynced of its run, where it has one. Where they are lost, the record vouches for nothing: all is hashed.
 * @throws OperationalError what the disk of its files says.
 */
export async function savedRecordOf(
  torrent: Torrent,
  storage: Storage,
  isClean: boolean,
  unsynced?: UnsyncedPieces,
): Promise<SavedRecord> {
  // Before the fingerprints, and only what is on the disk: then the record never claims too much.
  const have = torrent.have.clone();
  const mustSync = !isClean && (torrent.state === "downloading" || unsynced?.isEmpty === false);
  if (mustSync) await (unsynced?.settle(() => storage.sync()) ?? storage.sync());
  const fingerprint = await storage.fingerprint();
  return {
    have,
    isClean,
    isSynced: !isClean || (unsynced?.isEmpty ?? true),
    fingerprint: unsynced?.isLost === true ? fingerprint.map(() => missingFingerprint) : fingerprint,
    downloaded: torrent.downloadedBytes,
    uploaded: torrent.uploadedBytes,
    seedingSeconds: torrent.seedingTime.seconds,
    idleSeconds: torrent.seedingTime.idleSeconds,
    completedWallMs: torrent.completedWallMs,
  };
}
