/**
 * Whether a neighbour may be left alone: nothing is on its way, nothing waits, and we could ask for nothing. Then no tick can
 * change anything of it until silence does (see `LineWatch.dueMs`), or something that makes it see its time. Most neighbours of
 * a swarm are so most of the time, and an engine may have tens of thousands.
 */
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourLink } from "./neighbour-owner.ts";

export function isAtRest(one: Neighbour, link: NeighbourLink): boolean {
  const mayAsk = one.amInterested && (!one.peerChoking || one.allowedToUs.size > 0);
  const { uploads, pipeline, time } = one;
  const isQuiet = !mayAsk && pipeline.isStill && uploads.length === 0 && !uploads.isReading;
  return isQuiet && link.queuedBytes === 0 && !link.isReadingPaused && time.isSampled(one);
}
