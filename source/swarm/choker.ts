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
import {
  type Candidate,
  leechReason,
  networkKey,
  rankForLeech,
  rankForSeed,
  rankForSuperSeed,
  seedReason,
  slotHoldMs,
  spread,
  superSeedReason,
} from "./choke-ranking.ts";

export type { Candidate } from "./choke-ranking.ts";

export const rechokeMs = 10_000;
export const optimisticMs = 30_000;
/** A newcomer, and so more likely to be drawn, for as long (BitTorrent specification, "optimistic unchoking"). */
const newcomerMs = 45_000;
const newcomerWeight = 3;
/** What we are: by what slots are given. */
export type ChokerMode = "leech" | "seed" | "super-seed";

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
  rechoke(candidates: readonly Candidate[], mode: ChokerMode, nowMs: number): ReadonlyMap<number, Decision> {
    this.#nextRechokeMs = nowMs + rechokeMs;
    if (mode === "super-seed") return this.#takeTurns(candidates, nowMs);
    const isSeed = mode === "seed";
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
  fill(candidates: readonly Candidate[], mode: ChokerMode, nowMs: number): ReadonlyMap<number, Decision> {
    if (mode === "super-seed") return this.#takeTurns(candidates, nowMs);
    const isSeed = mode === "seed";
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

  /** A super-seed has no rounds and draws nobody: slots pass on from piece to piece, the optimistic one too. */
  #takeTurns(candidates: readonly Candidate[], nowMs: number): ReadonlyMap<number, Decision> {
    // Interest comes a moment after what is shown.
    const waiting = candidates.filter(
      (one) => one.peerInterested || (!one.amChoking && one.standing?.hasOpen === true),
    );
    const ranked = spread(rankForSuperSeed(waiting, nowMs), []);
    this.#ranking = ranked.map(({ id }) => id);
    // The last is called optimistic, so that all is in order when rounds begin again.
    const slotOf = (rank: number) => (rank < this.#regularSlots ? "regular" : "optimistic");
    const holders = ranked.slice(0, this.#regularSlots + 1);
    this.#optimistic = holders[this.#regularSlots]?.id;
    this.#decisions = new Map(
      holders.map((one, rank): [number, Decision] => [one.id, { slot: slotOf(rank), reason: superSeedReason(one) }]),
    );
    return this.#decisions;
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
