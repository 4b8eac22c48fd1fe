/**
 * Which blocks a neighbour is asked for next.
 *
 * 1. Blocks of pieces that are begun (strict priority: a piece is worth something only when it is whole).
 * 2. A new piece, of those of the highest priority: at random until four are verified (a newcomer needs something to give
 *    soon, and a rare piece comes slowly), the rarest after that, ties at random. In sequential mode instead the next of
 *    the sequence, and the rarest where the neighbour has none of the next.
 * 3. Endgame: every missing block is asked for already. Then a neighbour that has nothing else to send is asked for a
 *    few blocks that others were asked for, those with the fewest askers first; the first to come wins and the others
 *    are cancelled. Only the idle and only a few: a cancel seldom overtakes its block, so each duplicate is paid for.
 *
 * A suspect (it sent part of a piece that failed) works only on pieces of its own, so that the next failure proves
 * something; see `suspicion.ts`. Only where there is none to begin may it take over what nobody else has a part in, go on with what
 * was begun by neighbours that have left, and after a while help with what others began: where all are suspects, nobody else would.
 */
import type { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import type { Availability, Holder } from "./availability.ts";
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";
import { missingOf, type PiecePriorities } from "./piece-priorities.ts";
import { Sequence } from "./sequence.ts";

/** Pieces drawn at random before rarest first begins (Cohen 2003, section 2.4.3). */
export const randomFirstPieces = 4;
/** Askers a block may have in the endgame. More would cost upload of the whole swarm for little time. */
const endgameRequestersMax = 3;
/** Blocks of others that one neighbour is asked for at a time: with four, a swarm finished later and wasted more. */
const endgameBlocksMax = 2;

/** Pieces that are begun and wait for a neighbour to go on with them, while more are begun at a seed. */
const openMax = 32;

/** Seconds after which suspects help with a piece that others have begun. */
const helpTicks = 240;
/** Seconds that a piece may be one neighbour's alone, and how many more for each block that has come. */
const ownedTicksMax = 120;
const ownedTicksPerBlock = 2;

export interface PickingNeighbour extends Holder {
  readonly id: number;
  /** Works only on pieces of its own. */
  readonly isSuspect: boolean;
  /** It has not answered for long: it is asked for nothing that others can give. */
  readonly isSnubbed: boolean;
  /** It is asked for nothing now. */
  readonly isIdle: boolean;
  /** Whether this block is asked of it already. */
  hasRequested(key: number): boolean;
}

export type Take = (active: ActivePiece, block: number) => void;

export class PiecePicker {
  readonly #availability: Availability;
  readonly #ledger: BlockLedger;
  readonly #have: Bitfield;
  readonly #isNeighbour: (neighbourId: number) => boolean;
  /** Pieces that failed their hash: fetched again from one neighbour alone. */
  readonly #failed = new Set<PieceIndex>();
  /** Of pieces that were begun anew because one neighbour had them too long: how many times as long the next may. */
  readonly #patience = new Map<PieceIndex, number>();
  #sequence: Sequence | undefined;

  /** @param isNeighbour whether who had this id when it sent something is still there. */
  constructor(
    availability: Availability,
    ledger: BlockLedger,
    have: Bitfield,
    isNeighbour: (neighbourId: number) => boolean,
  ) {
    this.#isNeighbour = isNeighbour;
    this.#availability = availability;
    this.#ledger = ledger;
    this.#have = have;
  }

  /** Whether every missing block that somebody can send now is asked for or received. */
  get isEndgame(): boolean {
    if (this.#availability.hasObtainable || this.#ledger.size === 0) return false;
    for (const { piece, owner } of this.#ledger.open()) {
      if (owner === undefined && this.#availability.of(piece) > 0) return false;
    }
    return true;
  }

  /** In sequential mode the pieces under way that come first in the sequence, at most so many. */
  foremost(countMax: number): ActivePiece[] {
    return this.#sequence?.foremost(this.#have, this.#ledger, countMax) ?? [];
  }

  /**
   * Other priorities, and with `sequence` sequential mode. A piece that is begun and not wanted any more is parked: what
   * has come of it is kept (and verified, should the rest come late), nothing more is asked for, and it goes on where it
   * was when it is wanted again. So changing one's mind costs nothing, and what is skipped is not fetched.
   * @returns the parked pieces.
   */
  setPriorities(priorities: PiecePriorities | undefined, sequence: Int32Array | undefined): ActivePiece[] {
    this.#sequence = sequence === undefined ? undefined : new Sequence(sequence);
    const missing = missingOf(this.#have, priorities);
    const waiting = missing.clone();
    const parked: ActivePiece[] = [];
    for (const active of this.#ledger.pieces()) {
      if (missing.has(active.piece)) {
        waiting.clear(active.piece);
        if (active.isParked) this.#ledger.unpark(active);
      } else if (active.receivedCount === 0) {
        this.#ledger.end(active.piece);
        parked.push(active);
      } else {
        this.#ledger.park(active);
        parked.push(active);
      }
    }
    this.#availability.setPriorities(priorities, waiting);
    return parked;
  }

  /** The piece failed its hash and goes back to be fetched, from one neighbour alone. */
  pieceFailed(piece: PieceIndex): void {
    this.#failed.add(piece);
    this.pieceDropped(piece);
  }

  /** What there was of it is gone: it goes back to be fetched. */
  pieceDropped(piece: PieceIndex): void {
    this.#ledger.end(piece);
    this.#availability.addWaiting(piece);
    this.#sequence?.cameBack();
  }

  pieceVerified(piece: PieceIndex): void {
    this.#failed.delete(piece);
    this.#patience.delete(piece);
    this.#ledger.end(piece);
    this.#availability.removeWaiting(piece);
  }

  /**
   * The pieces that a neighbour had to itself, which is gone or chokes us: to be begun anew. Shared out with what it has sent of
   * them, they would prove nothing.
   */
  ownedBy(neighbourId: number): ActivePiece[] {
    return [...this.#ledger.pieces()].filter((active) => active.owner === neighbourId);
  }

  /**
   * About once a second. @returns pieces to be begun anew: one neighbour has had them too long. One that trickles is never
   * silent; but where lines are slow and pieces large nobody is faster, so who is next has twice the time.
   */
  tick(): ActivePiece[] {
    const late: ActivePiece[] = [];
    for (const active of this.#ledger.pieces()) {
      active.ticks++;
      if (active.owner === undefined) continue;
      const patience = this.#patience.get(active.piece) ?? 1;
      const allowed = ownedTicksMax + ownedTicksPerBlock * active.receivedCount;
      if (++active.ownedTicks <= patience * allowed) continue;
      this.#patience.set(active.piece, 2 * patience);
      late.push(active);
    }
    return late;
  }

  /** A restricted piece: by permission of "allowed fast" a choked neighbour is asked only for some (BEP 6). */
  pickAllowed(neighbour: PickingNeighbour, allowed: ReadonlySet<PieceIndex>, count: number, take: Take): number {
    let taken = 0;
    for (const piece of allowed) {
      if (taken >= count) break;
      if (!neighbour.field.has(piece) || this.#have.has(piece) || !this.#availability.isWanted(piece)) continue;
      const active = this.#ledger.get(piece) ?? this.#begin(neighbour, piece);
      if (mayWork(neighbour, active)) taken += this.#takeFree(active, count - taken, take);
    }
    return taken;
  }

  /** Calls `take` for up to `count` blocks, each marked as requested before. @returns how many. */
  pick(neighbour: PickingNeighbour, count: number, take: Take): number {
    let taken = neighbour.field.isFull ? this.#pickSeedsOnly(neighbour, count, take) : 0;
    taken += this.#pickOpen(neighbour, count - taken, take, (active) => mayWork(neighbour, active));
    while (taken < count) {
      const piece = this.#newPiece(neighbour);
      if (piece === undefined) break;
      taken += this.#takeFree(this.#begin(neighbour, piece), count - taken, take);
    }
    if (taken > 0) return taken;
    if (neighbour.isSuspect)
      return this.#pickOpen(neighbour, count, take, (active) => this.#mayHelp(neighbour, active));
    if (!neighbour.isIdle || neighbour.isSnubbed || !this.isEndgame) return 0;
    return this.#pickEndgame(neighbour, Math.min(count, endgameBlocksMax), take);
  }

  /** Of a seed: what nobody else has, begun or not. */
  #pickSeedsOnly(neighbour: PickingNeighbour, count: number, take: Take): number {
    const isRare = (piece: number) => this.#availability.counts[piece] === 0;
    let taken = this.#pickOpen(neighbour, count, take, (active) => isRare(active.piece) && mayWork(neighbour, active));
    while (taken < count && !neighbour.isSuspect && this.#sequence === undefined && this.#ledger.openCount < openMax) {
      const piece = this.#availability.rarest(neighbour);
      if (piece === undefined || !isRare(piece)) break;
      taken += this.#takeFree(this.#begin(neighbour, this.#ledger.geometry.piece(piece)), count - taken, take);
    }
    return taken;
  }

  #pickOpen(neighbour: PickingNeighbour, count: number, take: Take, isFit: (active: ActivePiece) => boolean): number {
    let taken = 0;
    for (const active of this.#ledger.open()) {
      if (taken >= count) break;
      if (neighbour.field.has(active.piece) && isFit(active)) taken += this.#takeFree(active, count - taken, take);
    }
    return taken;
  }

  #newPiece(neighbour: PickingNeighbour): PieceIndex | undefined {
    if (neighbour.waitingCount === 0) return undefined;
    const isNewcomer = this.#sequence === undefined && this.#have.count < randomFirstPieces;
    const piece =
      this.#sequence?.next(neighbour.field, this.#availability) ??
      (isNewcomer ? this.#availability.anyOf(neighbour) : this.#availability.rarest(neighbour));
    return piece === undefined ? undefined : this.#ledger.geometry.piece(piece);
  }

  #begin(neighbour: PickingNeighbour, piece: PieceIndex): ActivePiece {
    this.#availability.removeWaiting(piece);
    const active = this.#ledger.begin(piece);
    if (neighbour.isSuspect || this.#failed.has(piece)) active.owner = neighbour.id;
    return active;
  }

  #takeFree(active: ActivePiece, count: number, take: Take): number {
    let taken = 0;
    while (taken < count) {
      const block = active.nextFree();
      if (block === undefined) break;
      this.#ledger.request(active, block);
      take(active, block);
      taken++;
    }
    return taken;
  }

  /** What a suspect may work on where it has none of its own: what it can have for itself, and what those began who have left. */
  #mayHelp(neighbour: PickingNeighbour, active: ActivePiece): boolean {
    if (active.owner !== undefined) return false;
    if (active.isNobodysBut(neighbour.id)) {
      active.owner = neighbour.id;
      return true;
    }
    return active.ticks > helpTicks || active.isNobodysBut(neighbour.id, this.#isNeighbour);
  }

  #pickEndgame(neighbour: PickingNeighbour, count: number, take: Take): number {
    // From the end: neighbours send in the order they are asked, so those blocks are the last to come.
    const pieces = [...this.#ledger.pieces()].reverse();
    // What is taken here is asked of it when all is chosen.
    const chosen = new Set<number>();
    let taken = 0;
    for (let askers = 1; askers < endgameRequestersMax && taken < count; askers++) {
      for (const active of pieces) {
        if (taken >= count) break;
        if (active.isReceived || active.isParked || !neighbour.field.has(active.piece) || !mayWork(neighbour, active))
          continue;
        for (let block = active.blockCount - 1; block >= 0 && taken < count; block--) {
          if (active.has(block) || active.requesters[block] !== askers) continue;
          const key = this.#ledger.keyOf(active.piece, block);
          if (chosen.has(key) || neighbour.hasRequested(key)) continue;
          chosen.add(key);
          this.#ledger.request(active, block);
          take(active, block);
          taken++;
        }
      }
    }
    return taken;
  }
}

function mayWork(neighbour: PickingNeighbour, active: ActivePiece): boolean {
  if (active.owner !== undefined) return active.owner === neighbour.id;
  return !neighbour.isSuspect;
}
