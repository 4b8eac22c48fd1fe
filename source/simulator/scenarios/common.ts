/** What most scenarios have in common: the textbook's sizes, and how they are set. */
import type { ScenarioParameter } from "../scenario.ts";
import type { NodePlan } from "../swarm-plan.ts";

export const peers = (count: number): ScenarioParameter => ({
  default: count,
  min: 1,
  max: 20_000,
  isWhole: true,
  unit: "",
  meaning: "those that want the content",
});

/** F = 64 MiB in pieces of 64 KiB, F/u = 1 hour, u_s = 10 u. */
export const textbook = {
  pieces: { default: 1024, min: 1, max: 100_000, isWhole: true, unit: "", meaning: "of the content" },
  kib: { default: 64, min: 16, max: 16_384, isWhole: true, unit: "KiB", meaning: "a piece, a multiple of 16" },
  hours: { default: 1, min: 0.001, max: 1000, unit: "h", meaning: "F/u: what a peer's line takes for one copy" },
  us: { default: 10, min: 0.01, max: 1000, unit: "× u", meaning: "the seed's line" },
  slots: { default: 4, min: 1, max: 100, isWhole: true, unit: "", meaning: "regular upload slots" },
  connections: {
    default: 40,
    min: 2,
    max: 500,
    isWhole: true,
    unit: "",
    meaning: "neighbours at most: more change nothing here but the time that it takes",
  },
} as const satisfies Readonly<Record<string, ScenarioParameter>>;

export interface TextbookValues {
  readonly pieces: number;
  readonly kib: number;
  readonly hours: number;
}

export function pieceLengthOf({ kib }: Pick<TextbookValues, "kib">): number {
  return Math.max(1, Math.round(kib / 16)) * 16 * 1024;
}

/** u, bytes per second. */
export function upOf(values: TextbookValues): number {
  return (values.pieces * pieceLengthOf(values)) / (3600 * values.hours);
}

/** From the beginning to the end. */
export const stays = { joinsMs: 0, leaves: { when: "never" } } as const satisfies Partial<NodePlan>;
