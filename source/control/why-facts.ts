/** What the engine knows of a torrent that says why it does what it does. Reads only; see `why.ts`. */
import type { InfoHash } from "../base/ids.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { TimeOfAll } from "./insight.ts";
import type { PieceSurvey } from "./piece-map.ts";
import type { PieceSource } from "./piece-source.ts";
import type { TorrentRow, TrackerRow } from "./protocol.ts";
import { rareRuns } from "./rarity.ts";
import type { TrackerFacts, WhyFacts } from "./why.ts";
import type { DhtFacts } from "./why-dht.ts";

/** Runs of pieces that are named: one line has room for so many. */
const runsMax = 5;
/** Trackers whose errors are told one by one: more are mostly the same. */
const errorsMax = 4;

/** @param shown what is shown of it anyway. */
export function whyFacts(
  session: Session,
  torrent: Torrent,
  shown: {
    readonly row: TorrentRow;
    readonly trackers: readonly TrackerRow[];
    readonly time: TimeOfAll | null;
    readonly source: PieceSource;
    readonly survey: PieceSurvey;
  },
): WhyFacts {
  const { row } = shown;
  const unreachable = torrent.swarm?.peers.unreachableCount ?? 0;
  return {
    row,
    failureCode: torrent.failureCode,
    wantsNothing: !torrent.have.isFull && wantsNothing(torrent),
    isComplete: torrent.swarm?.isFinished ?? torrent.have.isFull,
    trackers: trackerFacts(shown.trackers),
    peers: { unreachable },
    neighbours: neighbourFacts(torrent),
    missing: missingFacts(shown.source, shown.survey),
    limits: {
      down: session.downLimit.bytesPerSecond,
      up: session.upLimit.bytesPerSecond,
      ownDown: torrent.choices.maxDownRate,
      ownUp: torrent.choices.maxUpRate,
      isAlternative: session.house.alternative.isOn,
      allDownRate: session.downLimit.bytesPerSecond === 0 ? 0 : ratesOfAll(session, "down"),
      allUpRate: session.upLimit.bytesPerSecond === 0 ? 0 : ratesOfAll(session, "up"),
    },
    account: shown.time ?? undefined,
    superSeed: superSeedFacts(torrent),
    disk: session.house.disks.forecastOf(torrent.savePath) ?? { missingBytes: 0, freeBytes: 0, fullSeconds: null },
    work: session.options.work?.shares,
    dht: row.isPrivate ? undefined : dhtFacts(session, torrent.infoHash),
    homeProblem: session.homeProblem,
    port: {
      isListening: session.listening !== undefined,
      problem: session.listenProblem,
      hasIncoming: session.hasIncoming,
    },
  };
}

/** Of a torrent or link that is not private. */
export function dhtFacts({ dht: ours }: Session, infoHash: InfoHash): DhtFacts {
  return {
    isEnabled: ours.isEnabled,
    nodes: ours.dht?.goodCount ?? 0,
    problem: ours.problem,
    last: ours.seeker.searchOf(infoHash)?.last ?? null,
  };
}

function wantsNothing({ choices, metainfo }: Torrent): boolean {
  const { priorities } = choices;
  const isSkipped = (index: number): boolean =>
    metainfo?.files[index]?.isPadding === true || priorities[index] === "skip";
  return priorities.length > 0 && priorities.every((_, index) => isSkipped(index));
}

function ratesOfAll(session: Session, way: "down" | "up"): number {
  const now = session.clock.nowMs();
  let sum = 0;
  for (const { swarm } of session.torrents.values()) sum += swarm?.[way].rate(now) ?? 0;
  return sum;
}

function trackerFacts(trackers: readonly TrackerRow[]): TrackerFacts {
  const failed = trackers.filter(({ state }) => state === "failed");
  return {
    count: trackers.length,
    working: trackers.filter(({ state }) => state === "working").length,
    failed: failed.length,
    unsupported: trackers.filter(({ state }) => state === "unsupported").length,
    errors: failed.slice(0, errorsMax).map(trackerError),
  };
}

/** With its host, once. */
function trackerError({ url, message }: TrackerRow): string {
  const host = URL.canParse(url) ? new URL(url).host : "";
  if (message === "") return `${host} failed`;
  return message.includes(host) ? message : `${host}: ${message}`;
}

function superSeedFacts({ swarm }: Torrent): WhyFacts["superSeed"] {
  if (swarm?.superSeeding === undefined) return undefined;
  return { shown: swarm.superSeeding.shownCount, count: swarm.geometry.pieceCount };
}

function neighbourFacts(torrent: Torrent): WhyFacts["neighbours"] {
  const counts = { useful: 0, open: 0, snubbing: 0, wanting: 0, served: 0 };
  for (const neighbour of torrent.swarm?.neighbours.values() ?? []) {
    if (neighbour.amInterested) {
      counts.useful++;
      if (!neighbour.peerChoking) {
        counts.open++;
        if (neighbour.pipeline.isSnubbed) counts.snubbing++;
      }
    }
    if (neighbour.peerInterested) {
      counts.wanting++;
      if (!neighbour.amChoking) counts.served++;
    }
  }
  return counts;
}

function missingFacts(source: PieceSource, { needed, map: { rarest } }: PieceSurvey): WhyFacts["missing"] {
  const count = source.needed.count;
  if (source.counts === undefined || rarest?.availability !== 0) return { count, nowhere: 0, runs: [] };
  const runs = rareRuns(source, source.needed, needed.subarray(0, 1), runsMax);
  return { count, nowhere: rarest.count, runs: runs.map(({ first, last }) => [first, last]) };
}
