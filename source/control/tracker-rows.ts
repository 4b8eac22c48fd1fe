/** The trackers of a torrent, and what each source of peers has given it. */
import type { InfoHash } from "../base/ids.ts";
import { maskUrl } from "../base/sanitise.ts";
import type { Scraper } from "../discovery/scraper.ts";
import { trackerKindOf } from "../discovery/tracker-codec.ts";
import type { Session } from "../engine/session.ts";
import type { Torrent } from "../engine/torrent.ts";
import type { NeighbourInfo } from "../swarm/neighbour-owner.ts";
import type { PeerList } from "../swarm/peer-list.ts";
import { type PeerSource, peerSources, sourcesIn } from "../swarm/peer-source.ts";
import { dhtSays } from "./dht-report.ts";
import type { SourceRow, TrackerRow } from "./protocol.ts";

const trackersShownMax = 100;
/** Of one torrent; nobody waits for the hundredth tracker's count. */
const scrapedMax = 20;

export function trackerRows(torrent: Torrent, scraper: Scraper): readonly TrackerRow[] {
  return (torrent.announcer?.rows() ?? restingTrackers(torrent, scraper)).slice(0, trackersShownMax);
}

/** Asks its trackers for what they have not told lately. @param ageMaxMs how old it may be. */
export function scrapeTrackers(torrent: Torrent, scraper: Scraper, ageMaxMs?: number): void {
  for (const url of scrapedUrls(torrent)) scraper.want(url, torrent.entry.infoHash, ageMaxMs);
}

/** Whether one of its trackers is being asked for that now. */
export function isScraping(torrent: Torrent, scraper: Scraper): boolean {
  return scrapedUrls(torrent).some((url) => scraper.isAsking(url, torrent.entry.infoHash));
}

/** Why nothing comes from some of them. */
export type SourceNotes = Partial<Readonly<Record<PeerSource, string>>>;

const privateNotes: SourceNotes = (() => {
  const note = "not asked: the torrent is private";
  return { dht: note, pex: note, lsd: note };
})();

export function sourceNotes(session: Session, infoHash: InfoHash, isPrivate: boolean): SourceNotes {
  if (isPrivate) return privateNotes;
  const { finders, rules } = session;
  return {
    dht: dhtSays(session, infoHash),
    lsd: rules.lsd.enabled ? finders.lsd.problem : "switched off (lsd.enabled)",
  };
}

/** @param peers that are known. @param neighbours of these, those that are connected, and those that came by themselves. */
export function sourceRows(
  peers: PeerList | undefined,
  neighbours: Iterable<{ readonly info: NeighbourInfo }>,
  notes: SourceNotes,
): readonly SourceRow[] {
  const known = peers?.countsBySource();
  const connected = new Map<PeerSource, number>();
  const count = (source: PeerSource) => connected.set(source, (connected.get(source) ?? 0) + 1);
  for (const { info } of neighbours) {
    if (info.isIncoming) count("incoming");
    else for (const source of sourcesIn(peers?.get(info.endpoint)?.namedBy ?? 0)) count(source);
  }
  return peerSources.map((source) => {
    const now = connected.get(source) ?? 0;
    return {
      source,
      known: source === "incoming" ? now : (known?.get(source) ?? 0),
      connected: now,
      note: notes[source] ?? "",
    };
  });
}

function scrapedUrls({ summary }: Torrent): readonly string[] {
  return summary.trackerTiers.flat().slice(0, scrapedMax);
}

/** The trackers of a torrent that is not active. */
function restingTrackers({ summary, entry }: Torrent, scraper: Scraper): readonly TrackerRow[] {
  return summary.trackerTiers.flatMap((urls, tier) =>
    urls.map((url) => restingTracker(url, tier, entry.infoHash, scraper)),
  );
}

export function restingTracker(url: string, tier: number, infoHash: InfoHash, scraper: Scraper): TrackerRow {
  const kind = trackerKindOf(url);
  const { seeds, leeches, completions } = scraper.known(url, infoHash);
  return {
    url: maskUrl(url),
    tier,
    state: kind.kind === "unsupported" ? "unsupported" : "waiting",
    message: kind.kind === "unsupported" ? kind.message : scraper.problem(url),
    seeds,
    leeches,
    downloaded: completions,
    peersReceived: 0,
    nextAnnounceMs: null,
  };
}
