/**
 * Who may download from us: tit-for-tat (Cohen 2003). While we leech, the four interested neighbours that give us most
 * hold the regular slots, ranked again every 10 s; as a seed, those that take fastest, each for a minute before others
 * have their turn, so that the whole swarm is served; and one of each network before the second of any, so that no host
 * gets more by coming under many names. One further slot is optimistic: drawn at random every 30 s among
 * the choked, newcomers three times as likely, so that better partners are found and newcomers get a first piece.
 *
 * Slots that fall free between rounds are filled at once. Every slot has its reason in words.
 */

import { type Random, randomBelow } from "../base/random.ts";
import { formatRate } from "../base/units.ts";

export const rechokeMs = 10_000;
export const optimisticMs = 30_000;
/** A newcomer, and so more likely to be drawn, for as long (BitTorrent specification, "optimistic unchoking"). */
const newcomerMs = 45_000;
const newcomerWeight = 3;
/** How long a slot stays with a neighbour that wants nothing just now. */
const slotHoldMs = 10_000;
/** How long a seed serves one neighbour before those that wait come first. */
const seedTurnMs = 60_000;

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
}

export interface Decision {
  readonly slot: "regular" | "optimistic";
  readonly reason: string;
}

export class Choker {
  readonly #random: Random;
  #regularSlots: number;
  #nextRechokeMs: number;
  #nextOptimisticMs: number;
  #optimistic: number | undefined;
  #decisions = new Map<number, Decision>();
  #ranking: readonly number[] = [];

  /** @param regularSlots 1 or more; 4 by custom. Rounds begin at a random moment, so that nodes are out of step. */
  constructor(random: Random, regularSlots: number, nowMs: number) {
    this.#random = random;
    this.#regularSlots = regularSlots;
    this.#nextRechokeMs = nowMs + randomBelow(random, rechokeMs);
    this.#nextOptimisticMs = this.#nextRechokeMs;
  }

  get regularSlots(): number {
    return this.#regularSlots;
  }

  /** More are given at the next `fill`, what are too many are taken with the next round. */
  setRegularSlots(count: number): void {
    this.#regularSlots = count;
  }

