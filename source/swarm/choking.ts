/** Carries out what the choker decides: at its rounds, and between them whenever something changed that it goes by. */
import { formatEndpoint } from "../base/ip-address.ts";
import { candidateOf } from "./candidate-of.ts";
import type { ChokeLedger } from "./choke-ledger.ts";
import { slotHoldMs } from "./choke-ranking.ts";
import type { Choker, ChokerMode, Decision } from "./choker.ts";
import type { Neighbour } from "./neighbour.ts";
import type { SuperSeeding } from "./super-seeding.ts";

export interface ChokingSwarm {
  readonly neighbours: ReadonlyMap<number, Neighbour>;
  readonly isFinished: boolean;
  readonly superSeeding: SuperSeeding | undefined;
  readonly choker: Choker;
  readonly chokes: ChokeLedger;
  nowMs(): number;
}

export class Choking {
  readonly #swarm: ChokingSwarm;
  readonly #log: (text: string) => void;
  #isStale = false;
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

  /** Slots may be free now, or somebody else's. */
  becameStale(): void {
    this.#isStale = true;
  }

  /** Its interest came or went, which it does all the time while pieces spread. */
  interestChanged(neighbour: Neighbour): void {
    if (this.#isStale) return;
    // Who is choked changes nothing where no slot is free.
    this.#isStale = !neighbour.amChoking || this.mode !== "leech" || this.#isSlotFree(this.#swarm.nowMs());
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
    // Its slots pass on from piece to piece.
    if (mode === "super-seed") this.#isStale = true;
    if (!choker.isDue(nowMs)) return;
    const decisions = choker.rechoke(this.#candidates(nowMs), mode, nowMs);
    chokes.round(neighbours, choker.ranking, decisions, mode !== "leech", nowMs);
    this.#apply(decisions, false);
    this.#isStale = false;
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
      const name = formatEndpoint(neighbour.info.endpoint);
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
    const { neighbours, superSeeding } = this.#swarm;
    return [...neighbours.values()].map((one) => candidateOf(one, nowMs, superSeeding?.standing(one)));
  }
}
