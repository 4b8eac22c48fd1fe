/**
 * The ledger of tit-for-tat: for each of the last rounds who was ranked where by what it had given and taken, and who got
 * which slot and why; and for each neighbour what it gave and took, and in how many rounds each side served the other.
 */
import type { Decision } from "./choker.ts";
import type { Neighbour } from "./neighbour.ts";

/** Ten minutes. */
export const roundsMax = 60;
/** Of one round: those with slots, and the best of the others. */
export const roundRowsMax = 20;
/** Slots given between two rounds that are remembered. */
export const grantsMax = 20;

export interface LedgerRow {
  readonly id: number;
  readonly endpoint: string;
  /** 1 and up among those who wanted something; `null` where it was not ranked: it wants nothing or snubs us. */
  readonly rank: number | null;
  /** Bytes in the time before the round: we to it, and it to us. */
  readonly given: number;
  readonly taken: number;
  /** For the time after it. */
  readonly slot: Decision["slot"] | null;
  readonly reason: string;
}

export interface LedgerGrant {
  readonly id: number;
  readonly endpoint: string;
  readonly slot: Decision["slot"];
  readonly reason: string;
}

export interface LedgerRound {
  /** Counts up by one. */
  readonly number: number;
  readonly ms: number;
  /** Ranked by how fast they take, not by what they give. */
  readonly isSeed: boolean;
  readonly interested: number;
  /** Slots first, then by rank; at most `roundRowsMax`. */
  readonly rows: readonly LedgerRow[];
  /** Slots that were free after it, and given before the next. */
  readonly grants: LedgerGrant[];
}

/** Of one neighbour over its connection. */
export interface Reciprocity {
  /** Rounds since it connected; in these, how often we served it and how often it let us ask. */
  readonly rounds: number;
  readonly served: number;
  readonly open: number;
}

interface Tally {
  rounds: number;
  served: number;
  open: number;
  givenTotal: number;
  takenTotal: number;
}

export class ChokeLedger {
  readonly #rounds: LedgerRound[] = [];
  readonly #tallies = new Map<number, Tally>();
  #number = 0;

  /** The newest last. @param count at most. */
  rounds(count: number): readonly LedgerRound[] {
    return count === 0 ? [] : this.#rounds.slice(-count);
  }

  /** `undefined` before its first round. */
  of(id: number): Reciprocity | undefined {
    return this.#tallies.get(id);
  }

  /** A round was decided, and nobody has been told yet. @param ranking ids, the best first. */
  round(
    neighbours: ReadonlyMap<number, Neighbour>,
    ranking: readonly number[],
    decisions: ReadonlyMap<number, Decision>,
    isSeed: boolean,
    nowMs: number,
  ): void {
    const ranks = new Map(ranking.map((id, index) => [id, index + 1]));
    const rows: LedgerRow[] = [];
    let interested = 0;
    for (const neighbour of neighbours.values()) {
      const { id } = neighbour;
      const { given, taken } = this.#book(neighbour);
      if (neighbour.peerInterested) interested++;
      const decision = decisions.get(id);
      const rank = ranks.get(id) ?? null;
      if (decision === undefined && rank === null && given === 0 && taken === 0) continue;
      rows.push({
        id,
        endpoint: neighbour.name,
        rank,
        given,
        taken,
        slot: decision?.slot ?? null,
        reason: decision?.reason ?? "",
      });
    }
    this.#number++;
    // Of a swarm at rest there is nothing to tell.
    if (rows.length === 0) return;
    const order = ({ slot, rank }: LedgerRow) => (slot === null ? 1e6 : 0) + (rank ?? 1e5);
    rows.sort((a, b) => order(a) - order(b) || b.taken - a.taken || b.given - a.given);
    rows.length = Math.min(rows.length, roundRowsMax);
    this.#rounds.push({ number: this.#number, ms: nowMs, isSeed, interested, rows, grants: [] });
    if (this.#rounds.length > roundsMax) this.#rounds.shift();
  }

  /** A slot was given between two rounds. */
  granted(neighbour: Neighbour, { slot, reason }: Decision): void {
    const grants = this.#rounds.at(-1)?.grants;
    if (grants === undefined || grants.length >= grantsMax) return;
    grants.push({ id: neighbour.id, endpoint: neighbour.name, slot, reason });
  }

  left(id: number): void {
    this.#tallies.delete(id);
  }

  /** @returns what went each way since the last round. */
  #book(neighbour: Neighbour): { readonly given: number; readonly taken: number } {
    const { id, up, down, amChoking, peerChoking } = neighbour;
    const tally = this.#tallies.get(id) ?? { rounds: 0, served: 0, open: 0, givenTotal: 0, takenTotal: 0 };
    this.#tallies.set(id, tally);
    const moved = { given: up.total - tally.givenTotal, taken: down.total - tally.takenTotal };
    tally.rounds++;
    if (!amChoking) tally.served++;
    if (!peerChoking) tally.open++;
    tally.givenTotal = up.total;
    tally.takenTotal = down.total;
    return moved;
  }
}
