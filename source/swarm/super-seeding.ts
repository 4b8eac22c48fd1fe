/**
 * Super-seeding (BEP 16), for the one seed that a new swarm begins with: it says that it has nothing, and shows each
 * neighbour one piece at a time. So it sends about one copy before others are complete, where a seed that shows everything is
 * asked for the same pieces again and again. The rules:
 *
 * - Everybody is shown a piece of his own: of those he lacks the one that fewest neighbours have or are fetching from us. No two
 *   are shown the same one while there is one that nobody was shown.
 * - Each piece leaves us once before any leaves twice: who is shown a piece that nobody has is served first
 *   (`rankForSuperSeed`), and while such pieces are under way nobody is shown what somebody has or fetches. Who had a turn and
 *   did not fetch it is counted on no more: it is shown to another.
 * - Who has fetched what he was shown is shown the next. Who is served and would have it all in less than two seconds is shown
 *   more at once, so that the line never stands still: as long as his turn lasts, or nobody else waits. Where there is only
 *   one to give to, he is shown many at once: some clients (rTorrent) look at what is new every ten seconds only.
 * - A piece that he has and that was not seen at another neighbour yet is a debt. As long as there are pieces that nobody was
 *   shown, debts matter little: a stranger may have a few, who has spread pieces as many more. What was shown before is shown
 *   only to who has none. A debt counts as waiting that one has not done.
 * - A debt is overlooked where nothing was shown for long: who cannot spread because nobody is connected to him goes on slowly.
 *   Where nobody spreads anything, or there is only one to give to, there are no debts.
 * - Who does not want what he was shown (he has chosen among the files) is shown something else.
 * - It is over when each piece has two copies without us.
 *
 * What a neighbour was not shown it may not ask for.
 */
import { Bitfield } from "../base/bitfield.ts";
import type { PieceIndex } from "../base/ids.ts";
import { type Random, randomBelow } from "../base/random.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Availability } from "./availability.ts";
import { type SuperSeedStanding, superSeedTurnMs } from "./choke-ranking.ts";
import { SuperSeedShare } from "./super-seed-share.ts";

/** Pieces that somebody who has spread nothing yet may keep to himself: enough for some to find takers, little to lose. */
const debtsOfStranger = 4;
/** Where fewer fetch anything, and fewer than this part of all, while there are pieces that nobody has, debts may be more. */
const fetchingMin = 4;
const fetchingPart = 1 / 4;
/** One piece at a time is the rule; more only for whom the last takes less than this: a `have`, a request and some more. */
const aheadMs = 2_000;
/** 64 pieces in two seconds are 8 MiB a second of small pieces: what is shown at once is lost where its taker leaves. */
const openMax = 64;
/** Nothing was shown for so long, and for many times as long as a piece takes to spread in this swarm: a debt is overlooked. */
const patienceMs = 60_000;
const patienceSpreads = 8;
const patienceMaxMs = 600_000;
/** For so long nobody has spread anything: nobody can, and the line need not stand still for it. */
const stuckMs = 300_000;
/** A turn ends when what was begun is there, or has taken so many times as long as pieces take. */
const turnPieces = 4;
/** Nobody's turn is cut shorter, whatever other pieces took; 16 MiB in ten minutes are 28 kB a second. */
const turnMinMs = 40_000;
/** Before anybody has had a piece. */
const turnAtFirstMs = 120_000;
const turnMaxMs = 600_000;
/** Whom nothing was handed on to for so long, and for as long as pieces take, takes nothing. */
const quietMinMs = 20_000;
/** So long nobody else came: a swarm that is just announced fills in seconds. */
const aloneMs = 10_000;
/** It had so long to become interested in what it was shown. */
const refusedMs = 30_000;
/** Copies of each piece without us, from which on the swarm lives without us. */
const copiesEnough = 2;
/** `have` messages that may tell a neighbour the rest in the end: 90 kB. For more it has to come again. */
const restMax = 10_000;

/** A neighbour as far as it matters here. */
export interface ShownTo {
  readonly id: number;
  readonly info: { readonly peerId: string };
  readonly field: Bitfield;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly unchokedMs: number;
  readonly chokedMs: number;
  readonly up: { readonly total: number; rate(nowMs: number): number };
  announcePieces(pieces: readonly PieceIndex[]): void;
  close(reason: string): void;
}

