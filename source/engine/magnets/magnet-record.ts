/** What the profile remembers of magnet links. */
import { type Fields, fieldsOf, finiteOf, listOf, textOf, truthOf } from "../../base/json-fields.ts";
import type { RecordKind } from "../profile/profile-record.ts";
import type { TorrentChoices } from "../profile/torrent-choices.ts";
import { choicesOf } from "../profile/torrent-entry.ts";

export interface MagnetRecord {
  readonly link: string;
  readonly savePath: string;
  readonly startsPaused: boolean;
  readonly isPaused: boolean;
  readonly addedWallMs: number;
  readonly choices: TorrentChoices;
}

export const magnetRecordKind: RecordKind<readonly MagnetRecord[]> = {
  name: "magnets",
  what: "the list of magnet links",
  version: 1,
  lengthMax: 64 * 1024 * 1024,
  read: (value) => listOf(value).map((item) => recordOf(fieldsOf<MagnetRecord>(item))),
};

function recordOf(fields: Fields<MagnetRecord>): MagnetRecord {
  return {
    link: textOf(fields.link),
    savePath: textOf(fields.savePath),
    startsPaused: truthOf(fields.startsPaused),
    isPaused: truthOf(fields.isPaused),
    addedWallMs: finiteOf(fields.addedWallMs),
    // Which files are wanted follows from the link, when it is known what files there are.
    choices: choicesOf({ ...fieldsOf<TorrentChoices>(fields.choices), priorities: undefined }),
  };
}
