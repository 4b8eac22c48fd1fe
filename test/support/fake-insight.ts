/** What a made-up swarm shows of its neighbours' time, of one neighbour, and of its ledger. */
import { type Bound, boundOf } from "../../source/control/bound.ts";
import type {
  ChokeLedgerView,
  Graph,
  NeighbourDetail,
  NeighbourTimes,
  TimeOfAll,
} from "../../source/control/insight.ts";
import {
  flagLegend,
  type GraphTopic,
  type NeighbourRow,
  type PeerSource,
  type SourceRow,
  type TorrentRow,
  type TorrentTopic,
} from "../../source/control/protocol.ts";

export function fakeTimes(row: Omit<NeighbourRow, "time">): NeighbourTimes {
  const down = { uninterested: 0, choked: 0, snubbed: 0, limited: 0, held: 0, disk: 0, waiting: 0, idle: 0 };
  const up = { unwanted: 0, choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 };
  if (!row.amInterested) down.uninterested = 1;
  else if (row.isSnubbed) down.snubbed = 1;
  else {
    down.choked = row.peerChoking ? 0.8 : 0.1;
    down.waiting = row.peerChoking ? 0.15 : 0.7;
    down.idle = 1 - down.choked - down.waiting;
  }
  if (!row.peerInterested) up.unwanted = 1;
  else if (row.amChoking) up.choking = 1;
  else {
    up.line = 0.75;
    up.unasked = 0.25;
  }
  return { down, up };
}

export function fakeTimeOfAll(rows: readonly NeighbourRow[]): TimeOfAll {
  const useful = rows.filter((row) => row.time.down.uninterested < 1).map(({ time }) => time.down);
  const wanting = rows.filter((row) => row.time.up.unwanted < 1).map(({ time }) => time.up);
  const mean = <State extends string>(all: readonly Readonly<Record<State, number>>[], state: State): number =>
    all.length === 0 ? 0 : all.reduce((sum, times) => sum + times[state], 0) / all.length;
  return {
    downSeconds: 60 * useful.length,
    upSeconds: 60 * wanting.length,
    down: {
      choked: mean(useful, "choked"),
      snubbed: mean(useful, "snubbed"),
      limited: mean(useful, "limited"),
      held: mean(useful, "held"),
      disk: mean(useful, "disk"),
      waiting: mean(useful, "waiting"),
      idle: mean(useful, "idle"),
    },
    up: {
      choking: mean(wanting, "choking"),
      unasked: mean(wanting, "unasked"),
      disk: mean(wanting, "disk"),
      limited: mean(wanting, "limited"),
      line: mean(wanting, "line"),
    },
    capped: 0,
    givenToChoking: 30_000,
  };
}

/** What is asked for, of these neighbours. */
export function fakeCloser(
  topic: TorrentTopic,
  rows: readonly NeighbourRow[],
): { readonly neighbour: NeighbourDetail | null; readonly ledger: ChokeLedgerView | null } {
  const watched = rows.find(({ id }) => id === topic.neighbour);
  return {
    neighbour: watched === undefined ? null : fakeNeighbour(watched),
    ledger: topic.ledgerRounds === undefined ? null : fakeLedger(rows, topic.ledgerRounds),
  };
}

export function fakeBound(row: TorrentRow): Bound {
  const estimate = (value: number, basis: string) => ({ value, isMeasured: false, basis });
  return boundOf({
    length: row.totalLength,
    leeches: { value: row.swarmLeeches ?? 1, isMeasured: true, basis: "as the trackers count" },
    seedRate: estimate(40_000_000, "the best rates of 2 seeds, times 4 who share them, for 31 seeds"),
    leechRate: estimate(900_000_000, "the best rates of 8 leeches to us, times 4 who share them"),
    slowestDown: estimate(8_000_000, "the fastest seen: how slow the slowest line is, nobody says"),
    projectedSeconds: row.downRate > 0 ? row.totalLength / row.downRate : null,
  });
}

/** Of a neighbour that did not come by itself. */
export function fakeSource(id: number): PeerSource {
  return id % 4 === 1 ? "dht" : id % 4 === 3 ? "pex" : "tracker";
}