export class SuperSeeding {
  readonly #neighbours: ReadonlyMap<number, ShownTo>;
  readonly #random: Random;
  readonly #geometry: Geometry;
  readonly #availability: Availability;
  readonly #shares = new Map<number, SuperSeedShare>();
  /** By how many that we count on each piece is being fetched from us. */
  readonly #fetchers: Uint16Array;
  /** Who has debts by this piece. */
  readonly #debtors = new Map<PieceIndex, Set<SuperSeedShare>>();
  /** Peer ids of those that were seen with everything; two are enough to know. */
  readonly #seeds = new Set<string>();
  /** Pieces that somebody has, or fetches. */
  readonly #placed: Bitfield;
  /** Those of them that nobody has. */
  readonly #leaving = new Set<PieceIndex>();
  /** Every piece before this one has enough copies, as far as it was looked. */
  #scarce = 0;
  /** How long a piece takes to be seen at a second neighbour. */
  #spreadMs = 0;
  /** When that was seen last, or there was no debt. */
  #spreadSeenMs = Number.POSITIVE_INFINITY;
  #debtsOfStranger = debtsOfStranger;
  /** How long a piece takes from us to a neighbour; `undefined` before the first. */
  #pieceMs: number | undefined;
  /** Neighbours that lack something, and when one more came last. */
  #leeches = 0;
  #changedMs = Number.NEGATIVE_INFINITY;

  /** @param availability is told of everything before this is. */
  constructor(
    neighbours: ReadonlyMap<number, ShownTo>,
    random: Random,
    geometry: Geometry,
    availability: Availability,
  ) {
    this.#neighbours = neighbours;
    this.#random = random;
    this.#geometry = geometry;
    this.#availability = availability;
    this.#fetchers = new Uint16Array(geometry.pieceCount);
    this.#placed = new Bitfield(geometry.pieceCount);
  }

  /** Pieces that somebody has, or was shown and fetches. */
  get shownCount(): number {
    return this.#placed.count;
  }

  /** What the neighbour may know that we have, and ask for. Not to be written to. */
  shownTo(id: number): Bitfield {
    return this.#share(id).shown;
  }

