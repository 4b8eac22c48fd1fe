import type { PieceIndex } from "../base/ids.ts";
import type { Neighbour } from "./neighbour.ts";
import type { SwarmLimits } from "./swarm-limits.ts";

/** What the swarm asks of and tells the torrent's engine. */
export interface SwarmHost {
  /** Connect to one of `peers` if there is room. */
  wantPeers(): void;
  readonly limits: SwarmLimits;
  uploaded(bytes: number): void;
  downloaded(bytes: number): void;
  wasted(bytes: number): void;
  pieceVerified(piece: PieceIndex): void;
  /** All that is wanted is there now: the last piece of it was verified, or what is wanted has changed. */
  completed(): void;
  /** Super-seeding is over: the swarm lives without us. */
  superSeeded(): void;
  storageFailed(error: unknown): void;
  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void;
  log(text: string): void;
}
