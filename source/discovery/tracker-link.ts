/**
 * One tracker of one torrent: sends an announce, remembers what the tracker said and which events it has heard, and keeps
 * its back-off. It decides nothing about when or which tracker: that is the `Announcer`'s.
 *
 * An event counts as heard only when the tracker answered it without a failure, so none is lost to an error.
 */
import { messageOf } from "../base/errors.ts";
import { type Endpoint, familyOf, mayName } from "../base/ip-address.ts";
import { randomFraction } from "../base/random.ts";
import { maskUrl, sanitise } from "../base/sanitise.ts";
import type { Ports } from "../ports/ports.ts";
import type { AnnouncerHost, AnnouncerOptions, AnnouncerRow } from "./announcer-host.ts";
import type { AnnounceSuccess } from "./tracker-answer.ts";
import { type TrackerCall, type TrackerHeard, TrackerRefusal } from "./tracker-call.ts";
import { type AnnounceEvent, trackerKindOf } from "./tracker-codec.ts";

/** First wait after a failure; doubles with each further one. */
const backOffFirstMs = 15_000;
/** Also the longest: a tracker that comes back is found within half an hour. */
const backOffMaxMs = 30 * 60_000;
/** Between two announces where the tracker names no `min interval`. */
export const minIntervalDefaultMs = 30_000;
/** Announced while we listen nowhere: port 0 is refused by many trackers, and nobody loses much by dialling this one. */
const placeholderPort = 1;

export interface LinkAnnounce extends TrackerCall {
  readonly event: AnnounceEvent | undefined;
  readonly numwant: number;
}

/** Failed for good until somebody announces by hand (BEP 31 `never`). */
const never = Number.POSITIVE_INFINITY;

export class TrackerLink {
  readonly url: string;
  /** Passkeys masked. */
  readonly shownUrl: string;
  readonly tier: number;
  /** "" where it is none that can be asked. */
  readonly host: string;
  /** Whether the host is an address, so that there is no second family to announce over. */
  readonly isLiteral: boolean;
  state: AnnouncerRow["state"] = "waiting";
  message = "";
  /** No announce before this, but for events: the tracker's `min interval`. */
  notBeforeMs = 0;
  /** No announce before this: back-off. */
  retryAtMs = 0;
  intervalMs = 0;
  lastAnswerMs = 0;
  seeds: number | null = null;
  leeches: number | null = null;
  completions: number | null = null;
  peersReceived = 0;
  hasHeardStarted = false;
  hasHeardCompleted = false;
  inFlight: Promise<boolean> | undefined;
  /** The same over the other family: which that is, where it was heard. */
  alsoInFlight: Promise<4 | 6 | undefined> | undefined;
  /** Families over which it heard `started`. */
  readonly families = new Set<4 | 6>();
  /** The family of its last answer. */
  usedFamily: 4 | 6 = 4;
  /** Counts `reset`s: what an earlier run still waits for changes nothing any more. */
  #run = 0;
  #failures = 0;
  #trackerId: Uint8Array | undefined;
  readonly #ports: Pick<Ports, "clock" | "random">;
  readonly #host: AnnouncerHost;
  readonly #options: AnnouncerOptions;

  constructor(
    ports: Pick<Ports, "clock" | "random">,
    host: AnnouncerHost,
    options: AnnouncerOptions,
    place: { readonly url: string; readonly tier: number },
  ) {
    this.#ports = ports;
    this.#host = host;
    this.#options = options;
    this.url = place.url;
    this.shownUrl = maskUrl(place.url);
    this.tier = place.tier;
    const kind = trackerKindOf(place.url);
    this.isLiteral = kind.kind !== "unsupported" && kind.isLiteral;
    this.host = kind.kind === "unsupported" ? "" : kind.host;
    if (kind.kind === "unsupported") {
      this.state = "unsupported";
      this.message = kind.message;
    }
  }

  /** What it has told of the swarm, in answers to announces or else to scrapes. */
  get sizes(): Pick<AnnouncerRow, "seeds" | "leeches" | "downloaded"> {
    const { seeds, leeches, completions: downloaded } = this;
    if (seeds !== null && leeches !== null && downloaded !== null) return { seeds, leeches, downloaded };
    const scraped = this.#options.trackers.scraper.known(this.url, this.#host.infoHash);
    return {
      seeds: seeds ?? scraped.seeds,
      leeches: leeches ?? scraped.leeches,
      downloaded: scraped.completions ?? downloaded,
    };
  }

  get isUsable(): boolean {
    return this.state !== "unsupported";
  }

  mayReach(family: 4 | 6): boolean {
    return this.#options.trackers.mayReach(this.host, family);
  }

  /** Forgets the failures, so that it is asked again at once. */
  forgive(): void {
    this.retryAtMs = 0;
  }

  /** A new run: nothing has been heard yet. */
  reset(): void {
    if (!this.isUsable) return;
    this.#run++;
    this.inFlight = undefined;
    this.alsoInFlight = undefined;
    this.state = "waiting";
    this.message = "";
    this.hasHeardStarted = false;
    this.hasHeardCompleted = false;
    this.families.clear();
    this.#failures = 0;
    this.retryAtMs = 0;
    this.notBeforeMs = 0;
  }

