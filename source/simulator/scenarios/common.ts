/** What most scenarios have in common: the textbook's sizes, and how they are set. */
import type { ParameterValues, ScenarioParameter } from "../scenario.ts";
import { type NodePlan, type SwarmPlan, usualLink } from "../swarm-plan.ts";
import type { LinkOptions } from "../virtual-link.ts";

export const peers = (count: number): ScenarioParameter => ({
  default: count,
  min: 1,
  max: 20_000,
  multipleOf: 1,
  unit: "",
  meaning: "those that want the content",
});

/** A part of all peers. */
export const part = (percent: number, meaning: string): ScenarioParameter => ({
  default: percent,
  min: 0,
  max: 100,
  unit: "%",
  meaning,
});

/** F = 64 MiB in pieces of 64 KiB, F/u = 1 hour, u_s = 10 u. */
export const textbook = {
  pieces: { default: 1024, min: 1, max: 100_000, multipleOf: 1, unit: "", meaning: "of the content" },
  kib: { default: 64, min: 16, max: 16_384, multipleOf: 16, unit: "KiB", meaning: "a piece, a multiple of 16" },
  hours: { default: 1, min: 0.001, max: 1000, unit: "h", meaning: "F/u: what a peer's line takes for one copy" },
  us: { default: 10, min: 0.01, max: 1000, unit: "× u", meaning: "the seed's line" },
  slots: { default: 0, min: 0, max: 100, multipleOf: 1, unit: "", meaning: "regular upload slots; 0: by the rate" },
  connections: {
    default: 40,
    min: 2,
    max: 500,
    multipleOf: 1,
    unit: "",
    meaning: "neighbours at most: more change nothing here but the time that it takes",
  },
} as const satisfies Readonly<Record<string, ScenarioParameter>>;

export type TextbookValues = ParameterValues<typeof textbook>;

/** Bytes. */
export function pieceLengthOf({ kib }: Pick<TextbookValues, "kib">): number {
  return kib * 1024;
}

/** u, bytes per second. */
export function upOf(values: TextbookValues): number {
  return (values.pieces * pieceLengthOf(values)) / (3600 * values.hours);
}

/** Milliseconds of F/u. */
export function copyMs({ hours }: Pick<TextbookValues, "hours">): number {
  return 3_600_000 * hours;
}

/** One node as scenarios say it. Default: it is there from the beginning to the end. */
export type NodeSketch = Pick<NodePlan, "name" | "group"> &
  Partial<Omit<NodePlan, "link">> & {
    /** Of u. */
    readonly up: number;
    readonly link?: Partial<LinkOptions>;
  };

/** The seed of the textbook. */
export function seedSketch(values: TextbookValues, more: Partial<NodeSketch> = {}): NodeSketch {
  return { name: "seed", group: "seed", isSeed: true, up: values.us, ...more };
}

/** So many of one kind; `each` says what differs. */
export function many(
  count: number,
  group: string,
  each: (i: number) => Partial<NodeSketch> = () => ({}),
): NodeSketch[] {
  return Array.from({ length: Math.max(0, Math.round(count)) }, (_, i) => ({
    name: `${group} ${i + 1}`,
    group,
    up: 1,
    ...each(i),
  }));
}

/** Everybody may take as fast as the seed gives, or as twice the fastest peer. */
export function planOf(
  scenario: string,
  seed: number,
  values: TextbookValues,
  sketches: readonly NodeSketch[],
  more: Partial<SwarmPlan> = {},
): SwarmPlan {
  const up = upOf(values);
  const fastest = Math.max(...sketches.map((sketch) => (sketch.isSeed === true ? sketch.up : 2 * sketch.up)));
  const nodes = sketches.map(
    ({ up: factor, link, ...sketch }): NodePlan => ({
      isSeed: false,
      joinsMs: 0,
      leaves: { when: "never" },
      limits: { slots: values.slots },
      connectionsPerTorrent: values.connections,
      ...sketch,
      link: { ...usualLink, upBytesPerSecond: factor * up, downBytesPerSecond: fastest * up, ...link },
    }),
  );
  return {
    scenario,
    seed,
    pieceCount: values.pieces,
    pieceLength: pieceLengthOf(values),
    nodes,
    endMs: 10 * copyMs(values),
    ...more,
  };
}
