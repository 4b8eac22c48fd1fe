/** The records of moves that are under way or were cut short: `INFOHASH.move` in the profile (storage/relocation-record.ts). */
import { messageOf } from "../../base/errors.ts";
import { type InfoHash, infoHashFromHex } from "../../base/ids.ts";
import { forgetRelocation, type RelocationPlace } from "../../storage/relocation.ts";
import type { RecordPlace } from "../profile/profile-record.ts";

export function moveRecordOf({ files, folder, writeFileAtomic }: RecordPlace, infoHash: InfoHash): RelocationPlace {
  const place = { files, recordPath: `${folder}/${infoHash}.move` };
  return writeFileAtomic === undefined ? place : { ...place, writeFileAtomic };
}

/** The torrent is gone: nothing is to be finished any more. */
export async function forgetMove(records: RecordPlace, infoHash: InfoHash): Promise<void> {
  const place = moveRecordOf(records, infoHash);
  if ((await place.files.stat(place.recordPath)) !== undefined) await forgetRelocation(place);
}

/** Whose moves were cut short; nobody's where there are no records. What a killed write of a record left is removed. */
export async function unfinishedMoves(records: RecordPlace | undefined): Promise<readonly InfoHash[]> {
  const found: InfoHash[] = [];
  if (records === undefined) return found;
  const { files, folder, warn } = records;
  try {
    if ((await files.stat(folder)) === undefined) return found;
    for (const name of await files.list(folder)) {
      const [, infoHash] = /^([0-9a-f]{40})\.move$/.exec(name) ?? [];
      if (infoHash !== undefined) found.push(infoHashFromHex(infoHash));
      if (/^\.[0-9a-f]{40}\.move\..+\.tmp$/.test(name)) await files.removeFile(`${folder}/${name}`);
    }
  } catch (error) {
    warn(`moves that were cut short cannot be looked for: ${messageOf(error)}`);
  }
  return found;
}
