/** Swarms that are hard on whoever has the content: many come at once, seeds leave early, finished peers leave, all is in motion. */
import { randomFraction, SeededRandom } from "../../base/random.ts";
import { scenario } from "../scenario.ts";
import { copyMs, many, part, peers, planOf, seedSketch, textbook } from "./common.ts";

const copies = {
  default: 1.25,
  min: 0.1,
  max: 1000,
  unit: "",
  meaning: "that the seed sends before it leaves",
} as const;

export const flashCrowd = scenario({
  name: "flash-crowd",
  summary: "All come at once to one super-seed, which leaves after little more than one copy: the content survives.",
  parameters: { peers: peers(50), ...textbook, copies },
  plan: (values, seed) =>
    planOf("flash-crowd", seed, values, [
      seedSketch(values, { manner: { superSeeds: true }, leaves: { when: "sent", copies: values.copies } }),
      ...many(values.peers, "peer"),
    ]),
});

export const seedLeavesEarly = scenario({
  name: "seed-leaves-early",
  summary: "An ordinary seed leaves after some copies: whether everything was in the swarm by then.",
  parameters: { peers: peers(30), ...textbook, copies: { ...copies, default: 2 } },
  plan: (values, seed) =>
    planOf("seed-leaves-early", seed, values, [
      seedSketch(values, { leaves: { when: "sent", copies: values.copies } }),
      ...many(values.peers, "peer"),
    ]),
});

const afterMinutes = { default: 0, min: 0, max: 100_000, unit: "min", meaning: "that a finished peer stays" } as const;

export const selfish = scenario({
  name: "selfish",
  summary: "Peers leave as soon as they are complete, and take their lines with them.",
  parameters: { peers: peers(30), ...textbook, minutes: afterMinutes },
  plan: (values, seed) =>
    planOf("selfish", seed, values, [
      seedSketch(values),
      ...many(values.peers, "peer", () => ({ leaves: { when: "complete", afterMs: 60_000 * values.minutes } })),
    ]),
});

export const altruistic = scenario({
  name: "altruistic",
  summary: "Peers join one after another and stay as seeds: those who come late are served best.",
  parameters: { peers: peers(30), ...textbook },
  plan: (values, seed) =>
    planOf("altruistic", seed, values, [
      seedSketch(values),
      ...many(values.peers, "peer", (i) => ({ joinsMs: (i * copyMs(values)) / values.peers })),
    ]),
});

export const steadyState = scenario({
  name: "steady-state",
  summary: "Peers arrive at random and seed for a while: a swarm that lives on, long after its first seed.",
  parameters: {
    peers: peers(60),
    ...textbook,
    rate: { default: 20, min: 0.1, max: 10_000, unit: "", meaning: "peers that arrive during F/u" },
    minutes: { ...afterMinutes, default: 10 },
  },
  plan: (values, seed) => {
    const random = new SeededRandom(seed);
    let joinsMs = 0;
    const arrivals = Array.from({ length: values.peers }, () => {
      joinsMs += (-Math.log(1 - randomFraction(random)) * copyMs(values)) / values.rate;
      return joinsMs;
    });
    return planOf(
      "steady-state",
      seed,
      values,
      [
        seedSketch(values),
        ...many(values.peers, "peer", (i) => ({
          joinsMs: arrivals[i] ?? 0,
          leaves: { when: "complete", afterMs: 60_000 * values.minutes },
        })),
      ],
      { endMs: joinsMs + 10 * copyMs(values) },
    );
  },
});

export const churn = scenario({
  name: "churn",
  summary: "Some come for a while only and leave in the middle: the others complete all the same.",
  parameters: { peers: peers(30), ...textbook, visitors: part(100, "so many more that leave again, of the peers") },
  plan: (values, seed) => {
    const random = new SeededRandom(seed);
    const visitors = many((values.peers * values.visitors) / 100, "visitor", () => {
      const joinsMs = randomFraction(random) * copyMs(values);
      return { joinsMs, leaves: { when: "at", ms: joinsMs + (0.05 + 0.2 * randomFraction(random)) * copyMs(values) } };
    });
    return planOf("churn", seed, values, [seedSketch(values), ...many(values.peers, "peer"), ...visitors]);
  },
});

export const lastPiece = scenario({
  name: "last-piece",
  summary: "A slow seed and peers that leave when complete: the last pieces, which only the seed has for long.",
  parameters: { peers: peers(20), ...textbook, us: { ...textbook.us, default: 1.2 } },
  plan: (values, seed) =>
    planOf("last-piece", seed, values, [
      seedSketch(values),
      ...many(values.peers, "peer", () => ({ leaves: { when: "complete", afterMs: 0 } })),
    ]),
});