  standing(one: ShownTo, nowMs: number): SuperSeedStanding {
    const share = this.#share(one.id);
    const { open, late, debts } = share;
    const hasBegun = one.up.total > share.shownBytes - share.openBytes(this.#geometry);
    let hasNew = false;
    for (const piece of open) hasNew ||= !late.has(piece) && this.#leaving.has(piece);
    return {
      hasOpen: open.size > 0,
      isFetching: hasBegun && this.#isTaking(one, share, one.unchokedMs, nowMs),
      hasNew,
      debts: debts.size,
    };
  }

  /** It has said at once what it has; `old` is what it had said before. */
  fieldCame(one: ShownTo, old: Bitfield, nowMs: number): void {
    const share = this.#share(one.id);
    this.#changedMs = nowMs;
    if (!old.isFull) this.#countSeed(one);
    for (let piece = 0; piece < one.field.length; piece++) {
      if (!one.field.has(piece) || old.has(piece)) continue;
      const index = this.#geometry.piece(piece);
      this.#close(one, share, index);
      if (!share.shown.has(piece)) this.#spread(index, undefined);
    }
    this.#show(one, nowMs, true);
  }

  pieceCame(one: ShownTo, piece: PieceIndex, nowMs: number): void {
    const share = this.#share(one.id);
    this.#countSeed(one);
    const isFromUs = share.open.has(piece);
    if (isFromUs) this.#timePiece(share.took(one.unchokedMs, nowMs));
    this.#close(one, share, piece);
    const hasEverybody = (this.#availability.counts[piece] ?? 0) >= this.#leeches;
    if (!share.shown.has(piece)) this.#spread(piece, nowMs);
    else if (hasEverybody) this.#spread(piece, undefined);
    else if (isFromUs && this.#leeches > 1) this.#owe(share, piece, nowMs);
    this.#show(one, nowMs, true);
  }

  /** @param one whose pieces are counted no more. */
  left(one: ShownTo): void {
    const share = this.#shares.get(one.id);
    if (share === undefined) return;
    this.#shares.delete(one.id);
    if (!one.field.isFull) this.#leeches--;
    for (const piece of [...share.open]) this.#close(one, share, piece);
    for (const piece of share.debts.keys()) {
      const debtors = this.#debtors.get(piece);
      debtors?.delete(share);
      if (debtors?.size === 0) this.#debtors.delete(piece);
    }
    for (let piece = 0; piece < one.field.length; piece++) {
      if (one.field.has(piece)) this.#place(this.#geometry.piece(piece));
    }
    this.#scarce = 0;
  }

  /** About once a second. @returns whether it is over: each piece has enough copies without us. */
  tick(nowMs: number): boolean {
    if (this.#isOver()) return true;
    let isContested = false;
    for (const one of this.#neighbours.values()) isContested ||= one.amChoking && one.peerInterested;
    for (const one of this.#neighbours.values()) this.#countOnNoMore(one, nowMs);
    if (!this.#placed.isFull && this.#isLineIdle) this.#debtsOfStranger++;
    for (const one of this.#neighbours.values()) this.#show(one, nowMs, isContested);
    return false;
  }

  /** Everybody is shown the rest. Nothing else is called after this. */
  end(): void {
    for (const one of [...this.#neighbours.values()]) {
      const rest: PieceIndex[] = [];
      const { shown } = this.#share(one.id);
      for (let piece = 0; piece < shown.length; piece++) {
        if (!shown.has(piece)) rest.push(this.#geometry.piece(piece));
      }
      if (rest.length > restMax) one.close("we end super-seeding, and there is too much that it does not know of");
      else if (rest.length > 0) one.announcePieces(rest);
    }
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #share(id: number): SuperSeedShare {
    const known = this.#shares.get(id);
    if (known !== undefined) return known;
    const share = new SuperSeedShare(this.#geometry.pieceCount);
    this.#shares.set(id, share);
    this.#leeches++;
    return share;
  }

  #countSeed(one: ShownTo): void {
    if (!one.field.isFull) return;
    this.#leeches--;
    if (this.#seeds.size < copiesEnough) this.#seeds.add(one.info.peerId);
  }

  #isOver(): boolean {
    if (this.#seeds.size >= copiesEnough) return true;
    // Whoever was seen with everything was let go of since, and has it still.
    const elsewhere = Math.max(0, this.#seeds.size - this.#availability.seeds);
    const { pieceCount } = this.#geometry;
    while (this.#scarce < pieceCount && this.#availability.of(this.#scarce) + elsewhere >= copiesEnough) this.#scarce++;
    return this.#scarce === pieceCount;
  }

  /** Hardly anybody has anything to fetch. */
  get #isLineIdle(): boolean {
    let fetching = 0;
    for (const { open, late } of this.#shares.values()) if (open.size > late.size) fetching++;
    return fetching < Math.min(fetchingMin, this.#leeches * fetchingPart);
  }

  /** How long a turn may last. */
  get #turnMs(): number {
    if (this.#pieceMs === undefined) return turnAtFirstMs;
    return Math.min(turnMaxMs, Math.max(turnMinMs, turnPieces * this.#pieceMs));
  }

  #timePiece(tookMs: number): void {
    this.#pieceMs = this.#pieceMs === undefined ? tookMs : this.#pieceMs + (tookMs - this.#pieceMs) / 8;
  }

  /** It fetches the piece no more: it has it, does not want it, or is gone. */
  #close(one: ShownTo, share: SuperSeedShare, piece: PieceIndex): void {
    if (share.open.delete(piece)) {
      if (!share.late.delete(piece)) this.#fetchers[piece] = (this.#fetchers[piece] ?? 1) - 1;
      // What it got elsewhere it will not take from us.
      share.shownBytes = Math.min(share.shownBytes, one.up.total + share.openBytes(this.#geometry));
    }
    this.#place(piece);
  }

  /** @param sinceMs when it might have begun to. @returns whether it takes what it was shown, and not for too long. */
  #isTaking(one: ShownTo, share: SuperSeedShare, sinceMs: number, nowMs: number): boolean {
    // What was handed on may be with the system for as long as a piece takes.
    const quietMs = Math.max(quietMinMs, this.#pieceMs ?? 0);
    // Who asks for it all again has not begun anew.
    const sentMs = share.lastSentMs(Math.min(one.up.total, share.shownBytes), nowMs);
    return nowMs - sinceMs < this.#turnMs && nowMs - Math.max(sinceMs, sentMs) < quietMs;
  }

  /** It had a turn, and did not fetch what it was shown before: others are shown that, too. */
  #countOnNoMore(one: ShownTo, nowMs: number): void {
    const share = this.#share(one.id);
    if (share.open.size === share.late.size) return;
    const { amChoking, unchokedMs, chokedMs } = one;
    const sinceMs = Math.max(unchokedMs, share.shownMs);
    const hadTurn = unchokedMs > share.shownMs && chokedMs - unchokedMs >= superSeedTurnMs;
    if (amChoking ? !hadTurn : this.#isTaking(one, share, sinceMs, nowMs)) return;
    for (const piece of share.open) {
      if (share.late.has(piece)) continue;
      share.late.add(piece);
      this.#fetchers[piece] = (this.#fetchers[piece] ?? 1) - 1;
      this.#place(piece);
    }
  }

  /** Somebody may have the piece, or fetch it, who did not, or the other way round. */
  #place(piece: PieceIndex): void {
    const isHeld = this.#availability.of(piece) > 0;
    const isFetched = (this.#fetchers[piece] ?? 0) > 0;
    if (isHeld || isFetched) this.#placed.set(piece);
    else this.#placed.clear(piece);
    if (isFetched && !isHeld) this.#leaving.add(piece);
    else this.#leaving.delete(piece);
  }

  #owe(share: SuperSeedShare, piece: PieceIndex, nowMs: number): void {
    if (this.#debtors.size === 0) this.#spreadSeenMs = nowMs;
    share.debts.set(piece, nowMs);
    const debtors = this.#debtors.get(piece) ?? new Set();
    this.#debtors.set(piece, debtors.add(share));
  }

  /** Somebody has the piece to whom we did not show it, or there is nobody left to give it to. */
  #spread(piece: PieceIndex, nowMs: number | undefined): void {
    const debtors = this.#debtors.get(piece);
    if (debtors === undefined) return;
    this.#debtors.delete(piece);
    if (nowMs !== undefined) this.#spreadSeenMs = nowMs;
    for (const share of debtors) {
      const sinceMs = share.debts.get(piece);
      share.debts.delete(piece);
      share.spreadCount++;
      if (sinceMs === undefined || nowMs === undefined) continue;
      const tookMs = nowMs - sinceMs;
      this.#spreadMs = this.#spreadMs === 0 ? tookMs : this.#spreadMs + (tookMs - this.#spreadMs) / 16;
    }
  }

  /** Shows it what it is to be shown now. */
  #show(one: ShownTo, nowMs: number, isContested: boolean): void {
    if (one.field.isFull) return;
    const share = this.#share(one.id);
    // Who has just come has not waited yet.
    if (share.shownMs === Number.NEGATIVE_INFINITY) share.shownMs = nowMs;
    if (!one.peerInterested && nowMs - share.shownMs > refusedMs) {
      for (const piece of [...share.open]) this.#close(one, share, piece);
    }
    // What was sent in vain is not counted against what comes.
    if (share.open.size === 0) share.shownBytes = one.up.total;
    const mayGoAhead = !one.amChoking && !(isContested && nowMs - one.unchokedMs >= superSeedTurnMs);
    // What is handed to a socket says nothing of a slow line.
    const aheadBytes = mayGoAhead && share.pieceMs < aheadMs ? (one.up.rate(nowMs) * aheadMs) / 1000 : 0;
    const openMin = this.#leeches === 1 && nowMs - this.#changedMs >= aloneMs ? openMax : 1;
    const pieces: PieceIndex[] = [];
    while (share.open.size < openMin || (share.open.size < openMax && share.shownBytes - one.up.total < aheadBytes)) {
      const piece = this.#choose(one, share, nowMs);
      if (piece === undefined) break;
      if (share.shown.set(piece)) pieces.push(piece);
      share.open.add(piece);
      share.shownBytes += this.#geometry.lengthOf(piece);
      share.shownMs = nowMs;
      this.#fetchers[piece] = (this.#fetchers[piece] ?? 0) + 1;
      this.#place(piece);
    }
    if (pieces.length > 0) one.announcePieces(pieces);
  }

  /** The piece it is shown next, `undefined` where there is none, or none that it may have now. */
  #choose(one: ShownTo, share: SuperSeedShare, nowMs: number): PieceIndex | undefined {
    if (!this.#mayHave(share, !this.#placed.isFull, nowMs)) return undefined;
    const { pieceCount } = this.#geometry;
    const first = randomBelow(this.#random, pieceCount);
    let best: number | undefined;
    let bestCopies = Number.POSITIVE_INFINITY;
    for (let i = 0; i < pieceCount && bestCopies > 0; i++) {
      const piece = first + i < pieceCount ? first + i : first + i - pieceCount;
      if (one.field.has(piece)) continue;
      // What it once did not want it may want now.
      if (share.shown.has(piece) && (!one.peerInterested || share.open.has(this.#geometry.piece(piece)))) continue;
      // A copy that is under way may yet be lost, but counts against what is nowhere.
      const copies = 2 * this.#availability.of(piece) + (this.#fetchers[piece] ?? 0);
      if (copies >= bestCopies) continue;
      best = piece;
      bestCopies = copies;
    }
    if (best === undefined || !this.#mayHave(share, bestCopies === 0, nowMs)) return undefined;
    return this.#geometry.piece(best);
  }

  /** @param isNowhere nobody has the piece, or fetches it. */
  #mayHave(share: SuperSeedShare, isNowhere: boolean, nowMs: number): boolean {
    if (this.#leeches <= 1) return true;
    const isStuck = nowMs - this.#spreadSeenMs > Math.max(stuckMs, this.#patienceMs);
    const debtsMax = isNowhere ? this.#debtsOfStranger + share.spreadCount : 0;
    const isAfterOthers = !isNowhere && this.#leaving.size > 0;
    if (!isAfterOthers && (isStuck || share.debts.size <= debtsMax)) return true;
    return share.open.size === 0 && nowMs - share.idleMs > (isAfterOthers ? patienceMaxMs : this.#patienceMs);
  }

  get #patienceMs(): number {
    return Math.min(patienceMaxMs, patienceMs + patienceSpreads * this.#spreadMs);
  }
}
