/** Carries out what the choker decides: at its rounds, and between them whenever something changed that it goes by. */

import type { Bitfield } from "../base/bitfield.ts";
import type { RateMeter } from "../base/rate-meter.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import { AutoSlots } from "./auto-slots.ts";
import { candidateOf } from "./candidate-of.ts";
import type { ChokeLedger } from "./choke-ledger.ts";
import { slotHoldMs } from "./choke-ranking.ts";
import type { Choker, ChokerMode, Decision } from "./choker.ts";
import { firstPieceSlots } from "./first-pieces.ts";
import type { Neighbour } from "./neighbour.ts";
import { randomFirstPieces } from "./piece-picker.ts";
import type { SuperSeeding } from "./super-seeding.ts";

export interface ChokingSwarm {
  readonly neighbours: ReadonlyMap<number, Neighbour>;
  readonly isFinished: boolean;
  readonly superSeeding: SuperSeeding | undefined;
  readonly choker: Choker;
  readonly chokes: ChokeLedger;
  readonly geometry: Geometry;
  readonly have: Bitfield;
  readonly up: RateMeter;
  nowMs(): number;
}

export class Choking {
  readonly #swarm: ChokingSwarm;
  readonly #log: (text: string) => void;
  #isStale = false;
  /** Where nobody says how many slots there are. */
  #auto: AutoSlots | undefined;
  /** Whom we do not choke. */
  readonly #served = new Set<Neighbour>();

  constructor(swarm: ChokingSwarm, log: (text: string) => void) {
    this.#swarm = swarm;
    this.#log = log;
  }

  get mode(): ChokerMode {
    const { superSeeding, isFinished } = this.#swarm;
    if (superSeeding !== undefined) return "super-seed";
    return isFinished ? "seed" : "leech";
  }

  left(neighbour: Neighbour): void {
    this.#served.delete(neighbour);
    this.#isStale = true;
  }

  /** @param count as in SwarmOptions. */
  setSlots(count: number | undefined): void {
    this.#auto = count === undefined ? (this.#auto ?? new AutoSlots()) : undefined;
    if (count === undefined) this.#countSlots(this.#swarm.nowMs());
    else this.#swarm.choker.setRegularSlots(count);
    this.#isStale = true;
  }

  /** Slots may be free now, or somebody else's. */
  becameStale(): void {
    this.#isStale = true;
  }

  /** Its interest came or went, which it does all the time while pieces spread. */
  interestChanged(neighbour: Neighbour): void {
    if (this.#isStale) return;
    if (this.#isAwaitingAnswers) return;
    // Who is choked changes nothing where no slot is free.
    this.#isStale = !neighbour.amChoking || this.mode !== "leech" || this.#isSlotFree(this.#swarm.nowMs());
  }

  /** So much was sent to it, just now. */
  sent(neighbour: Neighbour, bytes: number): void {
    const { pieceLength } = this.#swarm.geometry;
    const { total } = neighbour.up;
    if (total < pieceLength || total - bytes >= pieceLength) return;
    // It has its first piece: others wait for theirs. Not before the queue that is being served is done with.
    this.#isStale = true;
    queueMicrotask(() => this.settle());
  }

  /** At the end of a turn in which something may have become stale. */
  settle(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const nowMs = this.#swarm.nowMs();
    this.#apply(this.#swarm.choker.fill(this.#candidates(nowMs), this.mode, nowMs), true);
  }

  /** About once a second. */
  tick(nowMs: number): void {
    const { choker, chokes, neighbours } = this.#swarm;
    const { mode } = this;
    this.#countSlots(nowMs);
    // Its slots pass on from piece to piece.
    if (mode !== "leech" || this.#isAwaitingAnswers) this.#isStale = true;
    if (!choker.isDue(nowMs)) return;
    const decisions = choker.rechoke(this.#candidates(nowMs), mode, nowMs);
    chokes.round(neighbours, choker.ranking, decisions, mode !== "leech", nowMs);
    this.#apply(decisions, false);
    this.#isStale = false;
  }

  #countSlots(nowMs: number): void {
    const { choker, up } = this.#swarm;
    const count = this.#auto?.see(up.rate(nowMs), nowMs) ?? choker.regularSlots;
    if (count > choker.regularSlots) this.#isStale = true;
    choker.setRegularSlots(count);
  }

  /** Of our first pieces many hear at the same time: whom to give them is decided when all have answered. */
  get #isAwaitingAnswers(): boolean {
    const { have, isFinished, neighbours, choker } = this.#swarm;
    if (have.count >= randomFirstPieces || isFinished) return false;
    let count = 0;
    for (const { field } of neighbours.values()) if (field.isEmpty) count++;
    return count > choker.regularSlots;
  }

  #apply(decisions: ReadonlyMap<number, Decision>, isBetweenRounds: boolean): void {
    for (const neighbour of this.#swarm.neighbours.values()) {
      const decision = decisions.get(neighbour.id);
      const isChoked = decision === undefined;
      if (neighbour.amChoking === isChoked) continue;
      neighbour.setChoke(isChoked);
      if (isChoked) this.#served.delete(neighbour);
      else this.#served.add(neighbour);
      if (isBetweenRounds && !isChoked) this.#swarm.chokes.granted(neighbour, decision);
      const { name } = neighbour;
      this.#log(isChoked ? `choked ${name}` : `unchoked ${name} (${decision.slot}: ${decision.reason})`);
    }
  }

  #isSlotFree(nowMs: number): boolean {
    if (this.#served.size <= this.#swarm.choker.regularSlots) return true;
    for (const { peerInterested, unchokedMs } of this.#served) {
      if (!peerInterested && nowMs - unchokedMs >= slotHoldMs) return true;
    }
    return false;
  }

  #candidates(nowMs: number) {
    const { neighbours, superSeeding, choker, up, geometry } = this.#swarm;
    const { pieceLength } = geometry;
    choker.setFirstSlots(firstPieceSlots(up.rate(nowMs), pieceLength));
    return [...neighbours.values()].map((one) =>
      candidateOf(one, nowMs, pieceLength, superSeeding?.standing(one, nowMs)),
    );
  }
}
