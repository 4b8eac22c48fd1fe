/** A neighbour's time, one neighbour in full, and the ledger, as they are shown. Reads only. */
import { formatEndpoint } from "../base/ip-address.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { Neighbour } from "../swarm/neighbour.ts";
import { historyStepMs } from "../swarm/neighbour-history.ts";
import type { TimeAccount } from "../swarm/time-account.ts";
import type { ChokeLedgerView, NeighbourDetail, NeighbourTimes, PieceRun, ReciprocityRow } from "./insight.ts";
import { windowLimitMax } from "./limits.ts";
import { neighbourVerdicts } from "./neighbour-why.ts";
import { flagLegend, type NeighbourRow } from "./protocol.ts";

/** Runs that are named; there are as many as there are gaps. */
const runsShown = 5;

/** Parts of the last minute, to a thousandth. */
export function neighbourTimes({ time }: Neighbour, nowMs: number): NeighbourTimes {
  return { down: parts(time.down, nowMs), up: parts(time.up, nowMs) };
}

function parts<State extends string>(account: TimeAccount<State>, nowMs: number): Readonly<Record<State, number>> {
  const lately = account.lately(nowMs);
  const all = Object.values<number>(lately).reduce((sum, ms) => sum + ms, 0);
  return mapped(lately, (ms) => (all === 0 ? 0 : Math.round((1000 * ms) / all) / 1000));
}

function mapped<State extends string>(
  from: Readonly<Record<State, number>>,
  to: (value: number) => number,
): Readonly<Record<State, number>> {
  const result: Partial<Record<State, number>> = {};
  for (const state in from) result[state] = to(from[state]);
  return result as Record<State, number>;
}

/** @param row of the same neighbour. */
export function neighbourDetail(
  session: Session,
  torrent: Torrent,
  neighbour: Neighbour,
  row: NeighbourRow,
  nowMs: number,
): NeighbourDetail {
  const { time, haves } = neighbour;
  const history = time.history(nowMs);
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  const alone = aloneWith(torrent, neighbour);
  const haveRate = haves.perSecond(nowMs);
  return {
    id: neighbour.id,
    flagWords: flagLegend.filter(([letter]) => row.flags.includes(letter)).map(([, meaning]) => meaning),
    stepSeconds: historyStepMs / 1000,
    downHistory: history?.down.map(Math.round) ?? [],
    upHistory: history?.up.map(Math.round) ?? [],
    windowHistory: history?.window ?? [],
    timeTotals: { down: mapped(time.down.totals(nowMs), seconds), up: mapped(time.up.totals(nowMs), seconds) },
    aloneCount: alone.count,
    aloneRuns: alone.runs,
    progressRate: haveRate === undefined ? null : Math.round(haveRate * torrent.geometry.pieceLength),
    why: neighbourVerdicts({
      row,
      isDownloading: torrent.swarm?.isFinished === false,
      isWindowCapped: neighbour.pipeline.isCapped,
      hasUpLimit: session.upLimit.bytesPerSecond > 0 || torrent.choices.maxUpRate > 0,
    }),
  };
}

/** Pieces that we miss and nobody else has. */
function aloneWith({ swarm }: Torrent, { field }: Neighbour): { readonly count: number; readonly runs: PieceRun[] } {
  const runs: { first: number; last: number }[] = [];
  let count = 0;
  if (swarm === undefined) return { count, runs };
  const { needed, availability } = swarm;
  for (let piece = 0; piece < needed.length; piece++) {
    if (!needed.has(piece) || !field.has(piece) || availability.of(piece) !== 1) continue;
    count++;
    const last = runs.at(-1);
    if (last?.last === piece - 1) last.last = piece;
    else if (runs.length < runsShown) runs.push({ first: piece, last: piece });
  }
  return { count, runs };
}

/** @param roundsWanted 0 and up. */
export function chokeLedger(session: Session, { swarm }: Torrent, roundsWanted: number): ChokeLedgerView {
  if (swarm === undefined) return { rounds: [], neighbours: [] };
  const wallMinusMs = session.clock.wallMs() - session.clock.nowMs();
  const neighbours = [...swarm.neighbours.values()].map(({ id, info, up, down }): ReciprocityRow => {
    const { rounds = 0, served = 0, open = 0 } = swarm.chokes.of(id) ?? {};
    return {
      id,
      endpoint: formatEndpoint(info.endpoint),
      given: up.total,
      taken: down.total,
      ratio: down.total === 0 ? null : up.total / down.total,
      rounds,
      roundsServed: served,
      roundsOpen: open,
    };
  });
  neighbours.sort((a, b) => b.given + b.taken - a.given - a.taken || a.id - b.id);
  return {
    rounds: swarm.chokes.rounds(roundsWanted).map(({ number, ms, isSeed, interested, rows, grants }) => ({
      number,
      wallMs: Math.round(wallMinusMs + ms),
      mode: isSeed ? "seed" : "leech",
      interestedNeighbours: interested,
      rows,
      grants,
    })),
    neighbours: neighbours.slice(0, windowLimitMax),
  };
}