  /** Never rejects. @returns whether the tracker answered without a failure. */
  announce(request: LinkAnnounce): Promise<boolean> {
    const sent = this.#announce(request).finally(() => {
      if (this.inFlight === sent) this.inFlight = undefined;
    });
    this.inFlight = sent;
    return sent;
  }

  /** The same over another family, quietly. Never rejects. */
  async announceAlso(request: LinkAnnounce & { readonly family: 4 | 6 }): Promise<void> {
    const sent = this.#announceAlso(request).finally(() => {
      if (this.alsoInFlight === sent) this.alsoInFlight = undefined;
    });
    this.alsoInFlight = sent;
    await sent;
  }

  async #announceAlso(request: LinkAnnounce & { readonly family: 4 | 6 }): Promise<4 | 6 | undefined> {
    const run = this.#run;
    // Most hosts have one family, and the first announce has told the user what matters.
    const heard = await this.#ask(request).catch(() => undefined);
    if (heard === undefined) this.#options.trackers.cannotReach(this.host, request.family);
    if (heard === undefined || run !== this.#run) return undefined;
    this.#noteFamily(request.event, request.family);
    this.#handOut(heard.answer.peers, heard.remoteAddress);
    return request.family;
  }

  async #announce(request: LinkAnnounce): Promise<boolean> {
    const run = this.#run;
    this.state = "announcing";
    const { trackers } = this.#options;
    const leave = request.event === "stopped" ? undefined : trackers.leaveOf(this.url, this.#host.infoHash);
    if (leave !== undefined) await leave;
    if (run !== this.#run) return false;
    let heard: TrackerHeard<AnnounceSuccess>;
    try {
      heard = await this.#ask(request);
    } catch (error) {
      if (run === this.#run) this.#fail(error);
      return false;
    }
    if (run !== this.#run) return false;
    this.#succeed(request, heard.answer, heard.remoteAddress);
    return true;
  }

  #ask({ event, numwant, timeoutMs, family }: LinkAnnounce): Promise<TrackerHeard<AnnounceSuccess>> {
    const { uploaded, downloaded, left } = this.#host.totals();
    const query = {
      infoHash: this.#host.infoHash,
      peerId: this.#host.peerId,
      port: this.#host.listenPort() || placeholderPort,
      uploaded,
      downloaded,
      left,
      numwant,
      key: this.#options.key,
      ...(event === undefined ? {} : { event }),
      ...(this.#trackerId === undefined ? {} : { trackerId: this.#trackerId }),
    };
    return this.#options.trackers.announce(this.url, query, {
      timeoutMs,
      ...(family === undefined ? {} : { family }),
    });
  }

  #succeed(request: LinkAnnounce, answer: AnnounceSuccess, remoteAddress: string): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#failures = 0;
    this.retryAtMs = 0;
    this.lastAnswerMs = nowMs;
    this.intervalMs = answer.intervalMs;
    this.notBeforeMs = nowMs + (answer.minIntervalMs ?? Math.min(minIntervalDefaultMs, answer.intervalMs));
    this.state = "working";
    this.message = answer.warning;
    this.seeds = answer.seeds ?? this.seeds;
    this.leeches = answer.leeches ?? this.leeches;
    this.completions = answer.completions ?? this.completions;
    this.#trackerId = answer.trackerId ?? this.#trackerId;
    if (request.event === "started") this.hasHeardStarted = true;
    if (request.event === "completed") this.hasHeardCompleted = true;
    this.usedFamily = familyOf(remoteAddress);
    this.#noteFamily(request.event, this.usedFamily);
    if (request.event === "stopped") return;
    if (this.seeds === null || this.leeches === null) {
      this.#options.trackers.scraper.want(this.url, this.#host.infoHash);
    }
    if (answer.externalAddress !== null) this.#host.onExternalAddress?.(remoteAddress, answer.externalAddress);
    this.peersReceived = answer.peers.length;
    this.#handOut(answer.peers, remoteAddress);
  }

  #noteFamily(event: AnnounceEvent | undefined, family: 4 | 6): void {
    if (event === "stopped") this.families.delete(family);
    else this.families.add(family);
  }

  #handOut(peers: readonly Endpoint[], remoteAddress: string): void {
    const allowed = peers.filter((peer) => mayName(remoteAddress, peer.address));
    if (allowed.length > 0) this.#host.onPeers(allowed, this.url, this.leeches);
  }

  #fail(error: unknown): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#failures++;
    this.state = "failed";
    this.message = sanitise(messageOf(error));
    const doubled = Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(20, this.#failures - 1));
    // Spread in time: a thousand torrents that lost a tracker together must not come back together.
    const spreadMs = Math.round(doubled * (0.8 + 0.4 * randomFraction(this.#ports.random)));
    const backOffMs = Math.min(backOffMaxMs, spreadMs);
    const askedMs = error instanceof TrackerRefusal ? error.retryMs : null;
    this.retryAtMs = askedMs === "never" ? never : nowMs + Math.max(backOffMs, askedMs ?? 0);
  }
}
