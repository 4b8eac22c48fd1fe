/** What the session gives to each of its torrents. */
import type { InfoHash, PeerId } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Trackers } from "../discovery/trackers.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { DownloadLocks } from "../ports/locks.ts";
import type { Ports } from "../ports/ports.ts";
import type { Storage } from "../storage/storage.ts";
import type { SendBuffers } from "../swarm/send-buffers.ts";
import type { AbsenceWatch } from "./files/absence-watch.ts";
import type { LookLane } from "./files/look-lane.ts";
import type { Housekeeping } from "./housekeeping/housekeeping.ts";
import type { Bandwidth } from "./limits/bandwidth.ts";
import type { Admittance } from "./network/admittance.ts";
import type { Dialled } from "./network/connections.ts";
import type { PeerTorrent } from "./network/peer-connection.ts";
import type { RecordPlace } from "./profile/profile-record.ts";
import type { TorrentStore } from "./profile/torrent-store.ts";
import type { SessionEvent } from "./session-events.ts";
import type { SessionRules } from "./session-rules.ts";

export interface TorrentServices {
  readonly ports: Ports;
  readonly peerId: PeerId;
  /** 32 random bits that let a tracker know us again (BEP 7, `key`). */
  readonly trackerKey: number;
  /** `p2p-tui/1.2.3`. */
  readonly userAgent: string;
  /** Of all torrents together. */
  readonly downLimit: Bandwidth;
  readonly upLimit: Bandwidth;
  readonly sendBuffers: SendBuffers;
  readonly trackers: Trackers;
  readonly looks: LookLane;
  readonly absences: AbsenceWatch;
  readonly locks: DownloadLocks;
  readonly store: TorrentStore;
  /** Where moves of files are remembered; without it there are none. */
  readonly records: RecordPlace | undefined;
  makeStorage(metainfo: Metainfo, savePath: string): Storage;
  readonly house: Housekeeping;
  rules(): SessionRules;
  /** 0 while we do not listen. */
  listenPort(): number;
  readonly admittance: Admittance;
  /** How good a peer is to be connected to, where there are too many: the greater the better. */
  rankOf(endpoint: Endpoint): number;
  /** A tracker or neighbour says at which address it sees us. */
  sawUs(voter: string, address: string): void;
  /** `undefined` where no more connections may be opened now; why, where it is only that peer that cannot be dialled. */
  dial(torrent: PeerTorrent, remote: Endpoint): Dialled;
  /** Whether there is room for the neighbours of a seed that rests, if it goes and looks for some. */
  mayWakeToDial(): boolean;
  /** Whether this is where we ourselves listen. */
  isSelf(endpoint: Endpoint): boolean;
  notify(event: SessionEvent): void;
  report(error: unknown, infoHash: InfoHash): void;
}
