/** The books of one swarm against one another: which blocks are asked for, what is wanted, who has what. */
import type { Geometry } from "../../metainfo/geometry.ts";
import type { ActivePiece } from "../../swarm/block-ledger.ts";
import { countCommon } from "../../swarm/count-common.ts";
import type { Swarm } from "../../swarm/swarm.ts";

/** @returns in words what does not agree, `undefined` where all does. */
export function ledgerFault(swarm: Swarm, geometry: Geometry): string | undefined {
  for (const active of swarm.ledger.pieces()) {
    const fault = pieceFault(swarm, geometry, active);
    if (fault !== undefined) return `piece ${active.piece}: ${fault}`;
  }
  return requestsFault(swarm) ?? waitingFault(swarm) ?? availabilityFault(swarm) ?? wantedFault(swarm);
}

function pieceFault(swarm: Swarm, geometry: Geometry, active: ActivePiece): string | undefined {
  let free = 0;
  let received = 0;
  for (let block = 0; block < active.blockCount; block++) {
    if (active.has(block)) {
      received++;
      continue;
    }
    const askers = active.requesters[block] ?? 0;
    if (askers === 0) free++;
    let asked = 0;
    const key = active.piece * geometry.blocksPerPiece + block;
    for (const neighbour of swarm.neighbours.values()) if (neighbour.hasRequested(key)) asked++;
    if (asked !== askers) return `block ${block} has ${askers} askers by the ledger, ${asked} by the neighbours`;
  }
  if (free !== active.freeCount) return `${free} blocks are free, ${active.freeCount} by the ledger`;
  if (received !== active.receivedCount) return `${received} blocks came, ${active.receivedCount} by the ledger`;
  if (active.owner !== undefined && !swarm.neighbours.has(active.owner)) return "its owner is gone";
  return undefined;
}

/** What is asked for belongs to pieces that are under way. */
function requestsFault(swarm: Swarm): string | undefined {
  let asked = 0;
  for (const neighbour of swarm.neighbours.values()) asked += neighbour.pipeline.outstanding;
  let askers = 0;
  for (const active of swarm.ledger.pieces()) {
    for (let block = 0; block < active.blockCount; block++) {
      if (!active.has(block)) askers += active.requesters[block] ?? 0;
    }
  }
  return asked < askers ? `${asked} requests under way, ${askers} by the ledger` : undefined;
}

/** A piece that we want is had, under way, or waits. */
function waitingFault({ have, needed, ledger, availability, geometry }: Swarm): string | undefined {
  for (let index = 0; index < have.length; index++) {
    const isUnderWay = ledger.get(geometry.piece(index)) !== undefined;
    if (have.has(index) && needed.has(index)) return `piece ${index} is there and needed`;
    if (have.has(index) && availability.isWaiting(index)) return `piece ${index} is there and waits`;
    if (isUnderWay && availability.isWaiting(index)) return `piece ${index} is under way and waits`;
    if (needed.has(index) && !isUnderWay && !availability.isWaiting(index)) return `piece ${index} is forgotten`;
  }
  return undefined;
}

function availabilityFault({ neighbours, availability, have }: Swarm): string | undefined {
  const counts = new Uint32Array(have.length);
  for (const { field } of neighbours.values()) {
    for (let index = 0; index < have.length; index++) if (field.has(index)) counts[index] = (counts[index] ?? 0) + 1;
  }
  for (let index = 0; index < have.length; index++) {
    const count = counts[index] ?? 0;
    if (availability.of(index) !== count) return `${count} have piece ${index}, ${availability.of(index)} by the count`;
  }
  return undefined;
}

function wantedFault({ neighbours, availability, needed, have }: Swarm): string | undefined {
  for (const { field, wantedCount, waitingCount, info } of neighbours.values()) {
    const wanted = countCommon(field, needed);
    if (wanted !== wantedCount)
      return `${info.endpoint.address} has ${wanted} that we want, ${wantedCount} by the count`;
    let waiting = 0;
    for (let index = 0; index < have.length; index++) if (field.has(index) && availability.isWaiting(index)) waiting++;
    if (waiting !== waitingCount)
      return `${info.endpoint.address} has ${waiting} that wait, ${waitingCount} by the count`;
  }
  return undefined;
}
