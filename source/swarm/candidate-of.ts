import type { Candidate, SuperSeedStanding } from "./choke-ranking.ts";
import type { Neighbour } from "./neighbour.ts";

/** A neighbour as the choker is to see it now. */
export function candidateOf(
  neighbour: Neighbour,
  nowMs: number,
  pieceLength: number,
  standing: SuperSeedStanding | undefined,
): Candidate {
  return {
    id: neighbour.id,
    network: neighbour.network,
    peerInterested: neighbour.peerInterested,
    amInterested: neighbour.amInterested,
    amChoking: neighbour.amChoking,
    isSnubbed: neighbour.isSnubbed,
    connectedMs: neighbour.connectedMs,
    unchokedMs: neighbour.unchokedMs,
    chokedMs: neighbour.chokedMs,
    downRate: neighbour.down.rate(nowMs),
    upRate: neighbour.up.rate(nowMs),
    returns: neighbour.down.total > 0 && 4 * neighbour.down.total >= neighbour.up.total,
    hasNothing: neighbour.field.isEmpty && neighbour.up.total < pieceLength,
    piece: neighbour.uploads.pieceUnderWay,
    standing,
  };
}
