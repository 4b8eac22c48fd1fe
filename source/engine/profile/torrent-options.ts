/** What a torrent begins with when it is added, or taken up from an earlier run of the program. */
import type { TorrentEntry } from "./torrent-entry.ts";
import type { TorrentRecord } from "./torrent-store.ts";

export interface TorrentOptions {
  readonly entry: TorrentEntry;
  /** Hash what is there even where the record vouches for it. */
  readonly mustCheck: boolean;
  /** From an earlier run of the program. */
  readonly record: TorrentRecord | undefined;
  /** It was in the profile with data, and nobody has just asked for it: files that are gone are waited for. */
  readonly expectsFiles: boolean;
}
