/** Takes back requests for blocks that are not waited for any more. */
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";
import type { Neighbour } from "./neighbour.ts";

type Neighbours = ReadonlyMap<number, Neighbour>;

/** The block came from `winner`: all others need not send it. */
export function cancelOthers(
  neighbours: Neighbours,
  ledger: BlockLedger,
  winner: Neighbour,
  active: ActivePiece,
  block: number,
): void {
  const key = ledger.keyOf(active.piece, block);
  for (const neighbour of neighbours.values()) {
    if (neighbour !== winner && neighbour.hasRequested(key)) neighbour.cancel(key, active, block);
  }
}

/** Nothing of the piece is to come. */
export function cancelPiece(neighbours: Neighbours, ledger: BlockLedger, active: ActivePiece): void {
  for (const neighbour of neighbours.values()) {
    for (const { key, block } of neighbour.pipeline.of(active)) {
      neighbour.cancel(key, active, block);
      if (!active.isEnded) ledger.release(active, block);
    }
  }
}
