/** Magnet links whose torrents are not known yet, as rows and detail: what there is to see is who may have the metadata. */
import { formatEndpoint } from "../base/ip-address.ts";
import { plural } from "../base/units.ts";
import type { MagnetFetch } from "../engine/magnets/magnet-fetch.ts";
import type { MagnetPeer } from "../engine/magnets/magnet-peer.ts";
import type { PendingMagnet } from "../engine/magnets/magnets.ts";
import type { Session } from "../engine/session.ts";
import { clientName } from "../wire/peer-id.ts";
import type { DownTimes, UpTimes } from "./insight.ts";
import type { NeighbourRow, TorrentDetail, TorrentRow, TorrentTopic, TrackerRow } from "./protocol.ts";
import { restingTracker, sourceNotes, sourceRows } from "./tracker-rows.ts";
import { type Verdict, verdict } from "./verdict.ts";
import { besideTrackers, type DhtFacts, trackerless } from "./why-dht.ts";
import { dhtFacts } from "./why-facts.ts";

export function magnetRow(pending: PendingMagnet, queuePosition: number): TorrentRow {
  const { magnet, options, fetcher, isPaused, problem } = pending;
  const { swarm } = fetcher?.announcer ?? {};
  return {
    infoHash: magnet.infoHash,
    name: magnet.name || magnet.infoHash,
    state: problem !== "" ? "failed" : isPaused ? "paused" : "fetching",
    queuePosition,
    reason: problem,
    savePath: options.savePath,
    labels: options.choices.labels,
    isPrivate: false,
    totalLength: 0,
    verifiedLength: 0,
    wantedLength: 0,
    leftLength: 0,
    pieceLength: 0,
    pieceCount: 0,
    verifiedPieces: 0,
    checkedFraction: fetcher?.download.fraction ?? null,
    downRate: 0,
    upRate: 0,
    downloaded: 0,
    uploaded: 0,
    wasted: 0,
    etaSeconds: null,
    missingSpace: 0,
    neighbours: fetcher?.connected.size ?? 0,
    neighbourSeeds: 0,
    knownPeers: fetcher?.peers.size ?? 0,
    swarmSeeds: swarm?.seeds ?? null,
    swarmLeeches: swarm?.leeches ?? null,
    trackerHosts: [],
    addedWallMs: pending.addedWallMs,
    completedWallMs: null,
  };
}

export function magnetDetail(session: Session, pending: PendingMagnet, topic: TorrentTopic): TorrentDetail {
  const { magnet, fetcher, log, options } = pending;
  const nowMs = session.clock.nowMs();
  const row = magnetRow(pending, session.torrents.size + 1);
  const { offset, limit } = topic.neighbours;
  const neighbours = [...(fetcher?.connected.values() ?? [])].map((peer) => peerRow(peer, fetcher, nowMs));
  const trackers: readonly TrackerRow[] =
    fetcher?.announcer.rows() ??
    magnet.trackers.map((url, tier) => restingTracker(url, tier, magnet.infoHash, session.trackers.scraper));
  const { priorities: _, ...choices } = options.choices;
  return {
    row,
    neighbours: neighbours.slice(offset, offset + limit),
    neighbourCount: neighbours.length,
    pieces: {
      pieceCount: 0,
      cellCount: 0,
      have: [],
      active: [],
      minAvailability: [],
      rarest: null,
      copies: 0,
      skipped: [],
      neighbours: 0,
    },
    choker: {
      mode: "leech",
      regularSlots: 0,
      rechokeMs: 0,
      optimisticMs: 0,
      interestedNeighbours: 0,
      unchokedNeighbours: 0,
    },
    trackers,
    isScraping: false,
    sources: sourceRows(
      fetcher?.peers,
      fetcher?.connected.values() ?? [],
      sourceNotes(session, magnet.infoHash, false),
    ),
    files: [],
    fileCount: 0,
    downHistory: [],
    upHistory: [],
    log: log.last(topic.logLimit),
    comment: "",
    choices,
    why: verdictsOf(pending, trackers, dhtFacts(session, magnet.infoHash)),
    time: null,
    bound: null,
    forecast: null,
    neighbour: null,
    ledger: null,
    rarity: null,
    pieceList: null,
    piece: null,
  };
}

const noDown: DownTimes = {
  uninterested: 0,
  choked: 0,
  snubbed: 0,
  limited: 0,
  held: 0,
  disk: 0,
  waiting: 0,
  idle: 0,
};
const noUp: UpTimes = { unwanted: 0, choking: 0, unasked: 0, disk: 0, limited: 0, line: 0 };

function peerRow(peer: MagnetPeer, fetcher: MagnetFetch | undefined, nowMs: number): NeighbourRow {
  const { info, extensions, length, connectedMs } = peer;
  return {
    id: peer.id,
    endpoint: formatEndpoint(info.endpoint),
    client: extensions.client || clientName(info.peerId),
    isIncoming: info.isIncoming,
    source: info.isIncoming ? "incoming" : (fetcher?.peers.get(info.endpoint)?.source ?? "tracker"),
    amChoking: true,
    amInterested: false,
    peerChoking: true,
    peerInterested: false,
    isSnubbed: false,
    isSeed: false,
    flags: info.isIncoming ? "I" : "",
    downRate: 0,
    upRate: 0,
    downloaded: 0,
    uploaded: 0,
    progress: 0,
    requestsOut: 0,
    requestWindow: 0,
    requestsIn: 0,
    slot: null,
    slotReason: length > 0 ? "it is asked for the metadata" : "it has not offered the metadata",
    roundTripMs: null,
    time: { down: noDown, up: noUp },
    connectedSeconds: Math.round((nowMs - connectedMs) / 1000),
  };
}

/** What the fetching waits for. */
function verdictsOf(
  { problem, isPaused, fetcher, adding, magnet }: PendingMagnet,
  trackers: readonly TrackerRow[],
  dht: DhtFacts,
): readonly Verdict[] {
  const stops = (code: string, sentence: string, help: string, evidence: readonly string[] = []) => [
    verdict("stops", code, sentence, help, evidence),
  ];
  if (problem !== "") return stops("bad-metadata", problem, "remove it, or resume it to try again");
  if (isPaused) return stops("paused", "it is paused before its metadata was fetched", "resume it");
  if (adding !== undefined) return stops("being-added", "its metadata is here, and its torrent is being saved", "");
  if (fetcher === undefined)
    return stops("fetch-turn", "other magnet links are fetched before it", "wait, or pause others");
  const { connected, peers, download } = fetcher;
  const seen = [`${plural(peers.size, "peer")} known, ${connected.size} connected`];
  if (download.sourceCount > 0) {
    const percent = Math.floor(100 * download.fraction);
    return stops("fetching", `the metadata is being fetched: ${percent}% so far`, "", [
      ...seen,
      `${plural(download.sourceCount, "peer")} ${download.sourceCount === 1 ? "has" : "have"} it`,
    ]);
  }
  if (connected.size > 0) {
    return stops("no-metadata", "nobody who is connected has the metadata", "wait for others to come", seen);
  }
  const failed = trackers.find(({ state }) => state === "failed");
  if (failed !== undefined) seen.push(`${failed.url}: ${failed.message}`);
  if (peers.size > 0) return stops("no-neighbours", "no peer could be reached yet", "wait: they are tried again", seen);
  if (magnet.trackers.length === 0) return [trackerless(dht)];
  return [
    ...stops("no-peers", "no peer is known yet", "ask the trackers again, or wait", seen),
    ...besideTrackers(dht),
  ];
}
