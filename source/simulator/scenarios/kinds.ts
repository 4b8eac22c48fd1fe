/** Swarms of unlike peers: some give nothing or poison, lines differ, NATs are in the way, the tracker dies. */
import { scenario } from "../scenario.ts";
import { copyMs, many, part, peers, planOf, seedSketch, textbook } from "./common.ts";

export const freeRiders = scenario({
  name: "free-riders",
  summary: "Some give nothing: tit-for-tat serves those who give first.",
  parameters: {
    peers: peers(50),
    ...textbook,
    riders: part(30, "of the peers give nothing"),
    leaving: { default: 0, min: 0, max: 1, multipleOf: 1, unit: "", meaning: "1: those that give leave when complete" },
  },
  plan: (values, seed) => {
    const riders = Math.round((values.peers * values.riders) / 100);
    const leaves = values.leaving === 1 ? ({ when: "complete", afterMs: 0 } as const) : ({ when: "never" } as const);
    return planOf("free-riders", seed, values, [
      seedSketch(values),
      ...many(values.peers - riders, "contributor", () => ({ leaves })),
      ...many(riders, "free rider", () => ({ up: 0, manner: { givesNothing: true } })),
    ]);
  },
});

export const poisoners = scenario({
  name: "poisoners",
  summary: "Some have everything and send wrong blocks: they are found out and banned, and nobody else is.",
  parameters: {
    peers: peers(50),
    ...textbook,
    poisoners: part(10, "so many more that poison, of the peers"),
    spoils: part(100, "of the blocks that they send are wrong"),
  },
  plan: (values, seed) => ({
    ...planOf("poisoners", seed, values, [
      seedSketch(values),
      ...many(values.peers, "peer"),
      ...many((values.peers * values.poisoners) / 100, "poisoner", () => ({
        isSeed: true,
        manner: { spoils: values.spoils / 100 },
      })),
    ]),
  }),
});

export const slowMajority = scenario({
  name: "slow-majority",
  summary: "Most lines are slow, a few are fast: the fast ones find one another, the slow ones are not left behind.",
  parameters: {
    peers: peers(50),
    ...textbook,
    slow: part(80, "of the peers are slow"),
    factor: { default: 0.25, min: 0.01, max: 1, unit: "× u", meaning: "a slow peer's line" },
  },
  plan: (values, seed) => {
    const slow = Math.round((values.peers * values.slow) / 100);
    return planOf("slow-majority", seed, values, [
      seedSketch(values),
      ...many(values.peers - slow, "fast peer"),
      ...many(slow, "slow peer", () => ({ up: values.factor })),
    ]);
  },
});

export const classes = scenario({
  name: "classes",
  summary: "Three kinds of lines, 0.5, 1 and 2 u: like trades with like, and who gives more is served sooner.",
  parameters: { peers: peers(48), ...textbook },
  plan: (values, seed) => {
    const third = Math.round(values.peers / 3);
    return planOf("classes", seed, values, [
      seedSketch(values),
      ...many(third, "half u", () => ({ up: 0.5 })),
      ...many(values.peers - 2 * third, "u"),
      ...many(third, "two u", () => ({ up: 2 })),
    ]);
  },
});

export const nat = scenario({
  name: "nat",
  summary: "Most peers sit behind NATs that let nobody in: they connect to the others, and through them all is shared.",
  parameters: { peers: peers(30), ...textbook, hidden: part(80, "of the peers are behind NATs") },
  plan: (values, seed) => {
    const hidden = Math.round((values.peers * values.hidden) / 100);
    return planOf("nat", seed, values, [
      seedSketch(values),
      ...many(values.peers - hidden, "reachable"),
      ...many(hidden, "behind NAT", () => ({ link: { isReachable: false } })),
    ]);
  },
});

export const trackerDeath = scenario({
  name: "tracker-death",
  summary: "The tracker dies early; neighbours name one another (PEX), and the swarm goes on.",
  parameters: {
    peers: peers(30),
    ...textbook,
    minute: { default: 2, min: 0.1, max: 100_000, unit: "min", meaning: "in which it dies" },
  },
  plan: (values, seed) =>
    planOf(
      "tracker-death",
      seed,
      values,
      [
        seedSketch(values),
        // Half of them come before it dies.
        ...many(values.peers, "peer", (i) => ({
          joinsMs: Math.min(copyMs(values), 60_000 * values.minute) * (i % 2) * 0.9,
        })),
      ],
      {
        troubles: [{ kind: "tracker", how: "dead", fromMs: 60_000 * values.minute, untilMs: 10 * copyMs(values) }],
      },
    ),
});
