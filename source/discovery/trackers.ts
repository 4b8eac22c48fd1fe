/** Asks trackers for all torrents, each by the protocol that its URL names. When that is to be, `gate` says. */
import { OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { Ports } from "../ports/ports.ts";
import { AnnounceGate } from "./announce-gate.ts";
import { HttpTrackers } from "./http-trackers.ts";
import { Scraper } from "./scraper.ts";
import type { AnnounceSuccess, ScrapeRow } from "./tracker-answer.ts";
import type { TrackerCall, TrackerHeard } from "./tracker-call.ts";
import { type AnnounceQuery, scrapeHashesMax, trackerKindOf } from "./tracker-codec.ts";
import { UdpTrackers, type UdpTrackersPorts } from "./udp-trackers.ts";

export class Trackers {
  readonly gate: AnnounceGate;
  readonly scraper: Scraper;
  readonly #http: HttpTrackers;
  readonly #udp: UdpTrackers;

  /** @param userAgent as HTTP trackers are told. */
  constructor(ports: UdpTrackersPorts & Pick<Ports, "http">, userAgent: string) {
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

  /** Where we ask from may be another now. */
  networkChanged(): void {
    this.#udp.networkChanged();
  }

  close(): void {
    this.scraper.close();
    this.#udp.close();
  }
}
