/**
 * Who sent what of each unfinished piece, those who have left included: leaving after each piece clears nobody. A piece's
 * verdict goes to `Suspicion`; a conviction becomes a ban. A suspect that comes back is one still.
 */
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";
import type { Neighbour } from "./neighbour.ts";
import { hostKey, type PeerList } from "./peer-list.ts";
import { Suspicion } from "./suspicion.ts";

/** Departed contributors, and suspects, that are remembered: more have not been here in the life of a few pieces. */
const rememberedMax = 500;

export class Blame {
  readonly #neighbours: ReadonlyMap<number, Neighbour>;
  readonly #ledger: BlockLedger;
  readonly #peers: PeerList;
  readonly #log: (text: string) => void;
  readonly #suspicion = new Suspicion<Neighbour>();
  readonly #departed = new Map<number, Neighbour>();
  readonly #suspects = new Set<string>();

  constructor(
    neighbours: ReadonlyMap<number, Neighbour>,
    ledger: BlockLedger,
    peers: PeerList,
    log: (text: string) => void,
  ) {
    this.#neighbours = neighbours;
    this.#ledger = ledger;
    this.#peers = peers;
    this.#log = log;
  }

  came(neighbour: Neighbour): void {
    if (this.#suspects.has(keyOf(neighbour))) neighbour.isSuspect = true;
  }

  left(neighbour: Neighbour): void {
    if (neighbour.isSuspect) remember(this.#suspects, keyOf(neighbour));
    else this.#suspects.delete(keyOf(neighbour));
    for (const active of this.#ledger.pieces()) {
      if (!active.senders.includes(neighbour.id)) continue;
      this.#departed.set(neighbour.id, neighbour);
      const [oldest] = this.#departed.keys();
      if (this.#departed.size > rememberedMax && oldest !== undefined) this.#departed.delete(oldest);
      return;
    }
    this.#suspicion.left(neighbour);
  }

  pieceRight(active: ActivePiece): void {
    const sender = this.#neighbourOf(active.soleSender);
    if (sender !== undefined) this.#suspicion.ownPiecePassed(sender);
  }

  /** Bans the culprit if it is proven, and drops it if it is here. @returns those here that are suspects now. */
  pieceWrong(active: ActivePiece): readonly Neighbour[] {
    const [contributors, senderCount] = this.#contributorsOf(active);
    this.#log(`piece ${active.piece} failed its hash (${senderCount} contributors)`);
    const culprit = this.#suspicion.pieceFailed(contributors, senderCount);
    for (const one of contributors) if (one.isSuspect && one.isClosed) remember(this.#suspects, keyOf(one));
    if (culprit === undefined) return contributors.filter((one) => !one.isClosed);
    if (this.#peers.isBanned(culprit.info.endpoint, culprit.info.peerId)) return [];
    this.#peers.ban(culprit.info.endpoint, culprit.info.peerId);
    this.#log(`banned ${culprit.name}: it alone sent a piece that failed`);
    if (!culprit.isClosed) culprit.close("it sent a bad piece");
    return [];
  }

  #contributorsOf(active: ActivePiece): [contributors: Neighbour[], senderCount: number] {
    const ids = active.contributors();
    return [ids.flatMap((id) => this.#neighbourOf(id) ?? []), ids.length];
  }

  #neighbourOf(id: number): Neighbour | undefined {
    return this.#neighbours.get(id) ?? this.#departed.get(id);
  }
}

function keyOf({ info }: Neighbour): string {
  return hostKey(info.endpoint.address, info.peerId);
}

function remember(set: Set<string>, key: string): void {
  set.delete(key);
  set.add(key);
  const [oldest] = set;
  if (set.size > rememberedMax && oldest !== undefined) set.delete(oldest);
}
