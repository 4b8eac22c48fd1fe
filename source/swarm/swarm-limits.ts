import type { Neighbour } from "./neighbour.ts";

/** How much a swarm may take and give now. */
export interface SwarmLimits {
  /** Whether these bytes may go to it now; if not, its `serveUploads` is called when they may. */
  grantUpload(neighbour: Neighbour, bytes: number): boolean;
  /** @returns of so many blocks, how many may be asked of it now; `Swarm.requestMore` is called when more may. */
  grantRequests(neighbour: Neighbour, count: number): number;
  /** It was granted more than there was to ask of it, and does not wait for more. */
  requestsUnused(neighbour: Neighbour): void;
}
