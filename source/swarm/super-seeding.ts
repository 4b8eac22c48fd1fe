/**
 * Super-seeding (BEP 16), for the one seed that a new swarm begins with: it says that it has nothing, and shows each
 * neighbour one piece at a time. So it sends about one copy before others are complete, where a seed that shows everything is
 * asked for the same pieces again and again. The rules:
 *
 * - Everybody is shown a piece of his own: of those he lacks the one that fewest neighbours have or are fetching from us. No two
 *   are shown the same one while there is one that nobody was shown.
 * - Who has fetched what he was shown is shown the next. Who is served and would have it all in less than two seconds is shown
 *   more at once, so that the line never stands still: as long as his turn lasts, or nobody else waits. Where there is only
 *   one to give to, he is shown many at once: some clients (rTorrent) look at what is new every ten seconds only.
 * - A piece that he has and that was not seen at another neighbour yet is a debt. As long as there are pieces that nobody was
 *   shown, debts matter little: a stranger may have a few, who has spread pieces as many more. What was shown before is shown
 *   only to who has none. Those of fewer debts are served first (`rankForSuperSeed`).
 * - A debt is overlooked where nothing was shown for long: who cannot spread because nobody is connected to him goes on slowly.
 *   Where there is only one to give to, there are no debts.
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

/** Pieces that somebody who has spread nothing yet may keep to himself: enough for some to find takers, little to lose. */
const debtsOfStranger = 4;
/** One piece at a time is the rule; more only for whom the last takes less than this: a `have`, a request and some more. */
const aheadMs = 2_000;
/** 64 pieces in two seconds are 8 MiB a second of small pieces: what is shown at once is lost where its taker leaves. */
const openMax = 64;
/** Nothing was shown for so long, and for many times as long as a piece takes to spread in this swarm: a debt is overlooked. */
const patienceMs = 60_000;
const patienceSpreads = 8;
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
  readonly up: { readonly total: number; rate(nowMs: number): number };
  announcePieces(pieces: readonly PieceIndex[]): void;
  close(reason: string): void;
}

/** What a neighbour was shown, and what became of it. */
interface Share {
  readonly shown: Bitfield;
  /** Shown, and it has them not yet. */
  readonly open: Set<PieceIndex>;
  /** It has them from us, and nobody else was seen with them since: when it had them. */
  readonly debts: Map<PieceIndex, number>;
  spreadCount: number;
  /** What we will have sent it in all when it has all that it was shown. */
  shownBytes: number;
  shownMs: number;
}

