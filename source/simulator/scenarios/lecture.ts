/** The lectures' swarm: one seed with ten times the line of a peer, N peers that join at once and stay. */
import { scenario } from "../scenario.ts";
import type { NodePlan } from "../swarm-plan.ts";
import { usualLink } from "../swarm-plan.ts";
import { peers, pieceLengthOf, stays, textbook, upOf } from "./common.ts";

export const lecture = scenario({
  name: "lecture",
  summary: "One seed, N peers that join at once and stay: how near the swarm comes to the bound of the textbooks.",
  parameters: {
    peers: peers(30),
    ...textbook,
    spread: {
      default: 1,
      min: 1,
      max: 1000,
      unit: "",
      meaning: "the fastest peer's line against the slowest's; the mean stays u",
    },
  },
  plan: (values, seed) => {
    const up = upOf(values);
    const { spread } = values;
    const count = values.peers;
    const factors = Array.from({ length: count }, (_, i) => spread ** ((i + 0.5) / count - 0.5));
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / count;
    const common = { ...stays, limits: { slots: values.slots }, connectionsPerTorrent: values.connections };
    // d_min is not below u_s, nor below what anybody can give.
    const downBytesPerSecond = Math.max(values.us, 2 * spread) * up;
    const nodes: NodePlan[] = [
      {
        ...common,
        name: "seed",
        group: "seed",
        isSeed: true,
        link: { ...usualLink, upBytesPerSecond: values.us * up },
      },
      ...factors.map((factor, i) => ({
        ...common,
        name: `peer ${i + 1}`,
        group: "peers",
        isSeed: false,
        link: { ...usualLink, upBytesPerSecond: (up * factor) / mean, downBytesPerSecond },
      })),
    ];
    return {
      scenario: "lecture",
      seed,
      pieceCount: values.pieces,
      pieceLength: pieceLengthOf(values),
      nodes,
      endMs: 36_000_000 * values.hours,
    };
  },
});
