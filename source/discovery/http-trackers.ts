/** Asks HTTP trackers (BEP 3, 48). */
import { OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { localityOf, mayName } from "../base/ip-address.ts";
import type { HttpClient, HttpResponse } from "../ports/http.ts";
import {
  type AnnounceSuccess,
  answerLengthMax,
  parseAnnounceAnswer,
  parseScrapeAnswer,
  type ScrapeRow,
} from "./tracker-answer.ts";
import { type TrackerCall, type TrackerHeard, TrackerRefusal } from "./tracker-call.ts";
import { type AnnounceQuery, announceUrl, hasAnnouncePath, scrapeUrl } from "./tracker-codec.ts";

export class HttpTrackers {
  readonly #http: HttpClient;
  readonly #userAgent: string;

  constructor(http: HttpClient, userAgent: string) {
    this.#http = http;
    this.#userAgent = userAgent;
  }

  /** @throws OperationalError, ProtocolError with words for the user; TrackerRefusal where the tracker says no. */
  async announce(base: string, query: AnnounceQuery, call: TrackerCall): Promise<TrackerHeard<AnnounceSuccess>> {
    const { body, status, remoteAddress } = await this.#get(base, announceUrl(base, query), call);
    const answer = parseAnnounceAnswer(body, status);
    if (answer.kind === "failure") throw new TrackerRefusal(answer.reason, answer.retryMs);
    return { answer, remoteAddress };
  }

  /** @param infoHashes 1 … `scrapeHashesMax`. @throws as `announce` does; `no-scrape`. */
  async scrape(
    base: string,
    infoHashes: readonly InfoHash[],
    call: TrackerCall,
  ): Promise<TrackerHeard<ReadonlyMap<InfoHash, ScrapeRow>>> {
    const url = scrapeUrl(base, infoHashes);
    if (url === undefined) throw new OperationalError("no-scrape", "the tracker cannot be scraped");
    const { body, status, remoteAddress } = await this.#get(base, url, call);
    return { answer: parseScrapeAnswer(body, status, infoHashes), remoteAddress };
  }

  #get(base: string, url: string, { timeoutMs, family }: TrackerCall): Promise<HttpResponse> {
    return this.#http.get({
      url,
      headers: { "User-Agent": this.#userAgent },
      timeoutMs,
      bodyLengthMax: answerLengthMax,
      isAddressAllowed: addressRule(base),
      ...(family === undefined ? {} : { family }),
    });
  }
}

/**
 * Which addresses an announce may go to (HOSTILE A9). Whoever made the torrent chose the URL: it may name a tracker on this
 * machine only where the path looks like one, so that no other local service is asked anything; and a redirect may not lead
 * to an address more local than the tracker's own.
 */
function addressRule(trackerUrl: string): (address: string, host: string) => boolean {
  const isAnnounce = hasAnnouncePath(trackerUrl);
  let origin: { readonly host: string; readonly address: string } | undefined;
  return (address, host) => {
    if (localityOf(address) === "unusable") return false;
    if (localityOf(address) === "loopback" && !isAnnounce) return false;
    origin ??= { host, address };
    return host === origin.host || mayName(origin.address, address);
  };
}
