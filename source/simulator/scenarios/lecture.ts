/** The lectures' swarm: one seed with ten times the line of a peer, N peers that join at once and stay. */
import { scenario } from "../scenario.ts";
import { many, peers, planOf, seedSketch, textbook } from "./common.ts";

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
    const count = values.peers;
    const factors = Array.from({ length: count }, (_, i) => values.spread ** ((i + 0.5) / count - 0.5));
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / count;
    const sketches = [seedSketch(values), ...many(count, "peer", (i) => ({ up: (factors[i] ?? 1) / mean }))];
    return planOf("lecture", seed, values, sketches);
  },
});
