/**
 * The info dictionary from many neighbours at once (BEP 9), without I/O. Nobody is trusted: neighbours claim different
 * lengths, and each claimed length is put together by itself. What is whole and has the wrong hash convicts whoever sent all
 * of it; where several did, each sends all of it alone from then on, one after another, and after them everybody else.
 *
 * Memory: pieces that came, for `activeMax` lengths, of up to 32 MiB each. Nothing is allocated for a claim.
 */
import type { InfoHash } from "../base/ids.ts";
import { infoHashFromBytes } from "../base/ids.ts";
import type { Hasher } from "../ports/hasher.ts";
import { metadataPieceCount } from "../wire/ut-metadata.ts";

/** A neighbour that says it has the metadata. */
export interface MetadataSource {
  readonly id: number;
  /** Bytes, as it claims: 1 … `metadataLengthMax`. */
  readonly length: number;
  request(piece: number): void;
  /** It lied: what it sent alone has another hash. */
  convict(): void;
}

/** Asked of one neighbour at once: each is one 16 KiB message. */
const outstandingMax = 4;
const answerTimeoutMs = 15_000;
/** Others are asked for the same piece too, before that is given up: among many silent ones it would take minutes. */
const promptMs = 5_000;
/** A neighbour that rejects is asked again after this: it may be fetching the metadata itself. */
const rejectPauseMs = 20_000;
/** Lengths that are worked on at once. */
const activeMax = 2;
/** A length that is worked on, and without a new piece for so long, goes behind all others. */
const stalledMs = 30_000;

interface Member {
  readonly source: MetadataSource;
  /** Piece → when it was asked. */
  readonly asked: Map<number, number>;
  /** Not asked before. */
  pausedUntilMs: number;
  /** When it was asked first since it has last sent anything; `undefined` where it owes nothing. */
  owesMs: number | undefined;
}

interface Assembly {
  readonly length: number;
  /** In the order in which they are asked: whoever has let us wait comes last. */
  readonly members: Map<number, Member>;
  readonly pieces: (Uint8Array | undefined)[];
  /** Who sent each piece. */
  readonly from: (number | undefined)[];
  count: number;
  /** When a piece came last, or it came to be worked on. */
  progressMs: number;
  /** When it stood still last, 0 where it has not since a piece came. */
  stoodStillMs: number;
  /** Ids that are to send it alone, in turn; empty while all work together. */
  alone: readonly number[];
}

export class MetadataDownload {
  readonly #infoHash: InfoHash;
  readonly #hasher: Hasher;
  readonly #assemblies = new Map<number, Assembly>();
  #result: Uint8Array | undefined;

  constructor(infoHash: InfoHash, hasher: Hasher) {
    this.#infoHash = infoHash;
    this.#hasher = hasher;
  }

  /** The info dictionary's bytes, once they are here and right. */
  get result(): Uint8Array | undefined {
    return this.#result;
  }

