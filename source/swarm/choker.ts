/**
 * Who may download from us.
 *
 * While we leech, tit-for-tat (Cohen 2003): the interested neighbours that give us most hold the regular slots, ranked again
 * every 10 s. One further slot is optimistic: drawn at random for 30 s among the choked, newcomers three times as likely, so
 * that better partners are found and newcomers get a first piece; who has something for us, gave nothing for such a slot and
 * little before is a 32nd as likely to be drawn again. Where fewer have given anything than there are regular
 * slots (we are new, or all have snubbed us) the rest is drawn, too: what else could one go by?
 *
 * As a seed, "equal time": each interested neighbour has a turn, the one that was served least so far first, so that the whole
 * swarm is served alike and every piece soon has somebody who spreads it. A super-seed gives turns by what was spread.
 *
 * Before all that, where many have nothing, each is given a first piece (first-pieces.ts).
 *
 * One of each network is served before the second of any, so that no host gets more by coming under many names. Slots that
 * fall free between rounds are filled at once. Every slot has its reason in words.
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
  seedTurnMs,
  slotHoldMs,
  spread,
  superSeedReason,
} from "./choke-ranking.ts";
import { firstTurns } from "./first-pieces.ts";
import { TurnTimes } from "./turn-times.ts";

export type { Candidate } from "./choke-ranking.ts";

export const rechokeMs = 10_000;
export const optimisticMs = 30_000;
/** A newcomer, and so more likely to be drawn, for as long (BitTorrent specification, "optimistic unchoking"). */
const newcomerMs = 45_000;
const newcomerWeight = 3;
/**
 * Each slot that was not returned makes the next a 32nd as likely, twice: free riders are drawn, but seldom. Who has no slot
 * for us today and gave us something before is no free rider: most of those who do not return a slot are so, and if it cost
 * them as much, free riders would be drawn as often as they (`p2p-tui sim free-riders`).
 */
const unreturnedMax = 2;
const unreturnedShift = 5;

/** What we are: by what slots are given. */
export type ChokerMode = "leech" | "seed" | "super-seed";

export interface Decision {
  readonly slot: "regular" | "optimistic";
  readonly reason: string;
}

export class Choker {
  readonly #random: Random;
  #regularSlots: number;
  #firstSlots = 1;
  #nextRechokeMs: number;
  /** Who was drawn, until when. */
  readonly #drawn = new Map<number, number>();
  /** Of those that were drawn, how often in a row they have not returned it. */
  readonly #unreturned = new Map<number, number>();
  #decisions = new Map<number, Decision>();
  #ranking: readonly number[] = [];
  readonly #times = new TurnTimes();
  /** Of those whose turn is over, the piece that is still sent. */
  readonly #lastPieces = new Map<number, number | undefined>();

  /** @param regularSlots 4 by custom; 0: nobody is served, not by chance either. Rounds begin at a random moment, so that nodes are out of step. */
  constructor(random: Random, regularSlots: number, nowMs: number) {
    this.#random = random;
    this.#regularSlots = regularSlots;
    this.#nextRechokeMs = nowMs + randomBelow(random, rechokeMs);
  }

  get regularSlots(): number {
    return this.#regularSlots;
  }

  /** More are given at the next `fill`, what are too many are taken with the next round. */
  setRegularSlots(count: number): void {
    this.#regularSlots = count;
  }

  /** How many are to have their first piece at a time. */
  setFirstSlots(count: number): void {
    this.#firstSlots = count;
  }

