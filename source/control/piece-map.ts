/**
 * The pieces of a torrent, gathered into the cells of a heatmap that never lies: a cell shows the lowest availability
 * among the pieces it lacks, so that one piece nobody has is seen in a terabyte.
 */
import type { Torrent } from "../engine/torrent.ts";
import type { PieceMap } from "./protocol.ts";

/** @param cellsWanted 0 or more; there are never more cells than pieces. */
export function pieceMap(torrent: Torrent, cellsWanted: number): PieceMap {
  const { have, swarm } = torrent;
  const { pieceCount } = torrent.geometry;
  const cellCount = Math.min(cellsWanted, pieceCount);
  const haveCounts = new Array<number>(cellCount).fill(0);
  const active = new Array<number>(cellCount).fill(0);
  const minAvailability = new Array<number>(cellCount).fill(0);
  const availabilityOf = (piece: number) => swarm?.availability.of(piece) ?? 0;
  for (let cell = 0; cell < cellCount; cell++) {
    const end = Math.floor(((cell + 1) * pieceCount) / cellCount);
    let lowest = Number.POSITIVE_INFINITY;
    let lowestMissing = Number.POSITIVE_INFINITY;
    let count = 0;
    for (let piece = Math.floor((cell * pieceCount) / cellCount); piece < end; piece++) {
      const availability = availabilityOf(piece);
      if (availability < lowest) lowest = availability;
      if (have.has(piece)) count++;
      else if (availability < lowestMissing) lowestMissing = availability;
    }
    haveCounts[cell] = count;
    minAvailability[cell] = Number.isFinite(lowestMissing) ? lowestMissing : lowest;
  }
  if (swarm !== undefined && cellCount > 0) {
    for (const { piece } of swarm.ledger.pieces()) {
      const cell = cellOf(piece, pieceCount, cellCount);
      active[cell] = (active[cell] ?? 0) + 1;
    }
  }
  return {
    pieceCount,
    cellCount,
    have: haveCounts,
    active,
    minAvailability,
    rarest: rarestMissing(torrent),
    copies: swarm?.availability.copies() ?? 0,
  };
}

/** The cell i with floor(i·P/C) <= piece < floor((i+1)·P/C). */
function cellOf(piece: number, pieceCount: number, cellCount: number): number {
  let cell = Math.floor((piece * cellCount) / pieceCount);
  while (Math.floor(((cell + 1) * pieceCount) / cellCount) <= piece) cell++;
  return cell;
}

function rarestMissing(torrent: Torrent): PieceMap["rarest"] {
  const { have, swarm } = torrent;
  if (swarm?.isFinished ?? have.isFull) return null;
  let availability = Number.POSITIVE_INFINITY;
  let count = 0;
  let first = 0;
  for (let piece = 0; piece < have.length; piece++) {
    if (swarm === undefined ? have.has(piece) : !swarm.needed.has(piece)) continue;
    const found = swarm?.availability.of(piece) ?? 0;
    if (found === availability) count++;
    if (found >= availability) continue;
    availability = found;
    count = 1;
    first = piece;
  }
  return { availability, count, first };
}
