/** What an announcer is told by its torrent, and what it shows. */
import type { InfoHash, PeerId } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import type { Trackers } from "./trackers.ts";

export interface AnnouncerHost {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** 0 while we do not listen: then a placeholder is announced. */
  listenPort(): number;
  /** Content bytes since `start`; `left` is what is still missing. */
  totals(): { readonly uploaded: number; readonly downloaded: number; readonly left: number };
  /** 0 when there are enough. */
  wantedPeers(): number;
  /**
   * Peers that the tracker may name (`mayName`); our own endpoint can be among them.
   * @param leeches that it knows of, `null` where it does not say.
   */
  onPeers(peers: readonly Endpoint[], trackerUrl: string, leeches: number | null): void;
  /** How the tracker at `voter` sees us (BEP 24). A claim, not a fact. */
  onExternalAddress?(voter: string, address: string): void;
  log(text: string): void;
}

export interface AnnouncerOptions {
  /** BEP 12: tiers of URLs. Duplicates and what exceeds `trackersMax` are left out. */
  readonly tiers: readonly (readonly string[])[];
  /** 32 bits, the same for all trackers as long as we run. */
  readonly key: number;
  /** Of all torrents. */
  readonly trackers: Trackers;
  /** Whether every tier is announced to at all times. Default false: only when those before it fail (BEP 12). */
  readonly isAllTiers?: boolean;
}

export interface AnnouncerRow {
  /** Passkeys masked. */
  readonly url: string;
  /** 0-based. */
  readonly tier: number;
  readonly state: "waiting" | "announcing" | "working" | "failed" | "unsupported";
  /** The last error, warning or notice, "" if none. */
  readonly message: string;
  readonly seeds: number | null;
  readonly leeches: number | null;
  /** Completed downloads that it has seen. */
  readonly downloaded: number | null;
  /** Peers in its last answer. */
  readonly peersReceived: number;
  /** From now; `null` where none is planned. */
  readonly nextAnnounceMs: number | null;
}
