/** Asks trackers for all torrents, each by the protocol that its URL names. When that is to be, `gate` says. */
import { OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import { AnnounceGate } from "./announce-gate.ts";
import { HttpTrackers } from "./http-trackers.ts";
import { Scraper } from "./scraper.ts";
import type { AnnounceSuccess, ScrapeRow } from "./tracker-answer.ts";
import type { TrackerCall, TrackerHeard } from "./tracker-call.ts";
import { type AnnounceQuery, scrapeHashesMax, trackerKindOf } from "./tracker-codec.ts";
import { UdpTrackers, type UdpTrackersPorts } from "./udp-trackers.ts";

/** How long a host that has no such address, or where we have none, is not asked over that family. */
const unreachableMs = 60 * 60_000;
const unreachableMax = 1_000;

export class Trackers {
  readonly gate: AnnounceGate;
  readonly scraper: Scraper;
  readonly #clock: Clock;
  readonly #http: HttpTrackers;
  readonly #udp: UdpTrackers;
  /** By family and host: until when. */
  readonly #unreachable = new Map<string, number>();
  /** By torrent and URL: `stopped`s that are on their way. */
  readonly #leaving = new Map<string, Promise<void>>();

  /** @param userAgent as HTTP trackers are told. */
  constructor(ports: UdpTrackersPorts & Pick<Ports, "http">, userAgent: string) {
    this.#clock = ports.clock;
    this.gate = new AnnounceGate(ports.clock);
    this.scraper = new Scraper(ports.clock, this);
    this.#http = new HttpTrackers(ports.http, userAgent);
    this.#udp = new UdpTrackers(ports);
  }

  /** @throws OperationalError, ProtocolError with words for the user; TrackerRefusal where the tracker says no. */
  async announce(url: string, query: AnnounceQuery, call: TrackerCall): Promise<TrackerHeard<AnnounceSuccess>> {
    const kind = trackerKindOf(url);
    switch (kind.kind) {
      case "http":
        return this.#http.announce(url, query, call);
      case "udp":
        return this.#udp.announce(kind, query, call);
      case "unsupported":
        throw new OperationalError("unsupported", kind.message);
    }
  }

  /** @param infoHashes 1 … `scrapeHashesMax`. @throws as `announce` does; `no-scrape`. */
  async scrape(
    url: string,
    infoHashes: readonly InfoHash[],
    call: TrackerCall,
  ): Promise<TrackerHeard<ReadonlyMap<InfoHash, ScrapeRow>>> {
    const asked = infoHashes.slice(0, scrapeHashesMax);
    const kind = trackerKindOf(url);
    switch (kind.kind) {
      case "http":
        return this.#http.scrape(url, asked, call);
      case "udp":
        return this.#udp.scrape(kind, asked, call);
      case "unsupported":
        throw new OperationalError("unsupported", kind.message);
    }
  }

  /** Somebody takes leave of this tracker: who announces the same torrent next (a magnet's, above all) is not to overtake that. */
  leaves(url: string, infoHash: InfoHash, leave: Promise<void>): void {
    const key = `${infoHash} ${url}`;
    const one = leave.finally(() => {
      if (this.#leaving.get(key) === one) this.#leaving.delete(key);
    });
    this.#leaving.set(key, one);
  }

  /** @returns what to wait for before the torrent is announced there, if anything. */
  leaveOf(url: string, infoHash: InfoHash): Promise<void> | undefined {
    return this.#leaving.get(`${infoHash} ${url}`);
  }

  /** Whether it is worth asking there over this family too: not where that came to nothing lately. */
  mayReach(host: string, family: 4 | 6): boolean {
    return (this.#unreachable.get(`${family} ${host}`) ?? 0) <= this.#clock.nowMs();
  }

  /** It came to nothing: most hosts have one family alone, and thousands of torrents need not all find that out. */
  cannotReach(host: string, family: 4 | 6): void {
    const [oldest] = this.#unreachable.keys();
    if (this.#unreachable.size >= unreachableMax && oldest !== undefined) this.#unreachable.delete(oldest);
    this.#unreachable.set(`${family} ${host}`, this.#clock.nowMs() + unreachableMs);
  }

  /** Where we ask from may be another now. */
  networkChanged(): void {
    this.#unreachable.clear();
    this.#udp.networkChanged();
    this.scraper.networkChanged();
  }

  close(): void {
    this.scraper.close();
    this.#udp.close();
  }
}
