import type { Neighbour } from "./neighbour.ts";
import type { PiecePicker, Take } from "./piece-picker.ts";
import type { SwarmLimits } from "./swarm-limits.ts";

/** Asks a neighbour for as many blocks as its window and the limits have room for. @returns whether it was asked for any. */
export function askForBlocks(neighbour: Neighbour, picker: PiecePicker, limits: SwarmLimits, nowMs: number): boolean {
  const { room, window } = neighbour.pipeline;
  // In batches: a request a block would be a write a block.
  if (room === 0 || (room < window / 8 && neighbour.pipeline.outstanding > window / 2)) return false;
  const count = limits.grantRequests(neighbour, room);
  if (count === 0) return false;
  const ask: Take = (active, block) => neighbour.request(active, block, nowMs);
  const asked = neighbour.peerChoking
    ? picker.pickAllowed(neighbour, neighbour.allowedToUs, count, ask)
    : picker.pick(neighbour, count, ask);
  if (asked > 0) neighbour.seeTime();
  if (asked < count) limits.requestsUnused(neighbour);
  return asked > 0;
}