export class SuperSeeding {
  readonly #neighbours: ReadonlyMap<number, ShownTo>;
  readonly #random: Random;
  readonly #geometry: Geometry;
  readonly #availability: Availability;
  readonly #shares = new Map<number, Share>();
  /** By how many each piece is being fetched from us. */
  readonly #fetchers: Uint16Array;
  /** Who has debts by this piece. */
  readonly #debtors = new Map<PieceIndex, Set<Share>>();
  /** Peer ids of those that were seen with everything; two are enough to know. */
  readonly #seeds = new Set<string>();
  /** Pieces that were shown to somebody, and did not get lost with him. */
  readonly #shown: Bitfield;
  /** Every piece before this one has enough copies, as far as it was looked. */
  #scarce = 0;
  /** How long a piece takes to be seen at a second neighbour. */
  #spreadMs = 0;
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
    this.#shown = new Bitfield(geometry.pieceCount);
  }

  /** Pieces that were shown to somebody. */
  get shownCount(): number {
    return this.#shown.count;
  }

  /** What the neighbour may know that we have, and ask for. Not to be written to. */
  shownTo(id: number): Bitfield {
    return this.#share(id).shown;
  }

  standing(one: ShownTo): SuperSeedStanding {
    const { open, debts, shownBytes } = this.#share(one.id);
    const left = shownBytes - one.up.total;
    let openBytes = 0;
    for (const piece of open) openBytes += this.#geometry.lengthOf(piece);
    return { hasOpen: open.size > 0, hasBegun: left > 0 && left < openBytes, debts: debts.size };
  }

  /** It has said at once what it has; `old` is what it had said before. */
  fieldCame(one: ShownTo, old: Bitfield, nowMs: number): void {
    const share = this.#share(one.id);
    this.#changedMs = nowMs;
    if (!old.isFull) this.#countSeed(one);
    for (let piece = 0; piece < one.field.length; piece++) {
      if (!one.field.has(piece) || old.has(piece)) continue;
      const index = this.#geometry.piece(piece);
      this.#closeOpen(share, index);
      if (!share.shown.has(piece)) this.#spread(index, undefined);
    }
    this.#show(one, nowMs, true);
  }

  pieceCame(one: ShownTo, piece: PieceIndex, nowMs: number): void {
    const share = this.#share(one.id);
    this.#countSeed(one);
    const isFromUs = this.#closeOpen(share, piece);
    const hasEverybody = (this.#availability.counts[piece] ?? 0) >= this.#leeches;
    if (hasEverybody || !share.shown.has(piece)) this.#spread(piece, nowMs);
    else if (isFromUs && this.#leeches > 1) this.#owe(share, piece, nowMs);
    this.#show(one, nowMs, true);
  }

  left(one: ShownTo): void {
    const share = this.#shares.get(one.id);
    if (share === undefined) return;
    this.#shares.delete(one.id);
    if (!one.field.isFull) this.#leeches--;
    for (const piece of share.open) this.#fetchers[piece] = (this.#fetchers[piece] ?? 1) - 1;
    for (const piece of share.debts.keys()) this.#debtors.get(piece)?.delete(share);
    for (let piece = 0; piece < share.shown.length; piece++) {
      const isLost = share.shown.has(piece) && this.#availability.of(piece) + (this.#fetchers[piece] ?? 0) === 0;
      if (isLost) this.#shown.clear(piece);
    }
    this.#scarce = 0;
  }

  /** About once a second. @returns whether it is over: each piece has enough copies without us. */
  tick(nowMs: number): boolean {
    if (this.#isOver()) return true;
    let isContested = false;
    for (const one of this.#neighbours.values()) isContested ||= one.amChoking && one.peerInterested;
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

  #share(id: number): Share {
    const known = this.#shares.get(id);
    if (known !== undefined) return known;
    const share = {
      shown: new Bitfield(this.#geometry.pieceCount),
      open: new Set<PieceIndex>(),
      debts: new Map<PieceIndex, number>(),
      spreadCount: 0,
      shownBytes: 0,
      shownMs: Number.NEGATIVE_INFINITY,
    };
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

  /** @returns whether it was to fetch it. */
  #closeOpen(share: Share, piece: PieceIndex): boolean {
    if (!share.open.delete(piece)) return false;
    this.#fetchers[piece] = (this.#fetchers[piece] ?? 1) - 1;
    return true;
  }

  #owe(share: Share, piece: PieceIndex, nowMs: number): void {
    share.debts.set(piece, nowMs);
    const debtors = this.#debtors.get(piece) ?? new Set();
    this.#debtors.set(piece, debtors.add(share));
  }

  /** Somebody has the piece to whom we did not show it, or there is nobody left to give it to. */
  #spread(piece: PieceIndex, nowMs: number | undefined): void {
    const debtors = this.#debtors.get(piece);
    if (debtors === undefined) return;
    this.#debtors.delete(piece);
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
    if (!one.peerInterested && nowMs - share.shownMs > refusedMs) {
      for (const piece of [...share.open]) this.#closeOpen(share, piece);
    }
    // What it got elsewhere meanwhile it will not take from us.
    if (share.open.size === 0) share.shownBytes = one.up.total;
    const mayGoAhead = !one.amChoking && !(isContested && nowMs - one.unchokedMs >= superSeedTurnMs);
    const aheadBytes = mayGoAhead ? (one.up.rate(nowMs) * aheadMs) / 1000 : 0;
    const openMin = this.#leeches === 1 && nowMs - this.#changedMs >= aloneMs ? openMax : 1;
    const pieces: PieceIndex[] = [];
    while (share.open.size < openMin || (share.open.size < openMax && share.shownBytes - one.up.total < aheadBytes)) {
      const piece = this.#choose(one, share, nowMs);
      if (piece === undefined) break;
      share.shown.set(piece);
      share.open.add(piece);
      share.shownBytes += this.#geometry.lengthOf(piece);
      share.shownMs = nowMs;
      this.#fetchers[piece] = (this.#fetchers[piece] ?? 0) + 1;
      this.#shown.set(piece);
      pieces.push(piece);
    }
    if (pieces.length > 0) one.announcePieces(pieces);
  }

  /** The piece it is shown next, `undefined` where there is none, or it has too many debts. */
  #choose(one: ShownTo, share: Share, nowMs: number): PieceIndex | undefined {
    if (!this.#mayHave(share, !this.#shown.isFull, nowMs)) return undefined;
    const { pieceCount } = this.#geometry;
    const first = randomBelow(this.#random, pieceCount);
    let best: number | undefined;
    let bestCopies = Number.POSITIVE_INFINITY;
    for (let i = 0; i < pieceCount && bestCopies > 0; i++) {
      const piece = first + i < pieceCount ? first + i : first + i - pieceCount;
      if (one.field.has(piece) || share.shown.has(piece)) continue;
      // A copy that is under way may yet be lost, but counts against what is nowhere.
      const copies = 2 * this.#availability.of(piece) + (this.#fetchers[piece] ?? 0);
      if (copies >= bestCopies) continue;
      best = piece;
      bestCopies = copies;
    }
    if (best === undefined || !this.#mayHave(share, bestCopies === 0, nowMs)) return undefined;
    return this.#geometry.piece(best);
  }

  #mayHave(share: Share, isNowhere: boolean, nowMs: number): boolean {
    const debtsMax = isNowhere ? debtsOfStranger + share.spreadCount : 0;
    if (this.#leeches <= 1 || share.debts.size <= debtsMax) return true;
    return share.open.size === 0 && nowMs - share.shownMs > patienceMs + patienceSpreads * this.#spreadMs;
  }
}
