/** What a session is made with, and what a torrent is added with. */
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Interfaces } from "../ports/interfaces.ts";
import type { DownloadLocks } from "../ports/locks.ts";
import type { Storage } from "../storage/storage.ts";
import type { WorkMeter } from "../storage/work-meter.ts";
import type { Admittance } from "./network/admittance.ts";
import type { RecordPlace } from "./profile/profile-record.ts";
import type { TorrentChanges } from "./profile/torrent-choices.ts";
import type { TorrentStore } from "./profile/torrent-store.ts";

export interface SessionOptions {
  /** Address "" is all; port 0 any free one; port `undefined` one of the usual. */
  readonly listen: { readonly address: string; readonly port: number | undefined };
  /** Dial and announce from here; the system chooses where it is absent. */
  readonly localAddress?: string;
  /** Listen, dial and announce over this interface alone, in place of the addresses; needs `interfaces`. */
  readonly interfaceName?: string;
  /** For following changes of the network. Default: none is noticed. */
  readonly interfaces?: Interfaces;
  /** The folder of the profile, for people to see. */
  readonly profile: string;
  /** Of the process that this is, for people to see. */
  readonly pid: number;
  /** Bytes per second, 0 for no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Regular upload slots of each torrent; 0: by the upload rate (swarm/auto-slots.ts), less: none, not even an optimistic one. */
  readonly slots: number;
  readonly version: string;
  /** Whom we have nothing to do with. Default: nobody but whom somebody bans. */
  readonly admittance?: Admittance;
  readonly locks: DownloadLocks;
  readonly store: TorrentStore;
  /** Where what concerns the whole session is remembered; nowhere, where it is absent. */
  readonly records?: RecordPlace;
  /** Where another session remembers nodes of the DHT, to begin with; nothing is written there. */
  readonly borrowedNodes?: RecordPlace;
  /** What the thread's time goes into. Default: it is not known. */
  readonly work?: WorkMeter;
  readonly makeStorage: (metainfo: Metainfo, savePath: string) => Storage;
}

export interface AddOptions {
  /** Absolute. */
  readonly savePath: string;
  readonly isPaused: boolean;
  readonly peers: readonly string[];
  readonly mustCheck: boolean;
  /** Default: none but the usual. */
  readonly choices?: TorrentChanges;
}
