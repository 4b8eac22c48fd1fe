/** The engine's objects as the rows of the control protocol. Reads only. */
import { formatSize } from "../base/units.ts";
import { type DiskForecast, worstOf } from "../engine/files/disk-forecast.ts";
import type { TorrentChoices } from "../engine/profile/torrent-choices.ts";
import type { TorrentSummary } from "../engine/profile/torrent-entry.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import { accountFacts } from "./account-facts.ts";
import { torrentBound, torrentForecast } from "./bound-facts.ts";
import { fileRows } from "./file-view.ts";
import { hostLengthMax, trackerHostsMax } from "./limits.ts";
import { neighbourWindow } from "./neighbour-order.ts";
import { neighbourRow } from "./neighbour-row.ts";
import { chokeLedger, neighbourDetail } from "./neighbour-view.ts";
import { surveyPieces } from "./piece-map.ts";
import { pieceSource } from "./piece-source.ts";
import { pieceDetail, pieceList } from "./piece-view.ts";
import type {
  ChokerRow,
  SessionRow,
  ShortDisk,
  ShownChoices,
  TorrentDetail,
  TorrentRow,
  TorrentTopic,
} from "./protocol.ts";
import { rarityOf } from "./rarity.ts";
import { isScraping, sourceNotes, sourceRows, trackerRows } from "./tracker-rows.ts";
import { verdictsOf } from "./why.ts";
import { whyFacts } from "./why-facts.ts";

export function torrentRow(torrent: Torrent, nowMs: number): TorrentRow {
  const { summary, have, swarm, entry } = torrent;
  const downRate = Math.round(downRateOf(torrent, nowMs));
  const { verifiedLength } = torrent;
  const missingSpace = torrent.diskForecast?.missingBytes ?? 0;
  return {
    infoHash: entry.infoHash,
    name: summary.name,
    state: torrent.state,
    queuePosition: torrent.queuePosition,
    reason: torrent.reason === "" ? shortText(missingSpace) : torrent.reason,
    savePath: entry.savePath,
    labels: entry.choices.labels,
    isPrivate: summary.isPrivate,
    totalLength: summary.totalLength,
    verifiedLength,
    wantedLength: torrent.wantedLength,
    leftLength: torrent.leftLength,
    pieceLength: summary.pieceLength,
    pieceCount: summary.pieceCount,
    verifiedPieces: have.count,
    checkedFraction: torrent.checkedFraction,
    downRate,
    upRate: Math.round(swarm?.up.rate(nowMs) ?? 0),
    downloaded: torrent.downloadedBytes,
    uploaded: torrent.uploadedBytes,
    wasted: torrent.wastedBytes,
    etaSeconds: torrent.state === "downloading" && downRate > 0 ? Math.ceil(torrent.leftLength / downRate) : null,
    missingSpace,
    neighbours: swarm?.neighbours.size ?? 0,
    neighbourSeeds: swarm?.availability.seeds ?? 0,
    knownPeers: swarm?.peers.size ?? 0,
    swarmSeeds: torrent.announcer?.swarm.seeds ?? null,
    swarmLeeches: torrent.announcer?.swarm.leeches ?? null,
    trackerHosts: trackerHosts(summary),
    addedWallMs: entry.addedWallMs,
    completedWallMs: torrent.completedWallMs,
  };
}

/** Of what is complete nothing more comes, though the mean of the last seconds goes on for a while. */
function downRateOf({ swarm, leftLength }: Torrent, nowMs: number): number {
  return leftLength === 0 ? 0 : (swarm?.down.rate(nowMs) ?? 0);
}

function shortText(missingSpace: number): string {
  return missingSpace === 0 ? "" : `will not fit: ${formatSize(missingSpace)} missing`;
}

/** @param settingsRevision `null` where there is no settings file. */
export function sessionRow(session: Session, settingsRevision: number | null): SessionRow {
  const now = session.clock.nowMs();
  let downRate = 0;
  let upRate = 0;
  let neighbours = 0;
  for (const torrent of session.torrents.values()) {
    const { swarm } = torrent;
    downRate += downRateOf(torrent, now);
    upRate += swarm?.up.rate(now) ?? 0;
    neighbours += swarm?.neighbours.size ?? 0;
  }
  const { alternative, disks, lifetime } = session.house;
  const { isOn, isByHand, nextSwitchWallMs } = alternative;
  return {
    version: session.options.version,
    pid: session.options.pid,
    profile: session.options.profile,
    listenAddress: session.listening?.address ?? null,
    listenPort: session.listening?.port ?? null,
    listenProblem: session.listenProblem,
    hasIncoming: session.hasIncoming,
    dhtNodes: session.dht.isEnabled ? (session.dht.dht?.goodCount ?? 0) : null,
    dhtProblem: session.dht.problem,
    refused: session.admittance.refusedCount,
    downRate: Math.round(downRate),
    upRate: Math.round(upRate),
    maxDownRate: session.downLimit.bytesPerSecond,
    maxUpRate: session.upLimit.bytesPerSecond,
    neighbours,
    alternative: { isOn, isByHand, nextSwitchWallMs },
    disks: disks.look(),
    shortDisk: shortDisk(worstOf(disks.forecasts)),
    lifetime: lifetime.totals,
    settingsRevision,
    upSeconds: Math.round((now - session.startedMs) / 1000),
  };
}

