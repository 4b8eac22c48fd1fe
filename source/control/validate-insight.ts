/** Checks of what `insight.ts` describes. See `validate.ts`. */

import { amount, anId, arrayOf, boolean, type Check, finite, nullable, object, oneOf, text } from "./check.ts";
import type {
  Bound,
  ChokeLedgerView,
  DownTimes,
  Figure,
  Forecast,
  Graph,
  GraphSpan,
  LedgerRoundView,
  LedgerRowView,
  NeighbourDetail,
  NeighbourTimes,
  PieceRun,
  ReciprocityRow,
  TimeOfAll,
  UpTimes,
} from "./insight.ts";
import {
  evidenceMax,
  flagWordsMax,
  graphStepsMax,
  ledgerRoundsMax,
  ledgerRowsMax,
  neighbourHistoryMax,
  runsMax,
  textLengthMax,
  verdictsMax,
  windowLimitMax,
} from "./limits.ts";
import { infoHash } from "./validate-ids.ts";
import type { Verdict } from "./verdict.ts";

const words = text(textLengthMax);
const endpoint = text(300);
const slot: Check<LedgerRowView["slot"]> = nullable(oneOf("regular", "optimistic"));

export const verdict: Check<Verdict> = object<Verdict>({
  weight: oneOf("stops", "slows", "note"),
  code: text(100),
  sentence: words,
  evidence: arrayOf(words, evidenceMax),
  help: words,
});
export const verdicts: Check<readonly Verdict[]> = arrayOf(verdict, verdictsMax);

const usefulDown = {
  choked: amount,
  snubbed: amount,
  limited: amount,
  held: amount,
  disk: amount,
  waiting: amount,
  idle: amount,
};
const wantedUp = { choking: amount, unasked: amount, disk: amount, limited: amount, line: amount };

export const neighbourTimes: Check<NeighbourTimes> = object<NeighbourTimes>({
  down: object<DownTimes>({ uninterested: amount, ...usefulDown }),
  up: object<UpTimes>({ unwanted: amount, ...wantedUp }),
});

export const timeOfAll: Check<TimeOfAll> = object<TimeOfAll>({
  downSeconds: amount,
  upSeconds: amount,
  down: object<TimeOfAll["down"]>(usefulDown),
  up: object<TimeOfAll["up"]>(wantedUp),
  capped: amount,
  givenToChoking: amount,
});

const history = arrayOf(amount, neighbourHistoryMax);
const runs = arrayOf(object<PieceRun>({ first: amount, last: amount }), runsMax);

export const neighbourDetail: Check<NeighbourDetail> = object<NeighbourDetail>({
  id: anId,
  flagWords: arrayOf(words, flagWordsMax),
  stepSeconds: amount,
  downHistory: history,
  upHistory: history,
  windowHistory: history,
  timeTotals: neighbourTimes,
  aloneCount: amount,
  aloneRuns: runs,
  progressRate: nullable(amount),
  why: verdicts,
});

const figure = object<Figure>({ value: amount, isMeasured: boolean, basis: words });

export const bound: Check<Bound> = object<Bound>({
  inputs: object<Bound["inputs"]>({
    length: amount,
    leeches: figure,
    seedRate: figure,
    leechRate: figure,
    slowestDown: figure,
    projectedSeconds: nullable(amount),
  }),
  p2pSeconds: nullable(amount),
  p2pBinds: nullable(oneOf("seed", "slowest", "all")),
  serverSeconds: nullable(amount),
  serverBinds: nullable(oneOf("slowest", "all")),
  efficiency: nullable(amount),
});

export const graphSpan: Check<GraphSpan> = oneOf("5m", "3h", "week", "month");

export const graph: Check<Graph> = object<Graph>({
  infoHash: nullable(infoHash),
  span: graphSpan,
  stepSeconds: amount,
  newestWallMs: finite,
  down: arrayOf(nullable(amount), graphStepsMax),
  up: arrayOf(nullable(amount), graphStepsMax),
});

export const forecast: Check<Forecast> = object<Forecast>({
  p50Seconds: amount,
  p90Seconds: nullable(amount),
  meanRate: amount,
  seenSeconds: amount,
});

export const chokeLedger: Check<ChokeLedgerView> = object<ChokeLedgerView>({
  rounds: arrayOf(
    object<LedgerRoundView>({
      number: anId,
      wallMs: finite,
      mode: oneOf("leech", "seed"),
      interestedNeighbours: amount,
      rows: arrayOf(
        object<LedgerRowView>({
          id: anId,
          endpoint,
          rank: nullable(amount),
          given: amount,
          taken: amount,
          slot,
          reason: words,
        }),
        ledgerRowsMax,
      ),
      grants: arrayOf(
        object<LedgerRoundView["grants"][number]>({ id: anId, endpoint, slot, reason: words }),
        ledgerRowsMax,
      ),
    }),
    ledgerRoundsMax,
  ),
  neighbours: arrayOf(
    object<ReciprocityRow>({
      id: anId,
      endpoint,
      given: amount,
      taken: amount,
      ratio: nullable(amount),
      rounds: amount,
      roundsServed: amount,
      roundsOpen: amount,
    }),
    windowLimitMax,
  ),
});
