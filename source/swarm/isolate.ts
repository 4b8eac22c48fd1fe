/**
 * What becomes of pieces under way when a piece has failed that several had sent: whoever is suspect now has a part in others,
 * too. Left alone they would fail one after another, each with several contributors, and prove nothing. So all that suspects
 * were asked for is taken back, and what they have already sent of pieces that others sent a part of is fetched again. Then a
 * poisoner is found out with its next piece: it has cost us two.
 */
import { blockLength } from "../metainfo/geometry.ts";
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";
import type { Neighbour } from "./neighbour.ts";

/**
 * Bytes that are given up at once. Where pieces are large or lines fast more is under way than one poisoner may cost us; then
 * the rest takes its chance.
 */
const givenUpMax = 4 * 1024 * 1024;

/** Takes back all that these were asked for. @returns the pieces to be begun anew, those with the fewest blocks first. */
export function isolate(suspects: readonly Neighbour[], ledger: BlockLedger): ActivePiece[] {
  if (suspects.length === 0) return [];
  const ids = new Set(suspects.map(({ id }) => id));
  for (const suspect of suspects) suspect.takeBackRequests();
  const mixed: ActivePiece[] = [];
  for (const active of ledger.pieces()) {
    const contributors = active.contributors();
    if (!contributors.some((id) => ids.has(id))) continue;
    const [only = 0] = contributors;
    if (!active.isNobodysBut(only)) mixed.push(active);
    else active.owner ??= only;
  }
  let bytes = 0;
  return mixed
    .sort((a, b) => a.receivedCount - b.receivedCount)
    .filter((active) => {
      bytes += active.receivedCount * blockLength;
      return bytes <= givenUpMax;
    });
}
