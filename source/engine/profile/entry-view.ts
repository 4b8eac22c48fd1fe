/** What a torrent's entry says, by its names. */
import type { InfoHash } from "../../base/ids.ts";
import type { TorrentChoices } from "./torrent-choices.ts";
import type { TorrentEntry, TorrentSummary } from "./torrent-entry.ts";

export abstract class EntryView {
  /** What the user decided, as it is in the profile. */
  abstract get entry(): TorrentEntry;

  get infoHash(): InfoHash {
    return this.entry.infoHash;
  }

  get name(): string {
    return this.entry.summary.name;
  }

  get summary(): TorrentSummary {
    return this.entry.summary;
  }

  get savePath(): string {
    return this.entry.savePath;
  }

  get choices(): TorrentChoices {
    return this.entry.choices;
  }
}