function shortDisk(worst: DiskForecast | undefined): ShortDisk | null {
  if (worst === undefined) return null;
  const { folder, freeBytes, missingBytes, fullSeconds } = worst;
  return { folder, freeBytes, missingBytes, fullSeconds: fullSeconds === null ? null : Math.round(fullSeconds) };
}

export function torrentDetail(session: Session, torrent: Torrent, topic: TorrentTopic, nowMs: number): TorrentDetail {
  const connected = [...(torrent.swarm?.neighbours.values() ?? [])];
  const watched = topic.neighbour === undefined ? undefined : torrent.swarm?.neighbours.get(topic.neighbour);
  const source = pieceSource(torrent);
  const survey = surveyPieces(source, topic.cells);
  const files = fileRows(torrent, source, topic.files);
  const shown = {
    row: torrentRow(torrent, nowMs),
    trackers: trackerRows(torrent, session.trackers.scraper),
    isScraping: isScraping(torrent, session.trackers.scraper),
    sources: sourceRows(
      torrent.swarm?.peers,
      connected,
      sourceNotes(session, torrent.infoHash, torrent.summary.isPrivate),
    ),
    time: accountFacts(torrent, nowMs) ?? null,
  };
  return {
    ...shown,
    pieces: survey.map,
    neighbours: neighbourWindow(torrent, connected, topic.neighbours, nowMs),
    neighbourCount: connected.length,
    choker: chokerRow(torrent, nowMs),
    files: files.rows,
    fileCount: files.count,
    downHistory: torrent.downHistory.values,
    upHistory: torrent.upHistory.values,
    log: torrent.eventLog.last(topic.logLimit),
    comment: torrent.metainfo?.comment ?? "",
    choices: shownChoices(torrent.choices),
    why: verdictsOf(whyFacts(session, torrent, { ...shown, source, survey })),
    bound: torrentBound(session, torrent, nowMs),
    forecast: torrentForecast(torrent, survey),
    neighbour:
      watched === undefined
        ? null
        : neighbourDetail(session, torrent, watched, neighbourRow(torrent, watched, nowMs), nowMs),
    ledger: topic.ledgerRounds === undefined ? null : chokeLedger(session, torrent, topic.ledgerRounds),
    rarity: topic.rareRuns === undefined ? null : rarityOf(connected, source, survey, topic.rareRuns, nowMs),
    pieceList: topic.pieces === undefined ? null : pieceList(torrent, source, topic.pieces),
    piece: topic.piece === undefined ? null : pieceDetail(torrent, source, topic.piece, nowMs),
  };
}

function shownChoices({ priorities: _, ...choices }: TorrentChoices): ShownChoices {
  return choices;
}

/** The same list every time: rows are compared by it. */
const hostsOf = new WeakMap<TorrentSummary, readonly string[]>();

function trackerHosts(summary: TorrentSummary): readonly string[] {
  const known = hostsOf.get(summary);
  if (known !== undefined) return known;
  const hosts = new Set<string>();
  for (const url of summary.trackerTiers.flat()) {
    if (hosts.size >= trackerHostsMax) break;
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    if (host !== "") hosts.add(host.slice(0, hostLengthMax));
  }
  const list = [...hosts];
  hostsOf.set(summary, list);
  return list;
}

function chokerRow(torrent: Torrent, nowMs: number): ChokerRow {
  const { swarm } = torrent;
  let interestedNeighbours = 0;
  let unchokedNeighbours = 0;
  for (const neighbour of swarm?.neighbours.values() ?? []) {
    if (neighbour.peerInterested) interestedNeighbours++;
    if (!neighbour.amChoking) unchokedNeighbours++;
  }
  const countdowns = swarm?.choker.countdowns(nowMs) ?? { rechokeMs: 0, optimisticMs: 0 };
  return {
    mode: swarm?.chokerMode ?? (torrent.isFinished ? "seed" : "leech"),
    regularSlots: swarm?.choker.regularSlots ?? 0,
    ...countdowns,
    interestedNeighbours,
    unchokedNeighbours,
  };
}
