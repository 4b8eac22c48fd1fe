/**
 * What is shown of pieces: the map, the rarest of them, a window of them, one of them down to its blocks. Part of the
 * protocol; see `protocol.ts` for units.
 */
import type { PieceRun } from "./insight.ts";
import type { FilePriority } from "./rows.ts";
import type { Verdict } from "./verdict.ts";

/**
 * The pieces in order, in `cellCount` cells of (nearly) equal piece counts; cell i covers pieces
 * floor(i·P/C) … floor((i+1)·P/C) - 1. With no more pieces than asked-for cells, every cell is one piece.
 */
export interface PieceMap {
  readonly pieceCount: number;
  readonly cellCount: number;
  /** Verified pieces in each cell. */
  readonly have: readonly number[];
  /** Pieces in each cell of which blocks are requested or received, but which are not verified. */
  readonly active: readonly number[];
  /** Pieces in each cell that are missing and not wanted; empty where there are none at all. */
  readonly skipped: readonly number[];
  /**
   * The lowest availability among the pieces of the cell that we want and miss (0: nobody we are connected to has it); where
   * there are none, the lowest among those that are ours; where there are none either, the lowest among all.
   */
  readonly minAvailability: readonly number[];
  /** Availability of the rarest piece we want and miss, and how many are that rare; `null` when nothing is missing. */
  readonly rarest: { readonly availability: number; readonly count: number; readonly first: number } | null;
  /** Whole copies among the neighbours: the lowest availability plus the fraction of pieces above it. */
  readonly copies: number;
  /** Among so many neighbours availability is counted; `null` while the torrent is not active, and none is known. */
  readonly neighbours: number | null;
}

type Cells = Pick<PieceMap, "pieceCount" | "cellCount">;

/** The pieces of cell `cell`: `first` … `last`, both included. Where there are none, `last` is before `first`. */
export function piecesOfCell({ pieceCount, cellCount }: Cells, cell: number): PieceRun {
  if (cellCount === 0) return { first: 0, last: -1 };
  const first = Math.floor((cell * pieceCount) / cellCount);
  const last = Math.floor(((cell + 1) * pieceCount) / cellCount) - 1;
  return { first, last };
}

/** The cell that `piece` is in; 0 where there are none. */
export function cellOfPiece({ pieceCount, cellCount }: Cells, piece: number): number {
  if (pieceCount === 0) return 0;
  // The last cell c with floor(c·P/C) <= piece.
  return Math.max(0, Math.min(cellCount, Math.ceil(((piece + 1) * cellCount) / pieceCount)) - 1);
}

/** How often pieces are found among the neighbours. */
export interface Rarity {
  /** Of the pieces that we want and miss; where none is missing, of those that are ours. */
  readonly of: "missing" | "ours";
  /** `copies[n]`: how many of them n neighbours have; the last: so many or more. At most 33. */
  readonly copies: readonly number[];
  /** The rarest first, of equals the first; those of the three rarest kinds, as many as were asked for. */
  readonly runs: readonly RareRun[];
  /** As one that misses nothing: the neighbours that lack something, who will be complete first, first; at most 20. */
  readonly lacking: readonly LackingRow[];
  readonly lackingCount: number;
}

export interface RareRun extends PieceRun {
  readonly availability: number;
  /** `ADDRESS:PORT` of those who have all of it, where nobody else has any of it; empty where that is not looked up. */
  readonly holders: readonly string[];
}

export interface LackingRow {
  readonly id: number;
  readonly endpoint: string;
  /** Pieces, of all. */
  readonly lacks: number;
  /** Until it is complete at the rate that its `have` messages tell; `null` while that is not known. */
  readonly seconds: number | null;
}

/** `skipped`: missing and not wanted. */
export type PieceState = "ours" | "active" | "missing" | "skipped";

export interface PieceRow {
  readonly state: PieceState;
  readonly length: number;
  readonly availability: number;
  /** Blocks that it has in all; of these, how many are here, and of the others how many are asked for. */
  readonly blocks: number;
  readonly received: number;
  readonly requested: number;
}

/** A window of the pieces. */
export interface PieceList {
  readonly offset: number;
  readonly rows: readonly PieceRow[];
  /** With bytes in these pieces, in order; at most 500. */
  readonly files: readonly PieceFile[];
}

export interface PieceFile extends PieceRun {
  readonly path: string;
  readonly priority: FilePriority;
}

/** One piece, all the way down. */
export interface PieceDetail extends PieceRow {
  readonly index: number;
  /** At most 20, and how many there are. */
  readonly files: readonly PieceFile[];
  readonly fileCount: number;
  /**
   * A letter for each block in order: `o` ours on the disk, `r` received, `a` asked for, `m` missing. At most 16,384: the
   * largest pieces that there are.
   */
  readonly blockStates: string;
  /** Id of who sent the block, or is asked for it (of several one); 0: nobody, or not known. Empty where all are 0. */
  readonly blockPeers: readonly number[];
  /** Those who have it and, where it is ours, those who lack it; who works on it first. At most 200. */
  readonly neighbours: readonly PieceNeighbourRow[];
  readonly holderCount: number;
  readonly neighbourCount: number;
  /** What becomes of it, or why nothing does. */
  readonly why: Verdict;
}

export interface PieceNeighbourRow {
  readonly id: number;
  readonly endpoint: string;
  readonly client: string;
  readonly hasPiece: boolean;
  readonly peerChoking: boolean;
  readonly amChoking: boolean;
  readonly isSnubbed: boolean;
  readonly downRate: number;
  readonly upRate: number;
  /** Blocks of this piece that are asked of it; and that it sent. */
  readonly asked: number;
  readonly sent: number;
}