export function fakeSources(rows: readonly NeighbourRow[], isPrivate: boolean): readonly SourceRow[] {
  const known = { tracker: 50, dht: 212, pex: 37, lsd: 0, incoming: 0, manual: 0 };
  return (Object.keys(known) as PeerSource[]).map((source) => {
    const connected = rows.filter((row) => row.source === source).length;
    const note = isPrivate && ["dht", "pex", "lsd"].includes(source) ? "not asked: the torrent is private" : "";
    const found = source === "dht" ? "14 peers at 40 nodes 2m 00s ago, again in 12m 04s" : "";
    return { source, known: Math.max(connected, note === "" ? known[source] : 0), connected, note: note || found };
  });
}

/** Waves, and a gap in which the engine did not run. */
export function fakeGraph({ infoHash, span }: GraphTopic): Graph {
  const [stepSeconds, steps] = ({ "5m": [1, 300], "3h": [60, 180], week: [900, 672], month: [7200, 372] } as const)[
    span
  ];
  const wave = (height: number) =>
    Array.from({ length: steps }, (_, i) =>
      i > steps / 3 && i < steps / 2 ? null : Math.round(height * (1 + Math.sin(i / 11))),
    );
  return { infoHash, span, stepSeconds, newestWallMs: 1_795_000_000_000, down: wave(2_000_000), up: wave(600_000) };
}

function fakeNeighbour(row: NeighbourRow): NeighbourDetail {
  const wave = (height: number) =>
    Array.from({ length: 150 }, (_, i) => Math.round(height * (0.7 + 0.3 * Math.sin(i / 9 + row.id))));
  const seconds = <Parts extends object>(parts: Parts) =>
    Object.fromEntries(Object.entries(parts).map(([state, part]) => [state, part * row.connectedSeconds])) as Parts;
  return {
    id: row.id,
    flagWords: flagLegend.filter(([letter]) => row.flags.includes(letter)).map(([, meaning]) => meaning),
    stepSeconds: 2,
    downHistory: wave(row.downRate),
    upHistory: wave(row.upRate),
    windowHistory: wave(row.requestWindow),
    timeTotals: { down: seconds(row.time.down), up: seconds(row.time.up) },
    aloneCount: row.id % 3 === 0 ? 40 : 0,
    // More than an 80 columns wide screen has room for.
    aloneRuns: row.id % 3 === 0 ? Array.from({ length: 8 }, (_, i) => ({ first: 7 + 20 * i, last: 10 + 20 * i })) : [],
    progressRate: row.progress === 1 ? 0 : row.downRate * 1.5,
    why: [],
  };
}

function fakeLedger(rows: readonly NeighbourRow[], count: number): ChokeLedgerView {
  const wanting = rows.filter((row) => row.peerInterested);
  const rounds = Array.from({ length: count }, (_, i) => {
    // In earlier rounds others were ahead.
    const score = ({ id, downRate }: NeighbourRow): number => {
      const age = (count - 1 - i) / 7;
      return downRate * (1 + Math.min(0.8, age) * Math.sin(age + id));
    };
    const ranked = [...wanting]
      .sort((a, b) => score(b) - score(a))
      .map((row, at) => ({
        id: row.id,
        endpoint: row.endpoint,
        rank: row.isSnubbed ? null : at + 1,
        given: Math.round(row.upRate * (10 + 6 * Math.sin(i / 5 + row.id))),
        taken: Math.round(row.downRate * (10 + 6 * Math.sin(i / 4 + row.id))),
        slot: i === count - 1 ? row.slot : at < 4 ? ("regular" as const) : null,
        reason:
          i === count - 1 ? (row.slot === null ? "" : row.slotReason) : at < 4 ? "among the 4 that give most" : "",
      }));
    return {
      number: i + 1,
      wallMs: 1_795_000_000_000 + i * 10_000,
      mode: "leech" as const,
      interestedNeighbours: wanting.length,
      rows: [...ranked.filter(({ slot }) => slot !== null), ...ranked.filter(({ slot }) => slot === null)].slice(0, 20),
      grants: [],
    };
  });
  const neighbours = rows.map((row) => ({
    id: row.id,
    endpoint: row.endpoint,
    given: row.uploaded,
    taken: row.downloaded,
    ratio: row.downloaded === 0 ? null : row.uploaded / row.downloaded,
    rounds: count,
    roundsServed: row.amChoking ? 0 : count,
    roundsOpen: row.peerChoking ? 0 : count,
  }));
  return { rounds, neighbours };
}
