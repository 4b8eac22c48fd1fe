/** Why a torrent does what it does, in words. `why.ts` finds out. */

/** It stops the torrent, slows it down, or is good to know. */
export type VerdictWeight = "stops" | "slows" | "note";

export interface Verdict {
  readonly weight: VerdictWeight;
  /** For scripts; there may be more of them in later versions. */
  readonly code: string;
  readonly sentence: string;
  /** What it goes by. */
  readonly evidence: readonly string[];
  /** What can be done about it, "" for nothing. */
  readonly help: string;
}

/** @param evidence what is `false` is left out. */
export function verdict(
  weight: VerdictWeight,
  code: string,
  sentence: string,
  help = "",
  evidence: readonly (string | false)[] = [],
): Verdict {
  return { weight, code, sentence, help, evidence: evidence.filter((text) => text !== false) };
}
