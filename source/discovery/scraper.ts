/**
 * Asks trackers how large swarms are, without announcing (BEP 48, BEP 15): for torrents that are not active, and where a
 * tracker's answers to announces do not say. Whatever is wanted of one tracker within a moment goes into one request, of as
 * many torrents as fit. What it said is kept for a while, and it is left alone for a while when it failed.
 */
import { codeOf, messageOf } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { sanitise } from "../base/sanitise.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { ScrapeRow } from "./tracker-answer.ts";
import { scrapeHashesMax, trackerKindOf } from "./tracker-codec.ts";
import type { Trackers } from "./trackers.ts";

/** No torrent is scraped more often, whoever asks. */
export const scrapeGapMs = 60_000;
/** How long an answer is good enough, where nobody asks for a fresh one. */
export const scrapeFreshMs = 15 * 60_000;
const gatherMs = 200;
const timeoutMs = 15_000;
const backOffFirstMs = 5 * 60_000;
const backOffMaxMs = 6 * 3600_000;
/** Trackers about which something is kept, and torrents of one: about 200 bytes each. */
const trackersMax = 500;
const rowsMax = 5_000;
/** Waiting at one tracker; who asks for more asks again later. */
const wantedMax = 5_000;

/** It has no scrape, wherever we are. */
const never = Number.POSITIVE_INFINITY;

interface Kept extends ScrapeRow {
  readonly askedMs: number;
}

const nothingKnown: ScrapeRow = { seeds: null, leeches: null, completions: null };

/** What is known and wanted of one tracker. */
interface Scraped {
  readonly url: string;
  readonly host: string;
  readonly wanted: Set<InfoHash>;
  readonly rows: Map<InfoHash, Kept>;
  /** Fewer where the tracker answers for one torrent alone, whatever it is asked. */
  batchMax: number;
  isUnderWay: boolean;
  timer: Timer | undefined;
  failures: number;
  retryAtMs: number;
  problem: string;
}

export class Scraper {
  readonly #clock: Clock;
  readonly #trackers: Trackers;
  readonly #all = new Map<string, Scraped>();
  #isClosed = false;

  constructor(clock: Clock, trackers: Trackers) {
    this.#clock = clock;
    this.#trackers = trackers;
  }

  /** Asks the tracker about the torrent soon, unless what is known is younger than `ageMaxMs` or it failed just now. */
  want(url: string, infoHash: InfoHash, ageMaxMs = scrapeFreshMs): void {
    if (this.#isClosed) return;
    const one = this.#all.get(url) ?? this.#begin(url);
    if (one === undefined) return;
    const nowMs = this.#clock.nowMs();
    const known = one.rows.get(infoHash);
    if (nowMs < one.retryAtMs || one.wanted.size >= wantedMax) return;
    if (known !== undefined && nowMs - known.askedMs < Math.max(scrapeGapMs, ageMaxMs)) return;
    one.wanted.add(infoHash);
    this.#plan(one);
  }

  /** What the tracker said last. */
  known(url: string, infoHash: InfoHash): ScrapeRow {
    return this.#all.get(url)?.rows.get(infoHash) ?? nothingKnown;
  }

  /** Why it cannot be asked, "" where it can. */
  problem(url: string): string {
    return this.#all.get(url)?.problem ?? "";
  }

  /** Whether an answer is waited for. */
  isAsking(url: string, infoHash: InfoHash): boolean {
    return this.#all.get(url)?.wanted.has(infoHash) ?? false;
  }

  /** That a tracker failed may have been the network's fault: it may be asked again at once. */
  networkChanged(): void {
    for (const one of this.#all.values()) {
      if (one.retryAtMs === never) continue;
      one.failures = 0;
      one.retryAtMs = 0;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#all.values()) timer?.cancel();
    this.#all.clear();
  }

  /** @returns `undefined` for what cannot be asked, and where too much is kept already. */
  #begin(url: string): Scraped | undefined {
    const kind = trackerKindOf(url);
    if (kind.kind === "unsupported") return undefined;
    if (this.#all.size >= trackersMax) {
      for (const [key, { wanted }] of this.#all) {
        if (wanted.size > 0) continue;
        this.#all.delete(key);
        break;
      }
      if (this.#all.size >= trackersMax) return undefined;
    }
    const one: Scraped = {
      url,
      host: kind.host,
      wanted: new Set(),
      rows: new Map(),
      batchMax: scrapeHashesMax,
      isUnderWay: false,
      timer: undefined,
      failures: 0,
      retryAtMs: 0,
      problem: "",
    };
    this.#all.set(url, one);
    return one;
  }

  #plan(one: Scraped): void {
    if (this.#isClosed || one.isUnderWay || one.timer !== undefined || one.wanted.size === 0) return;
    one.timer = this.#clock.after(gatherMs, () => {
      one.timer = undefined;
      one.isUnderWay = true;
      this.#trackers.gate.wait(one.host, "seed", (done) => {
        void this.#ask(one).finally(() => {
          done();
          one.isUnderWay = false;
          this.#plan(one);
        });
      });
    });
  }

  async #ask(one: Scraped): Promise<void> {
    const asked = [...one.wanted].slice(0, one.batchMax);
    if (this.#isClosed || asked.length === 0) return;
    try {
      const { answer } = await this.#trackers.scrape(one.url, asked, { timeoutMs });
      one.failures = 0;
      one.problem = "";
      if (asked.length > 1 && answer.size === 1) one.batchMax = 1;
      this.#keep(one, one.batchMax === 1 && asked.length > 1 ? [...answer.keys()] : asked, answer);
    } catch (error) {
      this.#fail(one, error);
    }
  }

  /** Also of those that the answer leaves out: that it does not know them is an answer. */
  #keep(one: Scraped, asked: readonly InfoHash[], answer: ReadonlyMap<InfoHash, ScrapeRow>): void {
    const askedMs = this.#clock.nowMs();
    for (const infoHash of asked) {
      one.wanted.delete(infoHash);
      one.rows.delete(infoHash);
      one.rows.set(infoHash, { ...(answer.get(infoHash) ?? nothingKnown), askedMs });
    }
    for (const [oldest] of one.rows) {
      if (one.rows.size <= rowsMax) break;
      one.rows.delete(oldest);
    }
  }

  #fail(one: Scraped, error: unknown): void {
    one.wanted.clear();
    one.problem = sanitise(messageOf(error));
    const waitMs = Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(20, one.failures++));
    one.retryAtMs = codeOf(error) === "no-scrape" ? never : this.#clock.nowMs() + waitMs;
  }
}
