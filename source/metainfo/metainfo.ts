/** What a .torrent file says, checked once (BEP 3, 12, 27, 47). See `parse-metainfo.ts` for how it comes to be. */
import type { InfoHash } from "../base/ids.ts";
import type { NamedNode } from "./metainfo-nodes.ts";

export interface MetainfoFile {
  /**
   * Where the file lies below the save directory: at least one element, the torrent's name first for a multi-file
   * torrent. Safe on every platform and unique within the torrent (HOSTILE A1–A4).
   */
  readonly path: readonly string[];
  /** Bytes, 0 or more. */
  readonly length: number;
  /** Where the file begins in the torrent's content. */
  readonly offset: number;
  /** BEP 47 padding: zeros that are never stored or shown. */
  readonly isPadding: boolean;
}

export interface Metainfo {
  readonly infoHash: InfoHash;
  /** As the torrent calls itself; sanitise before it is shown. */
  readonly name: string;
  /** Bytes, 1 … 2^28. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Bytes of content, padding included; at least 1. */
  readonly totalLength: number;
  /** 20 bytes for each piece. */
  readonly pieceHashes: Uint8Array;
  readonly files: readonly MetainfoFile[];
  readonly isPrivate: boolean;
  /** `announce-list`, else `announce` alone; only http, https and udp URLs. */
  readonly trackerTiers: readonly (readonly string[])[];
  /** `url-list` (BEP 19), kept for later. */
  readonly webSeeds: readonly string[];
  /** DHT nodes to begin with (BEP 5). */
  readonly nodes: readonly NamedNode[];
  readonly comment: string | undefined;
  readonly createdBy: string | undefined;
  /** Seconds since 1970. */
  readonly creationDate: number | undefined;
  /** The raw span of the info dictionary; its SHA-1 is the info hash. */
  readonly infoBytes: Uint8Array;
}