  /** Milliseconds to the next ranking, and to the next draw. */
  countdowns(nowMs: number): { readonly rechokeMs: number; readonly optimisticMs: number } {
    return {
      rechokeMs: Math.max(0, this.#nextRechokeMs - nowMs),
      optimisticMs: Math.max(0, this.#nextOptimisticMs - nowMs),
    };
  }

  decisionOf(id: number): Decision | undefined {
    return this.#decisions.get(id);
  }

  /** Ids in the order of the last round, the best first. */
  get ranking(): readonly number[] {
    return this.#ranking;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#nextRechokeMs;
  }

  /** A round. @returns who is to be unchoked and why; everybody else is to be choked. */
  rechoke(candidates: readonly Candidate[], isSeed: boolean, nowMs: number): ReadonlyMap<number, Decision> {
    this.#nextRechokeMs = nowMs + rechokeMs;
    const interested = candidates.filter((candidate) => candidate.peerInterested);
    const ranked = isSeed ? spread(rankForSeed(interested, nowMs), []) : rankForLeech(interested);
    this.#ranking = ranked.map(({ id }) => id);
    const decisions = new Map<number, Decision>();
    ranked.slice(0, this.#regularSlots).forEach((candidate, rank) => {
      decisions.set(candidate.id, {
        slot: "regular",
        reason: isSeed ? seedReason(candidate, nowMs) : leechReason(candidate, rank, interested.length),
      });
    });
    this.#drawOptimistic(interested, decisions, nowMs);
    this.#decisions = decisions;
    return decisions;
  }

  /**
   * Between rounds: gives slots that are free to those that wait. A slot is free when its neighbour has left, or wants
   * nothing any more and has had it for a while; interest comes and goes quickly while pieces spread.
   */
  fill(candidates: readonly Candidate[], isSeed: boolean, nowMs: number): ReadonlyMap<number, Decision> {
    const present = new Map(candidates.map((one) => [one.id, one]));
    const decisions = new Map<number, Decision>();
    for (const [id, decision] of this.#decisions) {
      const holder = present.get(id);
      if (holder === undefined) continue;
      if (holder.peerInterested || nowMs - holder.unchokedMs < slotHoldMs) decisions.set(id, decision);
    }
    let regular = 0;
    for (const decision of decisions.values()) if (decision.slot === "regular") regular++;
    const interested = candidates.filter((one) => one.peerInterested);
    const waiting = interested.filter((one) => !decisions.has(one.id));
    const holders = candidates.filter((one) => decisions.has(one.id));
    for (const candidate of isSeed ? spread(rankForSeed(waiting, nowMs), holders) : rankForLeech(waiting)) {
      if (regular >= this.#regularSlots) break;
      regular++;
      decisions.set(candidate.id, { slot: "regular", reason: "a slot was free" });
    }
    if (this.#optimistic === undefined || !decisions.has(this.#optimistic)) {
      this.#drawOptimistic(interested, decisions, nowMs);
    }
    this.#decisions = decisions;
    return decisions;
  }

  #drawOptimistic(interested: readonly Candidate[], decisions: Map<number, Decision>, nowMs: number): void {
    const held = interested.find((candidate) => candidate.id === this.#optimistic);
    const isDue = nowMs >= this.#nextOptimisticMs;
    // One that has earned a regular slot frees the optimistic one.
    if (held !== undefined && !isDue && !decisions.has(held.id)) {
      decisions.set(held.id, this.#decisions.get(held.id) ?? { slot: "optimistic", reason: "drawn at random" });
      return;
    }
    if (isDue) this.#nextOptimisticMs = nowMs + optimisticMs;
    const waiting = interested.filter((candidate) => !decisions.has(candidate.id) && candidate.id !== held?.id);
    const drawn = this.#draw(waiting, nowMs) ?? (held !== undefined && !decisions.has(held.id) ? held : undefined);
    this.#optimistic = drawn?.id;
    if (drawn === undefined) return;
    const isNew = nowMs - drawn.connectedMs < newcomerMs;
    const among = `drawn at random among ${waiting.length || 1} waiting`;
    decisions.set(drawn.id, { slot: "optimistic", reason: isNew ? `${among}, a newcomer` : among });
  }

  /** As likely for a network of many as for one of one. */
  #draw(waiting: readonly Candidate[], nowMs: number): Candidate | undefined {
    const weightOf = (one: Candidate) => (nowMs - one.connectedMs < newcomerMs ? newcomerWeight : 1);
    const networks = Map.groupBy(waiting, networkKey);
    const crowds = [...networks.values()].map((crowd) => ({ crowd, weight: Math.max(...crowd.map(weightOf)) }));
    const total = crowds.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return undefined;
    let left = randomBelow(this.#random, total);
    for (const { crowd, weight } of crowds) {
      left -= weight;
      if (left < 0) return crowd.length === 1 ? crowd[0] : crowd[randomBelow(this.#random, crowd.length)];
    }
    return undefined;
  }
}

function networkKey(one: Candidate): string {
  return one.network ?? `#${one.id}`;
}

/** The same order, but the first of each network before the second of any; those of `before` are counted as ahead. */
function spread(ranked: readonly Candidate[], before: readonly Candidate[]): Candidate[] {
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

/** Those that give most first; a snubbing neighbour earns nothing by what it gave before. */
function rankForLeech(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter((candidate) => !candidate.isSnubbed)
    .sort((a, b) => b.downRate - a.downRate || b.upRate - a.upRate || a.connectedMs - b.connectedMs || a.id - b.id);
}

/** Those in their turn first, the fastest takers ahead; then those that have waited longest. */
function rankForSeed(candidates: readonly Candidate[], nowMs: number): Candidate[] {
  // Who takes nothing has had its turn.
  const isTaking = (one: Candidate) => one.upRate >= 1 || nowMs - one.unchokedMs < slotHoldMs;
  const inTurn = (one: Candidate) => !one.amChoking && nowMs - one.unchokedMs < seedTurnMs && isTaking(one);
  return [...candidates].sort((a, b) => {
    if (inTurn(a) !== inTurn(b)) return inTurn(a) ? -1 : 1;
    if (inTurn(a)) return b.upRate - a.upRate || a.id - b.id;
    // Never served counts as longest; one whose turn has just ended waits behind those that wait already.
    const since = (one: Candidate) => (one.amChoking ? one.chokedMs : nowMs);
    return since(a) - since(b) || b.upRate - a.upRate || a.connectedMs - b.connectedMs || a.id - b.id;
  });
}

function leechReason(candidate: Candidate, rank: number, count: number): string {
  if (candidate.downRate < 1) return `rank ${rank + 1} of ${count}: gives nothing yet, but a slot is free`;
  return `rank ${rank + 1} of ${count}: gives us ${formatRate(candidate.downRate)}`;
}

function seedReason(candidate: Candidate, nowMs: number): string {
  if (candidate.amChoking) return "its turn";
  const seconds = Math.round((nowMs - candidate.unchokedMs) / 1000);
  return `takes ${formatRate(candidate.upRate)}, its turn for ${seconds} s`;
}