  /** Milliseconds to the next ranking, and to the next draw. */
  countdowns(nowMs: number): { readonly rechokeMs: number; readonly optimisticMs: number } {
    const drawMs = Math.max(this.#nextRechokeMs, Math.min(...this.#drawn.values()));
    return {
      rechokeMs: Math.max(0, this.#nextRechokeMs - nowMs),
      optimisticMs: Math.max(0, (Number.isFinite(drawMs) ? drawMs : this.#nextRechokeMs) - nowMs),
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
    if (this.#regularSlots === 0) return this.#serveNobody();
    if (mode !== "super-seed" && this.#giveFirstPieces(candidates, nowMs)) return this.#decisions;
    if (mode !== "leech") return this.#takeTurns(candidates, mode, nowMs);
    const interested = candidates.filter((candidate) => candidate.peerInterested);
    const ranked = rankForLeech(interested);
    const present = new Set(candidates.map(({ id }) => id));
    for (const id of this.#unreturned.keys()) if (!present.has(id)) this.#unreturned.delete(id);
    this.#ranking = ranked.map(({ id }) => id);
    const decisions = new Map<number, Decision>();
    ranked.slice(0, this.#regularSlots).forEach((candidate, rank) => {
      decisions.set(candidate.id, { slot: "regular", reason: leechReason(candidate, rank, interested.length) });
    });
    this.#draw(interested, decisions, nowMs, true);
    this.#decisions = decisions;
    return decisions;
  }

  /**
   * Between rounds: gives slots that are free to those that wait. A slot is free when its neighbour has left, or wants
   * nothing any more and has had it for a while; interest comes and goes quickly while pieces spread.
   */
  fill(candidates: readonly Candidate[], mode: ChokerMode, nowMs: number): ReadonlyMap<number, Decision> {
    if (this.#regularSlots === 0) return this.#serveNobody();
    if (mode !== "super-seed" && this.#giveFirstPieces(candidates, nowMs)) return this.#decisions;
    if (mode !== "leech") return this.#takeTurns(candidates, mode, nowMs);
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
    for (const candidate of rankForLeech(interested.filter((one) => !decisions.has(one.id)))) {
      if (regular >= this.#regularSlots || decisions.size > this.#regularSlots) break;
      regular++;
      decisions.set(candidate.id, { slot: "regular", reason: "a slot was free" });
    }
    this.#draw(interested, decisions, nowMs, false);
    this.#decisions = decisions;
    return decisions;
  }

  #serveNobody(): ReadonlyMap<number, Decision> {
    this.#drawn.clear();
    this.#decisions = new Map();
    return this.#decisions;
  }

  /** Gives all that is left of the slots by chance, at least one. @param isRound whose time is over gives way. */
  #draw(interested: readonly Candidate[], decisions: Map<number, Decision>, nowMs: number, isRound: boolean): void {
    const tired = new Map<number, Candidate>();
    for (const [id, untilMs] of this.#drawn) {
      const held = interested.find((one) => one.id === id);
      const decision = decisions.get(id) ?? this.#decisions.get(id);
      // One that has earned a regular slot frees the optimistic one.
      const isHeld = decision?.slot === "optimistic" && (held !== undefined || decisions.has(id));
      if (isHeld && decisions.size <= this.#regularSlots && !(isRound && nowMs >= untilMs)) {
        decisions.set(id, decision);
        continue;
      }
      if (decisions.get(id)?.slot === "optimistic") continue;
      this.#drawn.delete(id);
      this.#judge(id, held);
      if (held !== undefined && !decisions.has(id)) tired.set(id, held);
    }
    while (decisions.size <= this.#regularSlots) {
      const waiting = interested.filter((one) => !decisions.has(one.id) && !tired.has(one.id));
      const drawn = this.#drawOne(waiting.length > 0 ? waiting : [...tired.values()], nowMs);
      if (drawn === undefined) break;
      tired.delete(drawn.id);
      this.#drawn.set(drawn.id, nowMs + optimisticMs);
      const isNew = nowMs - drawn.connectedMs < newcomerMs;
      const among = `drawn at random among ${waiting.length || 1} waiting`;
      decisions.set(drawn.id, { slot: "optimistic", reason: isNew ? `${among}, a newcomer` : among });
    }
  }

  /** Its optimistic slot is over. @param one `undefined`: it left, or wants nothing any more. */
  #judge(id: number, one: Candidate | undefined): void {
    if (one === undefined || one.downRate >= 1 || one.returns === true) this.#unreturned.delete(id);
    else if (one.amInterested === true) {
      this.#unreturned.set(id, Math.min(unreturnedMax, (this.#unreturned.get(id) ?? 0) + 1));
    }
  }

  /** As likely for a network of many as for one of one. */
  #drawOne(waiting: readonly Candidate[], nowMs: number): Candidate | undefined {
    const weightOf = (one: Candidate) =>
      (nowMs - one.connectedMs < newcomerMs ? newcomerWeight : 1) <<
      (unreturnedShift * (unreturnedMax - (one.returns === true ? 0 : (this.#unreturned.get(one.id) ?? 0))));
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

  /** @returns whether there are many to whom to give, so that all slots are theirs. */
  #giveFirstPieces(candidates: readonly Candidate[], nowMs: number): boolean {
    const slots = { all: this.#regularSlots + 1, first: this.#firstSlots };
    const served = firstTurns(candidates, slots, (waiting) => this.#drawOne(waiting, nowMs), nowMs);
    if (served === undefined) return false;
    this.#times.see(candidates, nowMs);
    this.#ranking = served.map(({ id }) => id);
    const decision: Decision = { slot: "regular", reason: "its first piece" };
    this.#decisions = new Map(served.map(({ id }) => [id, decision]));
    return true;
  }

  /** A seed has no rounds and draws nobody: slots pass on when turns are over, the optimistic one too. */
  #takeTurns(
    candidates: readonly Candidate[],
    mode: "seed" | "super-seed",
    nowMs: number,
  ): ReadonlyMap<number, Decision> {
    this.#times.see(candidates, nowMs);
    this.#seeLastPieces(candidates, nowMs);
    const waiting = candidates.filter((one) => one.peerInterested || isHeld(one, nowMs));
    const turns = {
      servedMs: (id: number) => this.#times.of(id),
      lastPiece: (id: number) => this.#lastPieces.get(id),
    };
    const isSuper = mode === "super-seed";
    const ranked = spread(isSuper ? rankForSuperSeed(waiting, nowMs) : rankForSeed(waiting, turns, nowMs), []);
    this.#ranking = ranked.map(({ id }) => id);
    // The last is called optimistic, so that all is in order when rounds begin again.
    const slotOf = (rank: number) => (rank < this.#regularSlots ? "regular" : "optimistic");
    const holders = ranked.slice(0, this.#regularSlots + 1);
    this.#drawn.clear();
    const optimistic = holders[this.#regularSlots];
    if (optimistic !== undefined) this.#drawn.set(optimistic.id, nowMs + optimisticMs);
    this.#decisions = new Map(
      holders.map((one, rank): [number, Decision] => [
        one.id,
        { slot: slotOf(rank), reason: isSuper ? superSeedReason(one) : seedReason(one, nowMs) },
      ]),
    );
    return this.#decisions;
  }

  #seeLastPieces(candidates: readonly Candidate[], nowMs: number): void {
    for (const { id, piece, amChoking, unchokedMs } of candidates) {
      if (amChoking || nowMs - unchokedMs < seedTurnMs) this.#lastPieces.delete(id);
      else if (!this.#lastPieces.has(id)) this.#lastPieces.set(id, piece);
    }
    if (this.#lastPieces.size > candidates.length) this.#lastPieces.clear();
  }
}

/** It wants nothing at the moment; interest comes a moment after what a super-seed shows. */
function isHeld({ amChoking, unchokedMs, standing }: Candidate, nowMs: number): boolean {
  return !amChoking && (standing === undefined ? nowMs - unchokedMs < slotHoldMs : standing.hasOpen);
}
