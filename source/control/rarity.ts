/** How rare pieces are: how many there are of each rarity, where the rarest lie, and who alone has them. Reads only. */

import type { Bitfield } from "../base/bitfield.ts";
import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import { copiesMax, lackingMax, rareHoldersMax } from "./limits.ts";
import type { PieceSurvey } from "./piece-map.ts";
import type { LackingRow, RareRun, Rarity } from "./piece-rows.ts";
import { availabilityOf, type PieceSource } from "./piece-source.ts";

/** More copies than this are many, however many. */
const copiesShownMax = copiesMax - 1;
/** Kinds of rarity of which runs are named: pieces that are commoner wait for nobody. */
const kindsMax = 3;
/** Holders are looked up for so many runs, of so many pieces each, while they are so few. */
const heldRunsMax = 20;
const heldPiecesMax = 5_000;

/** A neighbour, by what it has. */
export interface HoldingNeighbour {
  readonly id: number;
  readonly info: { readonly endpoint: Endpoint };
  readonly field: Bitfield;
  readonly isSeed: boolean;
  /** Pieces a second that it gets of anybody; `undefined` while that is not known. */
  readonly haves: { perSecond(nowMs: number): number | undefined };
}

/**
 * @param neighbours that `source` counts, none while the torrent is not active. @param survey of `source`.
 * @param runsWanted 0 and up.
 */
export function rarityOf(
  neighbours: readonly HoldingNeighbour[],
  source: PieceSource,
  survey: PieceSurvey,
  runsWanted: number,
  nowMs: number,
): Rarity {
  const isMissing = !source.needed.isEmpty;
  const counts = isMissing ? survey.needed : survey.ours;
  const isKnown = source.counts !== undefined;
  const runs = isKnown ? rareRuns(source, isMissing ? source.needed : source.have, counts, runsWanted) : [];
  const lacking = isMissing ? [] : neighbours.filter(({ isSeed }) => !isSeed);
  return {
    of: isMissing ? "missing" : "ours",
    copies: isKnown ? shownCopies(counts) : [],
    runs: runs.map((run, i) => ({ ...run, holders: i < heldRunsMax ? holdersOf(neighbours, run) : [] })),
    lacking: lackingRows(lacking, nowMs),
    lackingCount: lacking.length,
  };
}

function shownCopies(counts: Uint32Array): readonly number[] {
  const shown = [...counts.subarray(0, copiesShownMax)];
  const more = counts.subarray(copiesShownMax).reduce((sum, count) => sum + count, 0);
  return counts.length > copiesShownMax ? [...shown, more] : shown;
}

type BareRun = Omit<RareRun, "holders">;

/**
 * Neighbouring pieces of one rarity, of the `kindsMax` rarest kinds among `pieces`; the rarest kind's first.
 * @param counts how many of them there are of each rarity.
 */
export function rareRuns(
  source: PieceSource,
  pieces: Bitfield,
  counts: Uint32Array,
  runsWanted: number,
): readonly BareRun[] {
  const kinds: { readonly availability: number; left: number; readonly runs: BareRun[] }[] = [];
  counts.forEach((count, availability) => {
    if (count > 0 && kinds.length < kindsMax) kinds.push({ availability, left: count, runs: [] });
  });
  const { seeds, pieceCount } = source;
  const counted = source.counts ?? new Uint16Array(0);
  const rareMax = (kinds.at(-1)?.availability ?? -1) - seeds;
  let open = runsWanted > 0 ? kinds.length : 0;
  for (let piece = 0; open > 0 && piece < pieceCount; piece++) {
    const count = counted[piece] ?? 0;
    // Nearly all are commoner: that is looked at first.
    if (count > rareMax || !pieces.has(piece)) continue;
    const availability = count + seeds;
    const first = piece;
    while (pieces.has(piece + 1) && availabilityOf(source, piece + 1) === availability) piece++;
    const kind = kinds.find((one) => one.availability === availability);
    if (kind === undefined || kind.runs.length >= runsWanted) continue;
    kind.runs.push({ first, last: piece, availability });
    kind.left -= piece - first + 1;
    if (kind.left === 0 || kind.runs.length >= runsWanted) open--;
  }
  return kinds.flatMap(({ runs }) => runs).slice(0, runsWanted);
}

/** Those who have the whole run, where they are all who have any of it: as many as each of its pieces has copies. */
function holdersOf(neighbours: readonly HoldingNeighbour[], { first, last, availability }: BareRun): readonly string[] {
  if (availability === 0 || availability > rareHoldersMax || last - first >= heldPiecesMax) return [];
  const holders: string[] = [];
  for (const { field, info } of neighbours) {
    let piece = first;
    while (piece <= last && field.has(piece)) piece++;
    if (piece > last) holders.push(formatEndpoint(info.endpoint));
  }
  return holders.length === availability ? holders : [];
}

function lackingRows(lacking: readonly HoldingNeighbour[], nowMs: number): readonly LackingRow[] {
  const rows = lacking.map(({ id, info, field, haves }): LackingRow => {
    const lacks = field.length - field.count;
    const perSecond = haves.perSecond(nowMs) ?? 0;
    return { id, endpoint: formatEndpoint(info.endpoint), lacks, seconds: perSecond > 0 ? lacks / perSecond : null };
  });
  const order = ({ seconds }: LackingRow): number => seconds ?? Number.MAX_VALUE;
  rows.sort((a, b) => order(a) - order(b) || a.lacks - b.lacks || a.id - b.id);
  return rows.slice(0, lackingMax).map((row) => ({
    ...row,
    seconds: row.seconds === null ? null : Math.ceil(row.seconds),
  }));
}
