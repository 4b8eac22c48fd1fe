/** What an engine does, in numbers for scripts and in words for people. */
import { sanitise } from "../base/sanitise.ts";
import { formatDuration, formatRate } from "../base/units.ts";
import type { SessionRow, TorrentRow, TorrentState, TorrentsFrame } from "../control/protocol.ts";
import { torrentStates } from "../control/torrent-filter.ts";

/** Without the disks: those are asked while somebody looks for longer. */
export interface EngineReport extends Omit<SessionRow, "settingsRevision" | "disks"> {
  /** Content bytes of all torrents that are there, since each was added. */
  readonly downloaded: number;
  readonly uploaded: number;
  readonly wasted: number;
  readonly torrents: Readonly<Record<TorrentState | "total", number>>;
}

export function engineReport({ session, rows }: Pick<TorrentsFrame, "session" | "rows">): EngineReport {
  const sum = (value: (row: TorrentRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const count = (state: TorrentState): number => sum((row) => (row.state === state ? 1 : 0));
  return {
    pid: session.pid,
    version: session.version,
    profile: session.profile,
    upSeconds: Math.floor(session.upSeconds),
    listenAddress: session.listenAddress,
    listenPort: session.listenPort,
    listenProblem: session.listenProblem,
    hasIncoming: session.hasIncoming,
    dhtNodes: session.dhtNodes,
    dhtProblem: session.dhtProblem,
    refused: session.refused,
    downRate: Math.round(session.downRate),
    upRate: Math.round(session.upRate),
    maxDownRate: session.maxDownRate,
    maxUpRate: session.maxUpRate,
    alternative: session.alternative,
    shortDisk: session.shortDisk,
    lifetime: { ...session.lifetime, seconds: Math.floor(session.lifetime.seconds) },
    neighbours: session.neighbours,
    downloaded: sum(({ downloaded }) => downloaded),
    uploaded: sum(({ uploaded }) => uploaded),
    wasted: sum(({ wasted }) => wasted),
    torrents: {
      total: rows.length,
      fetching: count("fetching"),
      checking: count("checking"),
      downloading: count("downloading"),
      seeding: count("seeding"),
      queued: count("queued"),
      moving: count("moving"),
      paused: count("paused"),
      failed: count("failed"),
    },
  };
}

/** `listening on port 6881`, or why not. */
export function listeningText(session: Pick<SessionRow, "listenAddress" | "listenPort" | "listenProblem">): string {
  const { listenAddress: address, listenPort: port, listenProblem: problem } = session;
  if (port === null) return problem === "" ? "not listening" : `not listening (${sanitise(problem)})`;
  const isEverywhere = address === null || ["", "::", "0.0.0.0"].includes(address);
  return `listening on port ${port}${isEverywhere ? "" : ` of ${address}`}`;
}

/** `2 downloading, 10 seeding`. */
export function statesText(torrents: EngineReport["torrents"]): string {
  if (torrents.total === 0) return "no torrents";
  const parts = torrentStates.filter((state) => torrents[state] > 0).map((state) => `${torrents[state]} ${state}`);
  return `${torrents.total} ${torrents.total === 1 ? "torrent" : "torrents"} (${parts.join(", ")})`;
}

/** One paragraph. */
export function engineParagraph(report: EngineReport): string {
  const { neighbours } = report;
  return (
    `p2p-tui ${sanitise(report.version)} runs as process ${report.pid} for ${formatDuration(report.upSeconds)} ` +
    `with the profile ${sanitise(report.profile, 1000)}, ${listeningText(report)}.\n` +
    `It has ${statesText(report.torrents)}, downloads at ${formatRate(report.downRate)}${limitText(report.maxDownRate)}, ` +
    `and uploads at ${formatRate(report.upRate)}${limitText(report.maxUpRate)}, ` +
    `with ${neighbours} ${neighbours === 1 ? "neighbour" : "neighbours"}.\n`
  );
}

function limitText(limit: number): string {
  return limit === 0 ? "" : ` (at most ${formatRate(limit)})`;
}
