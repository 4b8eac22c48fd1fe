/** In which order neighbours get upload slots: what the choker goes by, without its slots and rounds. Pure. */
import { formatRate } from "../base/units.ts";

/** How long a slot stays with a neighbour that wants nothing just now. */
export const slotHoldMs = 10_000;
/** How long a seed serves one neighbour before those that wait come first. */
const seedTurnMs = 60_000;
/** How long a super-seed does; then to the end of the piece. Short, so that everybody soon has something to trade. */
export const superSeedTurnMs = 5_000;

/** A neighbour as the choker sees it. */
export interface Candidate {
  readonly id: number;
  /** See `networkOf`. Default: one of its own. */
  readonly network?: string;
  readonly peerInterested: boolean;
  readonly amChoking: boolean;
  readonly isSnubbed: boolean;
  readonly connectedMs: number;
  /** When it was last unchoked and choked, -Infinity for never. */
  readonly unchokedMs: number;
  readonly chokedMs: number;
  /** Bytes per second, lately. */
  readonly downRate: number;
  readonly upRate: number;
  /** While we super-seed. */
  readonly standing?: SuperSeedStanding | undefined;
}

/** What became of the pieces that a super-seed has shown to a neighbour. */
export interface SuperSeedStanding {
  /** It has not yet all that it was shown. */
  readonly hasOpen: boolean;
  /** A part of that was sent, and not all. */
  readonly hasBegun: boolean;
  /** Pieces that it has from us and did not spread. */
  readonly debts: number;
}

/** Those that give most first; a snubbing neighbour earns nothing by what it gave before. */
export function rankForLeech(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter((candidate) => !candidate.isSnubbed)
    .sort((a, b) => b.downRate - a.downRate || b.upRate - a.upRate || a.connectedMs - b.connectedMs || a.id - b.id);
}

/** Those in their turn first, the fastest takers ahead; then those that have waited longest. */
export function rankForSeed(candidates: readonly Candidate[], nowMs: number): Candidate[] {
  const inTurn = (one: Candidate) => !one.amChoking && nowMs - one.unchokedMs < seedTurnMs && isTaking(one, nowMs);
  return [...candidates].sort((a, b) => {
    if (inTurn(a) !== inTurn(b)) return inTurn(a) ? -1 : 1;
    if (inTurn(a)) return b.upRate - a.upRate || a.id - b.id;
    return byWaiting(a, b, nowMs);
  });
}

/** Those in their turn first; then those that have spread what they were given, and of these who has waited longest. */
export function rankForSuperSeed(candidates: readonly Candidate[], nowMs: number): Candidate[] {
  const inTurn = ({ amChoking, unchokedMs, standing, ...one }: Candidate) => {
    const { hasOpen = false, hasBegun = false } = standing ?? {};
    const isOwnTime = hasOpen && nowMs - unchokedMs < superSeedTurnMs;
    return !amChoking && (isOwnTime || hasBegun) && isTaking({ unchokedMs, ...one }, nowMs);
  };
  const debts = (one: Candidate) => one.standing?.debts ?? 0;
  return [...candidates].sort(
    (a, b) => Number(inTurn(b)) - Number(inTurn(a)) || debts(a) - debts(b) || byWaiting(a, b, nowMs),
  );
}

/** Who takes nothing has had its turn. */
function isTaking(one: Pick<Candidate, "upRate" | "unchokedMs">, nowMs: number): boolean {
  return one.upRate >= 1 || nowMs - one.unchokedMs < slotHoldMs;
}

/** Never served counts as longest; one whose turn has just ended waits behind those that wait already. */
function byWaiting(a: Candidate, b: Candidate, nowMs: number): number {
  const since = (one: Candidate) => (one.amChoking ? one.chokedMs : nowMs);
  // Both may be -Infinity.
  const difference = since(a) === since(b) ? 0 : since(a) - since(b);
  return difference || b.upRate - a.upRate || a.connectedMs - b.connectedMs || a.id - b.id;
}

/** The same order, but the first of each network before the second of any; those of `before` are counted as ahead. */
export function spread(ranked: readonly Candidate[], before: readonly Candidate[]): Candidate[] {
  const counts = new Map<string, number>();
  const roundOf = (one: Candidate): number => {
    const round = (counts.get(networkKey(one)) ?? 0) + 1;
    counts.set(networkKey(one), round);
    return round;
  };
  before.forEach(roundOf);
  const rounds = ranked.map((one) => ({ one, round: roundOf(one) }));
  return rounds.sort((a, b) => a.round - b.round).map(({ one }) => one);
}

export function networkKey(one: Candidate): string {
  return one.network ?? `#${one.id}`;
}

export function leechReason(candidate: Candidate, rank: number, count: number): string {
  if (candidate.downRate < 1) return `rank ${rank + 1} of ${count}: gives nothing yet, but a slot is free`;
  return `rank ${rank + 1} of ${count}: gives us ${formatRate(candidate.downRate)}`;
}

export function seedReason(candidate: Candidate, nowMs: number): string {
  if (candidate.amChoking) return "its turn";
  const seconds = Math.round((nowMs - candidate.unchokedMs) / 1000);
  return `takes ${formatRate(candidate.upRate)}, its turn for ${seconds} s`;
}

export function superSeedReason({ standing }: Candidate): string {
  const debts = standing?.debts ?? 0;
  return debts === 0
    ? "its turn: it has spread what it got"
    : `its turn: ${debts} pieces that it got are not spread yet`;
}
