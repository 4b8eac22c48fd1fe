/**
 * What is shown of torrents, neighbours, pieces, trackers and files: plain rows. Part of the protocol; see `protocol.ts` for
 * units.
 */
import type { InfoHash } from "../base/ids.ts";
import type { NeighbourTimes } from "./insight.ts";

/** `fetching`: a magnet link, of which nothing but its info hash is known yet. `queued` waits for its turn; `failed` waits for what `reason` says, or for the user. */
export type TorrentState =
  | "fetching"
  | "checking"
  | "downloading"
  | "seeding"
  | "queued"
  | "moving"
  | "paused"
  | "failed";

export interface TorrentRow {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly state: TorrentState;
  /** From 1, among all torrents; see the command `queue`. */
  readonly queuePosition: number;
  /** In words, why it failed or what it waits for; "" where there is nothing to say. */
  readonly reason: string;
  readonly savePath: string;
  /** Sorted. */
  readonly labels: readonly string[];
  readonly isPrivate: boolean;
  readonly totalLength: number;
  /** Bytes of verified pieces. */
  readonly verifiedLength: number;
  /** Bytes of the pieces of files that are not skipped; of these, bytes still missing. */
  readonly wantedLength: number;
  readonly leftLength: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  /** 0 … 1 while `checking`, `moving` or `fetching`, else null. */
  readonly checkedFraction: number | null;
  readonly downRate: number;
  readonly upRate: number;
  /** Content bytes since the torrent was added, kept over restarts. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** Bytes that came and could not be used: failed pieces, duplicates, unrequested blocks. */
  readonly wasted: number;
  readonly etaSeconds: number | null;
  /** What all downloads to its disk lack there; 0: they fit, or it is not downloading. */
  readonly missingSpace: number;
  /** Connected now; of these, how many have everything. */
  readonly neighbours: number;
  readonly neighbourSeeds: number;
  /** Known addresses, connected or not. */
  readonly knownPeers: number;
  /** As the trackers say. */
  readonly swarmSeeds: number | null;
  readonly swarmLeeches: number | null;
  /** Of its trackers, each once, the first ones. */
  readonly trackerHosts: readonly string[];
  readonly addedWallMs: number;
  readonly completedWallMs: number | null;
}

export type Slot = "regular" | "optimistic" | null;

export interface NeighbourRow {
  /** Stable while connected. */
  readonly id: number;
  /** `ADDRESS:PORT`, brackets round IPv6. */
  readonly endpoint: string;
  /** Client name and version from its extension handshake or peer id, "" until known. */
  readonly client: string;
  readonly isIncoming: boolean;
  /** Who named it first; `incoming` where it came by itself. */
  readonly source: PeerSource;
  readonly amChoking: boolean;
  readonly amInterested: boolean;
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  readonly isSnubbed: boolean;
  readonly isSeed: boolean;
  /** qBittorrent's letters, see `flagLegend`. */
  readonly flags: string;
  readonly downRate: number;
  readonly upRate: number;
  readonly downloaded: number;
  readonly uploaded: number;
  /** 0 … 1 of all pieces. */
  readonly progress: number;
  /** Our unanswered requests, and how many we allow ourselves now. */
  readonly requestsOut: number;
  readonly requestWindow: number;
  /** Its requests that we have not answered. */
  readonly requestsIn: number;
  readonly slot: Slot;
  /** Why it has, or has not, one of our upload slots. */
  readonly slotReason: string;
  /** Request to block, smoothed; `null` before the first block. */
  readonly roundTripMs: number | null;
  /** What the last minute of it went into, each way. */
  readonly time: NeighbourTimes;
  readonly connectedSeconds: number;
}

/** The letters of `NeighbourRow.flags`, in the order they are written. Known from qBittorrent. */
export const flagLegend: readonly (readonly [letter: string, meaning: string])[] = [
  ["D", "we download: we want its pieces and it unchokes us"],
  ["d", "we want its pieces, but it chokes us"],
  ["U", "we upload: it wants our pieces and we unchoke it"],
  ["u", "it wants our pieces, but we choke it"],
  ["K", "it unchokes us, but we want nothing from it"],
  ["?", "we unchoke it, but it wants nothing from us"],
  ["O", "optimistic unchoke"],
  ["S", "snubbed: it unchoked us and sends nothing"],
  ["I", "incoming connection"],
  ["H", "known from the DHT"],
  ["X", "known from peer exchange"],
  ["L", "known from local discovery"],
];

/** Who tells of peers: `manual` is the user, `incoming` the peers that came by themselves. */
export type PeerSource = "tracker" | "dht" | "pex" | "lsd" | "incoming" | "manual";

/** What one source has given. A peer that several have named counts for each. */
export interface SourceRow {
  readonly source: PeerSource;
  /** Addresses that it named and we keep. */
  readonly known: number;
  /** Of these, neighbours now. */
  readonly connected: number;
  /** In words, why nothing comes from it, or what it does now; "" where there is nothing to tell. */
  readonly note: string;
}

export interface TrackerRow {
  /** Passkeys masked. */
  readonly url: string;
  readonly tier: number;
  readonly state: "waiting" | "announcing" | "working" | "failed" | "unsupported";
  /** The last error or warning, "" if none. */
  readonly message: string;
  readonly seeds: number | null;
  readonly leeches: number | null;
  /** How many have completed it, ever, as far as the tracker has seen. */
  readonly downloaded: number | null;
  readonly peersReceived: number;
  /** `null` where none is planned. */
  readonly nextAnnounceMs: number | null;
}

/** `skip`: not wanted. */
export type FilePriority = "skip" | "low" | "normal" | "high";

export interface FileRow {
  /** In the .torrent file: how `TorrentChanges` names it. */
  readonly index: number;
  readonly priority: FilePriority;
  readonly path: string;
  readonly length: number;
  /** 0 … 1 by verified bytes. */
  readonly progress: number;
  /**
   * How many neighbours have the rarest of its pieces that are missing, wanted or not; where none is, of all its pieces.
   * `null` while the torrent is not active, and for an empty file.
   */
  readonly availability: number | null;
}

export interface ChokerRow {
  readonly mode: "leech" | "seed" | "super-seed";
  readonly regularSlots: number;
  readonly rechokeMs: number;
  readonly optimisticMs: number;
  readonly interestedNeighbours: number;
  readonly unchokedNeighbours: number;
}

export interface LogLine {
  /** Counts up by one. */
  readonly number: number;
  readonly wallMs: number;
  readonly text: string;
}

/** `lost`: by the part of the last minute in which something kept bytes from flowing. */
export const neighbourSorts = [
  "downRate",
  "upRate",
  "progress",
  "client",
  "endpoint",
  "flags",
  "downloaded",
  "uploaded",
  "requestsOut",
  "requestsIn",
  "roundTrip",
  "connected",
  "slot",
  "lost",
] as const;

export type NeighbourSort = (typeof neighbourSorts)[number];
