/** In which order neighbours get upload slots: what the choker goes by, without its slots and rounds. Pure. */
import { formatRate } from "../base/units.ts";

/** How long a slot stays with a neighbour that wants nothing just now. */
export const slotHoldMs = 10_000;
/**
 * How long a seed serves one neighbour before those that wait come first. Of a neighbour's share in an hour among a hundred
 * one turn is a ninth, so that nobody is a seventh ahead; and at 2 KB/s a block comes through.
 */
export const seedTurnMs = 20_000;
/** What is left of a piece in the end of a turn is sent if it takes no longer: half a piece is worth nothing. */
const seedTurnMaxMs = 40_000;
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
  /** It has something that we want, and we ask it wherever it lets us. */
  readonly amInterested?: boolean;
  /** It has given us a quarter of what we gave it, or more. */
  readonly returns?: boolean;
  /** It has no piece yet, and we have not sent it as much. */
  readonly hasNothing?: boolean;
  /** The piece that it is in the middle of: some of it was sent, and more is asked for. */
  readonly piece?: number | undefined;
  /** While we super-seed. */
  readonly standing?: SuperSeedStanding | undefined;
}

/** What became of the pieces that a super-seed has shown to a neighbour. */
export interface SuperSeedStanding {
  /** It has not yet all that it was shown. */
  readonly hasOpen: boolean;
  /** A part of that was sent, it takes the rest or says soon that it has it, and is not too long about it. */
  readonly isFetching: boolean;
  /** Among that is a piece that nobody has. */
  readonly hasNew: boolean;
  /** Pieces that it has from us and did not spread. */
  readonly debts: number;
}

/** Those that give most first; not those that give nothing, nor, whatever it gave before, one that snubs us. */
export function rankForLeech(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter(({ isSnubbed, downRate }) => !isSnubbed && downRate >= 1)
    .sort((a, b) => b.downRate - a.downRate || b.upRate - a.upRate || a.connectedMs - b.connectedMs || a.id - b.id);
}

/** A turn that was as short, because others came, does not count. */
const cutShortMs = 5_000;

/** It waits for its first piece, or is getting it: nobody has two such turns. */
export function isFirst({ hasNothing = false, peerInterested, amChoking, unchokedMs, chokedMs }: Candidate): boolean {
  if (!hasNothing || !peerInterested) return false;
  return chokedMs === Number.NEGATIVE_INFINITY || !amChoking || chokedMs - unchokedMs < cutShortMs;
}

/** A neighbour's turn as the choker knows it. */
export interface Turn {
  /** See TurnTimes. */
  servedMs(id: number): number;
  /** The piece that is still sent to it, its time being over. */
  lastPiece(id: number): number | undefined;
}

/**
 * "Equal time": those in their turn first, then who was served least so far. Before all, everybody is given a first piece, and
 * no more while others have none: who has nothing cannot help, and a swarm of many begins as soon as many have something.
 */
export function rankForSeed(candidates: readonly Candidate[], turns: Turn, nowMs: number): Candidate[] {
  const isAwaited = candidates.some((one) => one.amChoking && isFirst(one));
  const inTurn = new Map(
    candidates.map((one) => [one, isInTurn(one, turns, nowMs) && (!isAwaited || isFirst(one))] as const),
  );
  return [...candidates].sort(
    (a, b) =>
      Number(inTurn.get(b)) - Number(inTurn.get(a)) ||
      Number(isFirst(b)) - Number(isFirst(a)) ||
      turns.servedMs(a.id) - turns.servedMs(b.id) ||
      byWaiting(a, b, nowMs),
  );
}

function isInTurn(one: Candidate, turns: Turn, nowMs: number): boolean {
  if (one.amChoking || !isTaking(one, nowMs)) return false;
  const ms = nowMs - one.unchokedMs;
  if (ms < seedTurnMs || (one.hasNothing === true && ms < seedTurnMaxMs)) return true;
  return ms < seedTurnMaxMs && one.piece !== undefined && one.piece === (turns.lastPiece(one.id) ?? one.piece);
}

/** A piece that nobody has is worth so much waiting: each is to leave us once before any leaves twice. */
const newPieceMs = 600_000;
/** Each piece that was not spread is so much waiting that was not done, up to so many of them. */
const debtMs = 30_000;
const debtsMax = 8;

/**
 * Those in their turn first; then who has waited longest, as what they fetch and what they have spread counts. Whatever
 * others do or do not, nobody comes behind those who have waited a quarter of an hour less.
 */
export function rankForSuperSeed(candidates: readonly Candidate[], nowMs: number): Candidate[] {
  const inTurn = ({ amChoking, unchokedMs, standing }: Candidate) =>
    !amChoking && standing?.hasOpen === true && (nowMs - unchokedMs < superSeedTurnMs || standing.isFetching);
  const waitedMs = ({ amChoking, chokedMs, connectedMs, standing }: Candidate) => {
    const { hasNew = false, debts = 0 } = standing ?? {};
    const sinceMs = amChoking ? Math.max(chokedMs, connectedMs) : nowMs;
    return nowMs - sinceMs + (hasNew ? newPieceMs : 0) - debtMs * Math.min(debts, debtsMax);
  };
  return [...candidates].sort(
    (a, b) => Number(inTurn(b)) - Number(inTurn(a)) || waitedMs(b) - waitedMs(a) || byWaiting(a, b, nowMs),
  );
}

/** Who takes nothing has had its turn. */
export function isTaking(one: Pick<Candidate, "upRate" | "unchokedMs">, nowMs: number): boolean {
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
  return `rank ${rank + 1} of ${count}: gives us ${formatRate(candidate.downRate)}`;
}

export function seedReason(candidate: Candidate, nowMs: number): string {
  if (candidate.amChoking) return "its turn";
  const seconds = Math.round((nowMs - candidate.unchokedMs) / 1000);
  return `its turn for ${seconds} s, takes ${formatRate(candidate.upRate)}`;
}

export function superSeedReason({ standing }: Candidate): string {
  const { hasNew = false, debts = 0 } = standing ?? {};
  if (hasNew) return "its turn: nobody else has what it is to fetch";
  return debts === 0
    ? "its turn: it has spread what it got"
    : `its turn: ${debts} pieces that it got are not spread yet`;
}
