/** What a cell of the piece map stands for: pure. */
import { type PieceMap, piecesOfCell } from "../../control/protocol.ts";

export type CellKind =
  | { readonly kind: "have" }
  /** Nothing of it is missing that we want, and some is that we do not. */
  | { readonly kind: "skipped" }
  /** Something of it is missing, and who has it is not known: the torrent is not active, or nobody is connected. */
  | { readonly kind: "unknown" }
  | { readonly kind: "active" }
  /** Some piece of the cell is missing, and the rarest of those has this many copies. */
  | { readonly kind: "missing"; readonly availability: number; readonly ownFraction: number }
  /** All is ours, and so many neighbours lack some piece of it; `isOnlyOurs`: nobody else has it. */
  | { readonly kind: "spread"; readonly lacking: number; readonly isOnlyOurs: boolean };

/** Whether the map shows what the others miss. */
export function isSpreading(map: PieceMap): boolean {
  return map.rarest === null && hasNeighbours(map);
}

/** Whether somebody is there of whom copies can be counted. */
export function hasNeighbours({ neighbours }: Pick<PieceMap, "neighbours">): boolean {
  return neighbours !== null && neighbours > 0;
}

export function cellKind(map: PieceMap, index: number): CellKind {
  const { first, last } = piecesOfCell(map, index);
  const have = map.have[index] ?? 0;
  const skipped = map.skipped[index] ?? 0;
  const count = last - first + 1;
  const availability = map.minAvailability[index] ?? 0;
  if (have > 0 && have + skipped >= count && isSpreading(map)) {
    return {
      kind: "spread",
      lacking: Math.max(0, (map.neighbours ?? 0) - availability),
      isOnlyOurs: availability === 0,
    };
  }
  if (have >= count) return { kind: "have" };
  if (have + skipped >= count) return { kind: "skipped" };
  if (!hasNeighbours(map)) return { kind: "unknown" };
  const ownFraction = have / count;
  // Also where a block of it is under way: without a neighbour who has it, it will not be finished.
  if (availability <= 0) return { kind: "missing", availability: 0, ownFraction };
  return (map.active[index] ?? 0) > 0 ? { kind: "active" } : { kind: "missing", availability, ownFraction };
}
