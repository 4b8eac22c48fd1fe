/** Lets go of one neighbour by hand: it may come back, and is not dialled for a while. */
import { OperationalError } from "../base/errors.ts";
import { formatEndpoint } from "../base/ip-address.ts";
import type { Swarm } from "./swarm.ts";

/** Others have the time to take its place, and it may be welcome later. */
const heldMs = 10 * 60_000;

/**
 * @param endpoint `ADDRESS:PORT`, as it is shown. @param swarm `undefined` where the torrent is not active.
 * @throws OperationalError `no-neighbour`.
 */
export function kick(swarm: Swarm | undefined, endpoint: string): void {
  for (const neighbour of swarm?.neighbours.values() ?? []) {
    const { info } = neighbour;
    if (formatEndpoint(info.endpoint) !== endpoint) continue;
    swarm?.peers.hold(info.endpoint, info.isIncoming, swarm.nowMs() + heldMs);
    neighbour.close("we let go of it by hand");
    return;
  }
  throw new OperationalError("no-neighbour", `${endpoint.slice(0, 100)} is no neighbour of it`);
}
