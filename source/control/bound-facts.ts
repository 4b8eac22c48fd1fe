/**
 * What the bound is made of, of a torrent that is active. Nobody tells what his line can do, so most of it is estimated:
 * a neighbour's upload by its best rate to us times those it is likely to serve at once, whoever has not shown his by the
 * mean of those who have; the slowest download by the fastest that was seen, since who is slow is so for want of givers
 * more often than for his line.
 */
import { plural } from "../base/units.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import { type Bound, boundOf, type Figure } from "./bound.ts";
import { type Forecast, forecastOf } from "./forecast.ts";
import type { PieceSurvey } from "./piece-map.ts";

/** Regular slots by custom: so many share what one uploads. */
const slotsOfOthers = 4;

const measured = (value: number, basis: string): Figure => ({ value, isMeasured: true, basis });
const estimated = (value: number, basis: string): Figure => ({ value, isMeasured: false, basis });

/** `null` while it is not active. */
export function torrentBound(session: Session, torrent: Torrent, nowMs: number): Bound | null {
  const { swarm } = torrent;
  if (swarm === undefined) return null;
  const length = torrent.summary.totalLength;
  const all = [...swarm.neighbours.values()];
  const seeds = all.filter(({ isSeed }) => isSeed);
  const others = all.filter(({ isSeed }) => !isSeed);
  const isLeech = !swarm.isFinished;
  const leeches = leechCount(torrent, others.length + (isLeech ? 1 : 0));
  const ourUp = ownRate(torrent, "up", session);
  const ourDown = ownRate(torrent, "down", session);
  const progress = others
    .flatMap((one) => one.haves.perSecond(nowMs) ?? [])
    .map((rate) => rate * torrent.geometry.pieceLength);
  const sharers = Math.max(1, Math.min(slotsOfOthers, leeches.value));
  const best = Math.max(0, ...progress, isLeech ? ourDown.value : 0);
  const rate = isLeech ? swarm.down.rate(nowMs) : mean(progress);
  return boundOf({
    length,
    leeches,
    seedRate: seedRate(torrent, seeds, sharers, isLeech ? undefined : ourUp, nowMs),
    leechRate: leechRate(others, leeches.value, sharers, isLeech ? ourUp : undefined, nowMs),
    slowestDown:
      isLeech && ourDown.isMeasured && ourDown.value <= best
        ? ourDown
        : estimated(best, "the fastest seen: how slow the slowest line is, nobody says"),
    projectedSeconds: rate < 1 ? null : length / rate,
  });
}

/** `null` where it is not downloading, or it cannot be said. */
export function torrentForecast(torrent: Torrent, { map }: PieceSurvey): Forecast | null {
  const { swarm, geometry, downHistory } = torrent;
  if (swarm === undefined || swarm.isFinished || torrent.state !== "downloading") return null;
  // It cannot end while nobody has all of it.
  if (map.rarest?.availability === 0) return null;
  const lastPiece = geometry.pieceCount - 1;
  const isLastMissing = swarm.needed.has(lastPiece);
  const short = isLastMissing ? geometry.pieceLength - geometry.lengthOf(geometry.piece(lastPiece)) : 0;
  return forecastOf(downHistory.values, swarm.needed.count * geometry.pieceLength - short) ?? null;
}

function leechCount({ announcer }: Torrent, known: number): Figure {
  const told = announcer?.swarm.leeches ?? null;
  return told !== null && told >= known
    ? measured(Math.max(1, told), "as the trackers count")
    : estimated(Math.max(1, known), "those we know of");
}

/** What we can move: a limit where one is set, else our best of the last minutes. */
function ownRate(torrent: Torrent, way: "up" | "down", session: Session): Figure {
  const { maxUpRate, maxDownRate } = torrent.choices;
  const limits = [way === "up" ? maxUpRate : maxDownRate, session[`${way}Limit`].bytesPerSecond].filter(
    (rate) => rate > 0,
  );
  if (limits.length > 0) return measured(Math.min(...limits), "our limit");
  const history = way === "up" ? torrent.upHistory : torrent.downHistory;
  return estimated(Math.max(0, ...history.values), "our best of the last minutes");
}

function seedRate(
  { announcer }: Torrent,
  seeds: readonly Neighbour[],
  sharers: number,
  own: Figure | undefined,
  nowMs: number,
): Figure {
  const shown = seeds.map((one) => one.time.bestDown(nowMs)).filter((rate) => rate > 0);
  const counted = Math.max(seeds.length, (announcer?.swarm.seeds ?? 0) - (own === undefined ? 0 : 1));
  if (own !== undefined && counted === 0) return own;
  const value = mean(shown) * sharers * (shown.length === 0 ? 0 : counted) + (own?.value ?? 0);
  if (sharers === 1 && counted === 1 && own === undefined)
    return estimated(value, "the seed's best rate to us, its only leech");
  return estimated(
    value,
    `the best rates of ${plural(shown.length, "seed")}, times ${sharers} who share them, for ${plural(counted, "seed")}`,
  );
}

function leechRate(
  others: readonly Neighbour[],
  leeches: number,
  sharers: number,
  own: Figure | undefined,
  nowMs: number,
): Figure {
  const shown = others.map((one) => one.time.bestDown(nowMs)).filter((rate) => rate > 0);
  const count = Math.max(0, leeches - (own === undefined ? 0 : 1));
  if (count === 0) return own ?? measured(0, "nobody downloads");
  const each = shown.length === 0 ? (own?.value ?? 0) : mean(shown) * sharers;
  const basis =
    shown.length === 0
      ? "as much each as we: none has given us anything"
      : `the best rates of ${plural(shown.length, "leech", "leeches")} to us, times ${sharers} who share them`;
  return estimated(each * count + (own?.value ?? 0), basis);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
