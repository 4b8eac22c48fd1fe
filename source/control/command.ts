/** What can be asked of the engine, and what it answers. Part of the protocol; see `protocol.ts` for units. */
import type { InfoHash } from "../base/ids.ts";
import type { BanCommand, BansReport } from "./bans-protocol.ts";
import type { DhtCommand, DhtReport, DhtScrape } from "./dht-protocol.ts";
import type { MoveCommand, MoveReport } from "./move-protocol.ts";
import type { RemovalCommand, RemovedReport } from "./removal-protocol.ts";
import type { FilePriority } from "./rows.ts";
import type { SettingChange, SettingsReport } from "./settings-protocol.ts";

export type { DataFate } from "./removal-protocol.ts";

/** What the user has decided about one torrent, but for the priorities of its files. */
export interface ShownChoices {
  readonly labels: readonly string[];
  readonly isSequential: boolean;
  /** Super-seeding (BEP 16): it shows each neighbour one piece at a time, until others have all of it twice. */
  readonly isSuperSeed: boolean;
  /** 0: none but the limits for all. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Upload slots (0: by the upload rate) and neighbours at most; `null` as for all. */
  readonly slots: number | null;
  readonly connections: number | null;
  /** Active whatever the queue says. */
  readonly isForced: boolean;
  /** Seeding goals: `null` as for all, 0 none. */
  readonly ratioGoal: number | null;
  readonly seedMinutesGoal: number | null;
  readonly idleMinutesGoal: number | null;
}

/** What is named is changed, the rest stays. */
export type TorrentChanges = Partial<ShownChoices> & {
  readonly priorities?: readonly { readonly file: number; readonly priority: FilePriority }[];
};

export type Command =
  | {
      readonly name: "add";
      /** The .torrent file, base64. */
      readonly metainfo: string;
      /** Absolute. */
      readonly savePath: string;
      /** Default: as the settings have it. */
      readonly isPaused?: boolean;
      /** `HOST:PORT` to dial besides what trackers say. */
      readonly peers: readonly string[];
      /** Hash what is on the disk even where the resume record vouches for it. */
      readonly mustCheck: boolean;
      readonly choices?: TorrentChanges;
    }
  /** The metadata comes from peers; then it is added as a torrent is. Priorities cannot be chosen before. */
  | {
      readonly name: "add-magnet";
      /** A magnet link, or an info hash. */
      readonly link: string;
      readonly savePath: string;
      /** Default: as the settings have it. */
      readonly isPaused?: boolean;
      readonly peers: readonly string[];
      readonly choices?: TorrentChanges;
    }
  /** The .torrent file of a magnet link, to look at before it is added: waits so long for peers to send it. */
  | {
      readonly name: "look-up";
      readonly link: string;
      readonly peers: readonly string[];
      /** 1 … 600. */
      readonly seconds: number;
    }
  /** Answered with a ChangeResult. */
  | { readonly name: "change"; readonly infoHash: InfoHash; readonly changes: TorrentChanges }
  | { readonly name: "pause" | "resume" | "reannounce" | "recheck"; readonly infoHash: InfoHash }
  /** Moves torrents in the queue, keeping their order; a number is the place that the first of them shall have. */
  | { readonly name: "queue"; readonly infoHashes: readonly InfoHash[]; readonly move: QueueMove }
  /** The alternative limits by hand, until the schedule switches next; `auto`: as the schedule says now. */
  | { readonly name: "alternative"; readonly mode: "on" | "off" | "auto" }
  /** The limits of all torrents together; kept in the settings file, where the engine has one. */
  | { readonly name: "limits"; readonly maxDownRate: number; readonly maxUpRate: number }
  /** What holds, and where it comes from. Errors: `no-settings`. */
  | { readonly name: "settings" }
  /** Changes the settings file: all of it or, with an error, nothing. Errors: `no-settings`, `unknown-setting`, … */
  | { readonly name: "set"; readonly changes: readonly SettingChange[] }
  | BanCommand
  | DhtCommand
  /** Lets go of a neighbour, `ADDRESS:PORT`: it may come back, and is not dialled for ten minutes. Errors: `no-neighbour`. */
  | { readonly name: "kick"; readonly infoHash: InfoHash; readonly endpoint: string }
  | MoveCommand
  | RemovalCommand
  /** An engine that would end when nobody is attached any more goes on until it is told to `shutdown`. */
  | { readonly name: "stay" }
  | { readonly name: "shutdown" };

export type QueueMove = "top" | "up" | "down" | "bottom" | number;

export type CommandName = Command["name"];

export interface AddResult {
  readonly infoHash: InfoHash;
  /** False where it was there already: nothing was changed. */
  readonly isNew: boolean;
}

export interface MetainfoResult {
  /** A .torrent file, base64. */
  readonly metainfo: string;
}

export interface ChangeResult {
  /** What it was: as a change, it takes this one back. */
  readonly before: TorrentChanges;
}

/**
 * `add` and `add-magnet` answer an AddResult, `change` a ChangeResult, `look-up` a MetainfoResult, `settings` and `set` a SettingsReport, those of
 * bans a BansReport, `dht` a DhtReport, `dht-scrape` a DhtScrape, `move` and `rename` a MoveReport, `removed` a RemovedReport, everything else `null`.
 */
export type CommandResult =
  | AddResult
  | ChangeResult
  | MetainfoResult
  | SettingsReport
  | BansReport
  | DhtReport
  | DhtScrape
  | MoveReport
  | RemovedReport
  | null;
export function isAddResult(result: CommandResult): result is AddResult {
  return result !== null && "isNew" in result;
}

export function isMetainfoResult(result: CommandResult): result is MetainfoResult {
  return result !== null && "metainfo" in result;
}

export function isChangeResult(result: CommandResult): result is ChangeResult {
  return result !== null && "before" in result;
}

export function isSettingsReport(result: CommandResult): result is SettingsReport {
  return result !== null && "settings" in result;
}
