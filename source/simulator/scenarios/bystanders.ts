/** Swarms among peers that are no help, or in a world where things break. */

import type { CrowdPlan } from "../peer-script.ts";
import { scenario } from "../scenario.ts";
import { usualLink } from "../swarm-plan.ts";
import { copyMs, many, peers, planOf, seedSketch, textbook, upOf } from "./common.ts";

/** A crowd of such a kind, around the engines from the start. */
function crowd(values: Parameters<typeof upOf>[0], kind: Pick<CrowdPlan, "group" | "count" | "script">): CrowdPlan {
  const up = upOf(values);
  const link = { ...usualLink, upBytesPerSecond: up, downBytesPerSecond: 10 * up };
  return { link, joinsMs: 0, overMs: 60_000, dials: 1, ...kind };
}

const crowded = (count: number, meaning: string) =>
  ({ default: count, min: 0, max: 100_000, multipleOf: 1, unit: "", meaning }) as const;

export const liars = scenario({
  name: "liars",
  summary: "As many lie as want the content: they claim to have everything, and reject what is asked or never answer.",
  parameters: {
    peers: peers(20),
    ...textbook,
    rejecting: crowded(10, "liars that reject"),
    silent: crowded(10, "liars that do not answer"),
    idle: crowded(10, "that claim half and give nothing"),
    mute: crowded(10, "that are connected and say nothing"),
  },
  plan: (values, seed) =>
    planOf("liars", seed, values, [seedSketch(values), ...many(values.peers, "peer")], {
      crowds: [
        crowd(values, { group: "rejecting", count: values.rejecting, script: { kind: "liar", rejects: true } }),
        crowd(values, { group: "silent", count: values.silent, script: { kind: "liar", rejects: false } }),
        crowd(values, { group: "idle", count: values.idle, script: { kind: "idle" } }),
        crowd(values, { group: "mute", count: values.mute, script: { kind: "mute" } }),
      ],
    }),
});

export const crowds = scenario({
  name: "crowd",
  summary:
    "One engine amid thousands of scripted peers, of whom some give, most take, some are silent, slow or poison.",
  parameters: {
    peers: peers(1),
    ...textbook,
    connections: { ...textbook.connections, default: 80 },
    crowd: crowded(2000, "scripted peers around it"),
  },
  plan: (values, seed) => {
    const of = (percent: number) => Math.round((values.crowd * percent) / 100);
    return planOf("crowd", seed, values, [seedSketch(values, { up: 1 }), ...many(values.peers, "peer")], {
      crowds: [
        crowd(values, { group: "giver", count: of(5), script: { kind: "seed" } }),
        crowd(values, { group: "fair", count: of(25), script: { kind: "leech", gives: true } }),
        crowd(values, { group: "taker", count: of(50), script: { kind: "leech", gives: false } }),
        crowd(values, { group: "mute", count: of(8), script: { kind: "mute" } }),
        crowd(values, { group: "silent", count: of(5), script: { kind: "liar", rejects: false } }),
        crowd(values, { group: "slow reader", count: of(5), script: { kind: "slow-reader", everyMs: 5000 } }),
        crowd(values, { group: "poisoner", count: of(2), script: { kind: "poisoner", part: 0.5 } }),
      ],
    });
  },
});

export const breakdowns = scenario({
  name: "breakdowns",
  summary:
    "The network falls apart and heals, connections are reset, the tracker lies, disks are slow, full or rotten.",
  parameters: { peers: peers(20), ...textbook },
  plan: (values, seed) => {
    const hour = copyMs(values);
    const at = (from: number, until: number) => ({ fromMs: from * hour, untilMs: until * hour });
    const half = Array.from({ length: Math.floor(values.peers / 2) }, (_, i) => `peer ${i + 1}`);
    return planOf("breakdowns", seed, values, [seedSketch(values), ...many(values.peers, "peer")], {
      troubles: [
        { kind: "resets", ...at(0.05, 0.9), everyMs: 20_000 },
        { kind: "tracker", ...at(0.02, 0.3), how: "lies" },
        { kind: "tracker", ...at(0.5, 0.7), how: "dead" },
        { kind: "partition", ...at(0.2, 0.35), names: half },
        { kind: "disk", ...at(0.1, 0.6), names: ["peer 1"], how: "slow", readMs: 50, writeMs: 500 },
        { kind: "disk", ...at(0.3, 0.4), names: ["peer 2"], how: "full" },
        { kind: "disk", ...at(0.2, 0.6), names: ["peer 3"], how: "miswrites", part: 0.05 },
      ],
    });
  },
});