  /** Of the length that is furthest, 0 … 1. */
  get fraction(): number {
    let best = 0;
    for (const { count, pieces } of this.#assemblies.values()) best = Math.max(best, count / pieces.length);
    return best;
  }

  get sourceCount(): number {
    let count = 0;
    for (const { members } of this.#assemblies.values()) count += members.size;
    return count;
  }

  join(source: MetadataSource, nowMs: number): void {
    const { length, id } = source;
    let assembly = this.#assemblies.get(length);
    if (assembly === undefined) {
      const pieceCount = metadataPieceCount(length);
      assembly = {
        length,
        members: new Map(),
        pieces: new Array<undefined>(pieceCount).fill(undefined),
        from: new Array<undefined>(pieceCount).fill(undefined),
        count: 0,
        progressMs: nowMs,
        stoodStillMs: 0,
        alone: [],
      };
      this.#assemblies.set(length, assembly);
    }
    assembly.members.set(id, { source, asked: new Map(), pausedUntilMs: nowMs, owesMs: undefined });
    if (assembly.alone.length > 0) assembly.alone = [...assembly.alone, id];
    this.#ask(nowMs);
  }

  leave(id: number, nowMs: number): void {
    for (const [length, assembly] of this.#assemblies) {
      if (!assembly.members.delete(id)) continue;
      if (assembly.members.size === 0) this.#assemblies.delete(length);
      else if (assembly.alone[0] === id) this.#nextAlone(assembly);
    }
    this.#ask(nowMs);
  }

  /** Who was asked at this moment or before, and has sent nothing since: of these who has been silent for longest. */
  silentSince(momentMs: number): number | undefined {
    let longest: number | undefined;
    let sinceMs = momentMs;
    for (const { members } of this.#assemblies.values()) {
      for (const [id, { owesMs }] of members) {
        if (owesMs === undefined || owesMs > sinceMs || (owesMs === sinceMs && longest !== undefined)) continue;
        longest = id;
        sinceMs = owesMs;
      }
    }
    return longest;
  }

  /** @param data copied. @returns whether it was asked for. */
  came(id: number, piece: number, totalLength: number, data: Uint8Array, nowMs: number): boolean {
    const assembly = this.#assemblies.get(totalLength);
    const member = assembly?.members.get(id);
    if (assembly === undefined || member === undefined || !member.asked.delete(piece)) return false;
    member.owesMs = undefined;
    const isItsTurn = assembly.alone.length === 0 || assembly.alone[0] === id;
    if (assembly.pieces[piece] === undefined && isItsTurn) {
      assembly.pieces[piece] = data.slice();
      assembly.from[piece] = id;
      assembly.count++;
      assembly.progressMs = nowMs;
      assembly.stoodStillMs = 0;
      if (assembly.count === assembly.pieces.length) this.#whole(assembly);
    }
    this.#ask(nowMs);
    return true;
  }

  rejected(id: number, piece: number, nowMs: number): void {
    for (const assembly of this.#assemblies.values()) {
      const member = assembly.members.get(id);
      if (member?.asked.delete(piece) !== true) continue;
      member.pausedUntilMs = nowMs + rejectPauseMs;
      if (assembly.alone[0] === id) this.#nextAlone(assembly);
    }
    this.#ask(nowMs);
  }

  /** About once a second: what was not answered is asked of others. */
  tick(nowMs: number): void {
    for (const assembly of this.#assemblies.values()) {
      if (nowMs - assembly.progressMs >= stalledMs) {
        assembly.progressMs = nowMs;
        assembly.stoodStillMs = nowMs;
      }
      for (const [id, member] of [...assembly.members]) {
        let isLate = false;
        for (const [piece, askedMs] of member.asked) {
          if (nowMs - askedMs < answerTimeoutMs) continue;
          member.asked.delete(piece);
          isLate = true;
        }
        if (!isLate) continue;
        member.pausedUntilMs = nowMs + answerTimeoutMs;
        // A few silent ones would otherwise be asked in turn for ever, and nobody else.
        assembly.members.delete(id);
        assembly.members.set(id, member);
        if (assembly.alone[0] === id) this.#nextAlone(assembly);
      }
    }
    this.#ask(nowMs);
  }

  #whole(assembly: Assembly): void {
    const bytes = new Uint8Array(assembly.length);
    let at = 0;
    for (const piece of assembly.pieces) {
      if (piece === undefined) continue;
      bytes.set(piece, at);
      at += piece.length;
    }
    if (infoHashFromBytes(this.#hasher.sha1(bytes)) === this.#infoHash) {
      this.#result = bytes;
      this.#assemblies.clear();
      return;
    }
    const senders = [...new Set(assembly.from)].filter((id) => id !== undefined);
    this.#forget(assembly);
    const [only] = senders;
    if (senders.length > 1) {
      const present = senders.filter((id) => assembly.members.has(id));
      // Then the others: liars that are faster, and silent when they are alone, would keep them from ever sending anything.
      assembly.alone = [...new Set([...present, ...assembly.members.keys()])];
      return;
    }
    const liar = only === undefined ? undefined : assembly.members.get(only);
    if (only !== undefined) assembly.members.delete(only);
    assembly.alone = assembly.alone.filter((id) => id !== only);
    if (assembly.members.size === 0) this.#assemblies.delete(assembly.length);
    liar?.source.convict();
  }

  /** The one whose turn it was does not send: the next one does, or all together again. */
  #nextAlone(assembly: Assembly): void {
    assembly.alone = assembly.alone.slice(1).filter((id) => assembly.members.has(id));
    this.#forget(assembly);
  }

  #forget(assembly: Assembly): void {
    assembly.pieces.fill(undefined);
    assembly.from.fill(undefined);
    assembly.count = 0;
  }

  /**
   * First come lengths that have not stood still, then the one for which that is longest ago: each has its turn, whoever
   * claims it. Of equals the one that most neighbours claim comes first, then the shorter one.
   */
  #ask(nowMs: number): void {
    if (this.#result !== undefined) return;
    const ranked = [...this.#assemblies.values()].sort(
      (a, b) => a.stoodStillMs - b.stoodStillMs || b.members.size - a.members.size || a.length - b.length,
    );
    ranked.forEach((assembly, rank) => {
      if (rank < activeMax) {
        this.#askFor(assembly, nowMs);
        return;
      }
      this.#forget(assembly);
      // Who waits for its turn does not stand still.
      assembly.progressMs = nowMs;
    });
  }

  #askFor(assembly: Assembly, nowMs: number): void {
    const askers = new Array<number>(assembly.pieces.length).fill(0);
    /** Of these, who may well answer yet. */
    const hopeful = new Array<number>(assembly.pieces.length).fill(0);
    for (const { asked } of assembly.members.values()) {
      for (const [piece, askedMs] of asked) {
        askers[piece] = (askers[piece] ?? 0) + 1;
        if (nowMs - askedMs < promptMs) hopeful[piece] = (hopeful[piece] ?? 0) + 1;
      }
    }
    for (const [id, member] of assembly.members) {
      if (assembly.alone.length > 0 && assembly.alone[0] !== id) continue;
      if (nowMs < member.pausedUntilMs) continue;
      while (member.asked.size < outstandingMax) {
        const piece = leastAsked(assembly, member, askers, hopeful);
        if (piece === undefined) break;
        askers[piece] = (askers[piece] ?? 0) + 1;
        hopeful[piece] = (hopeful[piece] ?? 0) + 1;
        member.asked.set(piece, nowMs);
        member.owesMs ??= nowMs;
        member.source.request(piece);
      }
    }
  }
}

/** Of what is missing and not asked of it: what the fewest are asked for. */
function leastAsked(
  assembly: Assembly,
  member: Member,
  askers: readonly number[],
  hopeful: readonly number[],
): number | undefined {
  let best: number | undefined;
  for (let piece = 0; piece < assembly.pieces.length; piece++) {
    if (assembly.pieces[piece] !== undefined || member.asked.has(piece)) continue;
    const count = askers[piece] ?? 0;
    // Three at most fetch the same piece, and whoever has let us wait.
    if ((hopeful[piece] ?? 0) >= duplicatesMax || (best !== undefined && count >= (askers[best] ?? 0))) continue;
    best = piece;
  }
  return best;
}

const duplicatesMax = 3;
