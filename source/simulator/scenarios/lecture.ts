/** The lectures' swarm: one seed with ten times the line of a peer, N peers that join at once and stay. */
import type { NodePlan, SwarmPlan } from "../swarm-plan.ts";
import { usualLink } from "../swarm-plan.ts";

export interface LectureOptions {
  readonly seed: number;
  readonly peers: number;
  readonly pieceCount: number;
  readonly pieceLength: number;
  /** F/u: what a peer's line takes for the whole content. */
  readonly uploadSeconds: number;
  /** u_s/u. */
  readonly seedFactor: number;
  /** The fastest peer's line is so many times the slowest's; evenly spread between (in logarithm). 1: all alike. */
  readonly spread: number;
  readonly slots?: number;
  readonly connections?: number;
}

export function lecture(options: LectureOptions): SwarmPlan {
  const { seed, peers, pieceCount, pieceLength, uploadSeconds, seedFactor, spread } = options;
  const up = (pieceCount * pieceLength) / uploadSeconds;
  const factors = Array.from({ length: peers }, (_, i) => spread ** ((i + 0.5) / peers - 0.5));
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / peers;
  const common = {
    joinsMs: 0,
    leaves: { when: "never" },
    ...(options.slots === undefined ? {} : { limits: { slots: options.slots } }),
    ...(options.connections === undefined ? {} : { connectionsPerTorrent: options.connections }),
  } as const;
  const downBytesPerSecond = Math.max(seedFactor, 2 * spread) * up;
  const nodes: NodePlan[] = [
    { ...common, name: "seed", group: "seed", isSeed: true, link: { ...usualLink, upBytesPerSecond: seedFactor * up } },
    ...factors.map((factor, i) => ({
      ...common,
      name: `peer ${i + 1}`,
      group: "peers",
      isSeed: false,
      link: { ...usualLink, upBytesPerSecond: (up * factor) / mean, downBytesPerSecond },
    })),
  ];
  return { scenario: "lecture", seed, pieceCount, pieceLength, nodes, endMs: 10_000 * uploadSeconds };
}
