/** What shows why a swarm is fast or slow: where neighbours' time goes, one neighbour in full, the ledger of tit-for-tat. */
import type { InfoHash } from "../base/ids.ts";
import type { Bound, Figure } from "./bound.ts";
import type { Forecast } from "./forecast.ts";
import type { Verdict } from "./verdict.ts";

export type { Bound, Figure, Forecast };

/** What keeps more from coming from a neighbour; see `downTimeWords`. */
export interface DownTimes {
  readonly uninterested: number;
  readonly choked: number;
  readonly snubbed: number;
  readonly limited: number;
  readonly held: number;
  readonly disk: number;
  readonly waiting: number;
  readonly idle: number;
}

/** What keeps more from going to it; see `upTimeWords`. */
export interface UpTimes {
  readonly unwanted: number;
  readonly choking: number;
  readonly unasked: number;
  readonly disk: number;
  readonly limited: number;
  readonly line: number;
}

/** As parts of the last minute (0 … 1, together 1, or all 0 where it came just now), or as seconds. */
export interface NeighbourTimes {
  readonly down: DownTimes;
  readonly up: UpTimes;
}

/** What the last minute of all neighbours together went into. */
export interface TimeOfAll {
  /** Seconds of all neighbours together that are accounted for, each way, without those of no interest. */
  readonly downSeconds: number;
  readonly upSeconds: number;
  /** 0 … 1, together 1. */
  readonly down: Omit<DownTimes, "uninterested">;
  readonly up: Omit<UpTimes, "unwanted">;
  /** Of those that were mostly waited for, how many take no more requests at once than they have. */
  readonly capped: number;
  /** Bytes a second that we give to those who choke us though we want something of them. */
  readonly givenToChoking: number;
}

export const downTimeWords: Readonly<Record<keyof DownTimes, string>> = {
  uninterested: "it has nothing we want",
  choked: "it chokes us",
  snubbed: "it snubs us: asked, and sends nothing",
  limited: "our download limit holds it up",
  held: "not read: it asks for more than we can serve",
  disk: "our disk takes no more",
  waiting: "asked, and on the way: its line is the limit",
  idle: "not asked: what it has is asked of others",
};

export const upTimeWords: Readonly<Record<keyof UpTimes, string>> = {
  unwanted: "it wants nothing we have",
  choking: "we choke it",
  unasked: "it may ask and has not",
  disk: "being read from our disk",
  limited: "our upload limit holds it up",
  line: "its line or ours takes no more",
};

/** `5m`: a value a second; `3h`: a minute; `week`: a quarter of an hour; `month`: two hours. */
export type GraphSpan = "5m" | "3h" | "week" | "month";

export interface Graph {
  /** `null`: of all torrents together. */
  readonly infoHash: InfoHash | null;
  readonly span: GraphSpan;
  readonly stepSeconds: number;
  /** When the last step begins. */
  readonly newestWallMs: number;
  /** Mean bytes per second of each step, oldest first, at most 672; `null` where the engine did not run. */
  readonly down: readonly (number | null)[];
  readonly up: readonly (number | null)[];
}

/** Pieces `first` … `last`, both included. */
export interface PieceRun {
  readonly first: number;
  readonly last: number;
}

/** One neighbour that is looked at closely. */
export interface NeighbourDetail {
  readonly id: number;
  /** What its flags mean, in the order of the letters. */
  readonly flagWords: readonly string[];
  /** One value every `stepSeconds`, oldest first, at most 150; empty before its first byte. Windows are blocks. */
  readonly stepSeconds: number;
  readonly downHistory: readonly number[];
  readonly upHistory: readonly number[];
  readonly windowHistory: readonly number[];
  /** Seconds since it connected. */
  readonly timeTotals: NeighbourTimes;
  /** Pieces we miss that it has and no other neighbour; the first runs of them. */
  readonly aloneCount: number;
  readonly aloneRuns: readonly PieceRun[];
  /** Bytes a second that it gets from everybody, as its `have` messages tell; `null` while too little is known. */
  readonly progressRate: number | null;
  readonly why: readonly Verdict[];
}

/** Who was ranked where, and why each slot was given. */
export interface ChokeLedgerView {
  /** The newest last. */
  readonly rounds: readonly LedgerRoundView[];
  /** Those who gave or took most first, at most 500. */
  readonly neighbours: readonly ReciprocityRow[];
}

export interface LedgerRowView {
  readonly id: number;
  readonly endpoint: string;
  /** `null`: not ranked, since it wants nothing or snubs us. */
  readonly rank: number | null;
  /** Bytes in the time before the round: we to it, and it to us. */
  readonly given: number;
  readonly taken: number;
  readonly slot: "regular" | "optimistic" | null;
  /** Why it has its slot; "" without one. */
  readonly reason: string;
}

export interface LedgerRoundView {
  /** Counts up by one. */
  readonly number: number;
  readonly wallMs: number;
  /** As a leech by what they give, as a seed by how fast they take. */
  readonly mode: "leech" | "seed";
  readonly interestedNeighbours: number;
  /** Slots first, then by rank; at most 20. */
  readonly rows: readonly LedgerRowView[];
  /** Slots that fell free and were given before the next round, at most 20. */
  readonly grants: readonly Pick<LedgerRowView, "id" | "endpoint" | "slot" | "reason">[];
}

/** Of one neighbour over its connection. */
export interface ReciprocityRow {
  readonly id: number;
  readonly endpoint: string;
  readonly given: number;
  readonly taken: number;
  /** Given for each byte taken; `null` where nothing was taken. */
  readonly ratio: number | null;
  /** Rounds since it came; in how many of them we served it, and it let us ask. */
  readonly rounds: number;
  readonly roundsServed: number;
  readonly roundsOpen: number;
}
