/** What became of the crowds around a simulated swarm. */
import { contentLength } from "./swarm-plan.ts";
import type { SwarmSimulation } from "./swarm-simulation.ts";

export interface CrowdResults {
  readonly group: string;
  readonly peers: number;
  /** Copies of the content that all of them took and gave. */
  readonly taken: number;
  readonly given: number;
  readonly wrongBlocks: number;
  /** Dials of all of them, and connections that they have at the end. */
  readonly dials: number;
  readonly connections: number;
  /** Pairs of an engine and one that it has banned. */
  readonly bans: number;
}

export function crowdResultsOf({ crowds, nodes, plan }: SwarmSimulation): readonly CrowdResults[] {
  const length = contentLength(plan);
  return [...Map.groupBy(crowds.peers, ({ group }) => group)].map(([group, peers]) => {
    const sum = (of: (peer: (typeof peers)[number]) => number) => peers.reduce((total, peer) => total + of(peer), 0);
    return {
      group,
      peers: peers.length,
      taken: sum(({ takenBytes }) => takenBytes) / length,
      given: sum(({ host }) => host.uplink.sentBytes) / length,
      wrongBlocks: sum(({ wrongBlocks }) => wrongBlocks),
      dials: sum(({ dials }) => dials),
      connections: sum(({ lineCount }) => lineCount),
      bans: sum(({ endpoint, peerId }) => {
        return nodes.filter(({ running }) => running?.swarm?.peers.isBanned(endpoint, peerId) === true).length;
      }),
    };
  });
}
