/** What is to be simulated, as plain data: it can be printed, cut down to what still fails, and run again. */
import type { SessionRules } from "../engine/session-rules.ts";
import type { CrowdPlan } from "./peer-script.ts";
import type { Trouble } from "./trouble.ts";
import type { LinkOptions } from "./virtual-link.ts";

/** When a node goes away: for good, and without a word to anybody but its neighbours. */
export type Departure =
  | { readonly when: "never" }
  /** So long after it has everything. */
  | { readonly when: "complete"; readonly afterMs: number }
  | { readonly when: "at"; readonly ms: number }
  /** Once its line has carried so many copies of the content. */
  | { readonly when: "sent"; readonly copies: number };

/** What a node does besides being an engine of ours. */
export interface Manner {
  /** Shows each neighbour one piece at a time (BEP 16). */
  readonly superSeeds?: boolean;
  /** A free rider: it unchokes nobody. */
  readonly givesNothing?: boolean;
  /** A poisoner: of the blocks that it sends, this part is wrong, 0 … 1. */
  readonly spoils?: number;
}

export interface NodePlan {
  /** For people; unique. */
  readonly name: string;
  /** What it counts as in tables, such as "contributor". */
  readonly group: string;
  readonly isSeed: boolean;
  readonly link: LinkOptions;
  readonly joinsMs: number;
  readonly leaves: Departure;
  /** Besides what it is by its engine. Default: it does its part. */
  readonly manner?: Manner;
  /** Changes of the usual rules of an engine. */
  readonly limits?: Partial<SessionRules["limits"]>;
  readonly connectionsPerTorrent?: number;
}

export interface SwarmPlan {
  readonly scenario: string;
  /** 0 … 2^32 - 1. */
  readonly seed: number;
  readonly pieceCount: number;
  /** Bytes, 1 and up. */
  readonly pieceLength: number;
  /** Bytes of the last piece, at most `pieceLength`. Default: as much. */
  readonly lastPieceLength?: number;
  readonly nodes: readonly NodePlan[];
  /** Peers without engines around these nodes. */
  readonly crowds?: readonly CrowdPlan[];
  readonly troubles?: readonly Trouble[];
  /** Nobody waits longer. */
  readonly endMs: number;
}

/** Home lines: 40 ms between two of them. */
export const usualLink: LinkOptions = {
  upBytesPerSecond: Number.POSITIVE_INFINITY,
  downBytesPerSecond: Number.POSITIVE_INFINITY,
  latencyMs: 20,
  jitterMs: 0,
  lossRate: 0,
  isReachable: true,
};

export function contentLength({
  pieceCount,
  pieceLength,
  lastPieceLength = pieceLength,
}: Pick<SwarmPlan, "pieceCount" | "pieceLength" | "lastPieceLength">): number {
  return (pieceCount - 1) * pieceLength + lastPieceLength;
}
