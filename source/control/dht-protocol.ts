/** How the DHT does, and what it knows of a torrent's swarm. A part of the protocol. */
import type { InfoHash } from "../base/ids.ts";

export type DhtCommand =
  | { readonly name: "dht" }
  /** Asks it how large the swarm of a torrent is, added or not; takes some seconds. Errors: `no-dht`, `private`. */
  | { readonly name: "dht-scrape"; readonly infoHash: InfoHash };

export interface DhtReport {
  readonly isEnabled: boolean;
  readonly isReadOnly: boolean;
  /** It looks for its first nodes. */
  readonly isJoining: boolean;
  /** In words, why it is of no use; "" where it is, or may soon be. */
  readonly dhtProblem: string;
  /** For peers of our torrents: under way, and all so far. */
  readonly searchesUnderWay: number;
  readonly searches: number;
  /** By all of them, some more than once. */
  readonly peersFound: number;
  /** One for each family that it has a socket for, IPv4 first. */
  readonly nodes: readonly DhtNodeRow[];
}

export interface DhtNodeRow {
  readonly family: 4 | 6;
  /** Where it is bound. */
  readonly address: string;
  readonly port: number;
  /** As most others see it, `null` while too few have said so. */
  readonly externalAddress: string | null;
  /** 40 hex digits. */
  readonly id: string;
  /** Nodes in its table, by how they answer. */
  readonly good: number;
  readonly questionable: number;
  readonly bad: number;
  /** Under way, for whatever reason. */
  readonly lookups: number;
  /** Queries of ours, and how many of them were left unanswered. */
  readonly sent: number;
  readonly unanswered: number;
  /** Datagrams that came; queries among them that were answered; not read because there were too many; no messages. */
  readonly received: number;
  readonly answered: number;
  readonly dropped: number;
  readonly malformed: number;
  /** What it keeps for others. */
  readonly storedTorrents: number;
  readonly storedPeers: number;
  readonly storedValues: number;
}

export interface DhtScrape {
  /** Estimates. */
  readonly scrapedSeeds: number;
  readonly scrapedLeeches: number;
  /** Nodes that know of the torrent. */
  readonly sources: number;
}

export function isDhtReport(result: object | null): result is DhtReport {
  return result !== null && "dhtProblem" in result;
}

export function isDhtScrape(result: object | null): result is DhtScrape {
  return result !== null && "scrapedSeeds" in result;
}
