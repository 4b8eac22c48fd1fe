/**
 * All trackers of one torrent (BEP 3, 12): who is told of which event, and for how many peers they are asked. When each is
 * asked, `AnnounceRounds` say: one for all tiers together, as BEP 12 has it, or one for each tier, where all are wanted.
 *
 * Every tracker hears `started` first and `completed` once if the torrent became complete in this run; both are said again
 * until they were heard. `stopped` goes to each tracker that heard `started`.
 */

import { shuffle } from "../base/random.ts";
import { plural } from "../base/units.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import type { AnnounceGate, AnnounceUrgency } from "./announce-gate.ts";
import { AnnounceRounds, type RoundsHost } from "./announce-rounds.ts";
import type { AnnouncerHost, AnnouncerOptions, AnnouncerRow } from "./announcer-host.ts";
import { type AnnounceEvent, numwantMax } from "./tracker-codec.ts";
import { TrackerLink } from "./tracker-link.ts";

/** More than any sensible torrent has; a hostile one may list a hundred thousand. */
export const trackersMax = 100;

const announceTimeoutMs = 30_000;
/** A smaller difference between the two clocks is a correction, not a sleep. */
const sleepMinMs = 60_000;

type Phase = "idle" | "running" | "stopping";

export class Announcer implements RoundsHost {
  readonly clock: Clock;
  readonly gate: AnnounceGate;
  readonly #host: AnnouncerHost;
  readonly #trackers: AnnouncerOptions["trackers"];
  readonly #tiers: TrackerLink[][];
  readonly #links: readonly TrackerLink[];
  #rounds: readonly AnnounceRounds[] = [];
  #isAllTiers: boolean;
  #phase: Phase = "idle";
  #stopped: Promise<void> | undefined;
  /** `start` was called while the last run was still ending. */
  #mustStartAgain = false;
  #isComplete = false;
  #clocks = { nowMs: 0, wallMs: 0 };

  constructor(ports: Pick<Ports, "clock" | "random">, host: AnnouncerHost, options: AnnouncerOptions) {
    this.clock = ports.clock;
    this.gate = options.trackers.gate;
    this.#host = host;
    this.#trackers = options.trackers;
    this.#isAllTiers = options.isAllTiers ?? false;
    const linkHost: AnnouncerHost = {
      infoHash: host.infoHash,
      peerId: host.peerId,
      listenPort: () => host.listenPort(),
      totals: () => host.totals(),
      wantedPeers: () => host.wantedPeers(),
      // An answer may come when we are stopping: nobody wants its peers then.
      onPeers: (peers, url, leeches) => {
        if (this.#phase === "running") host.onPeers(peers, url, leeches);
      },
      onExternalAddress: (voter, address) => host.onExternalAddress?.(voter, address),
      log: (text) => host.log(text),
    };
    const seen = new Set<string>();
    this.#tiers = options.tiers.map((urls, tier) => {
      const links: TrackerLink[] = [];
      for (const url of urls) {
        if (seen.has(url) || seen.size >= trackersMax) continue;
        seen.add(url);
        links.push(new TrackerLink(ports, linkHost, options, { url, tier }));
      }
      return shuffle(ports.random, links);
    });
    this.#links = this.#tiers.flat();
  }

  /** Begins to announce, `started` first. Does nothing while running. */
  start(): void {
    if (this.#phase === "stopping") this.#mustStartAgain = true;
    if (this.#phase !== "idle") return;
    this.#phase = "running";
    this.#isComplete = false;
    for (const link of this.#links) link.reset();
    this.#clocks = { nowMs: this.clock.nowMs(), wallMs: this.clock.wallMs() };
    this.#beginRounds();
  }

  /** Everything is downloaded, in this run: `completed` goes out now or as soon as a tracker hears us. */
  complete(): void {
    if (this.#phase !== "running" || this.#isComplete) return;
    this.#isComplete = true;
    for (const rounds of this.#rounds) rounds.say();
  }

  /** By hand: at once, back-off or not; but where a tracker asks to wait, as soon as it allows. */
  reannounce(): void {
    for (const rounds of this.#rounds) rounds.reannounce();
  }

  /** We may have another address now, which the trackers are to know as soon as they allow it. */
  networkChanged(): void {
    for (const rounds of this.#rounds) rounds.networkChanged();
  }

  /** The swarm ran dry: brings the next announces forward, less so each time they bring nobody new. */
  needPeers(): void {
    for (const rounds of this.#rounds) rounds.needPeers();
  }

  /** Whether every tier is announced to at all times, and not only when those before it fail. */
  setAllTiers(isAllTiers: boolean): void {
    if (isAllTiers === this.#isAllTiers) return;
    this.#isAllTiers = isAllTiers;
    if (this.#phase !== "running") return;
    this.#endRounds();
    this.#beginRounds();
  }

  /**
   * Says `stopped` to every tracker that heard `started`. Resolves when all have answered or failed, at the latest after
   * `deadlineMs`; nothing is left behind.
   */
  stop(deadlineMs: number): Promise<void> {
    this.#mustStartAgain = false;
    if (this.#phase === "idle") return Promise.resolve();
    if (this.#stopped !== undefined) return this.#stopped;
    this.#phase = "stopping";
    this.#endRounds();
    this.#stopped = this.#sayStopped(deadlineMs).then(() => {
      this.#phase = "idle";
      this.#stopped = undefined;
      for (const link of this.#links) if (link.isUsable) link.state = "waiting";
      if (this.#mustStartAgain) this.start();
    });
    return this.#stopped;
  }

  rows(): readonly AnnouncerRow[] {
    return this.#tiers.flat().map((link) => ({
      url: link.shownUrl,
      tier: link.tier,
      state: link.state,
      message: link.message,
      ...link.sizes,
      peersReceived: link.peersReceived,
      nextAnnounceMs: this.#roundsOf(link)?.nextAnnounceMs(link) ?? null,
    }));
  }

  /** What the trackers in use say; of several, the one that knows most. */
  get swarm(): { readonly seeds: number | null; readonly leeches: number | null } {
    let most: { readonly seeds: number | null; readonly leeches: number | null } | undefined;
    for (const { current } of this.#rounds) {
      if (current === undefined) continue;
      const { sizes } = current;
      if (most === undefined || peersIn(sizes) > peersIn(most)) most = sizes;
    }
    return most ?? nothingKnown;
  }

  // ── what the rounds ask ────────────────────────────────────────────────────────────────────────────────────────

  get urgency(): AnnounceUrgency {
    return this.#host.totals().left > 0 ? "download" : "seed";
  }

  eventFor(link: TrackerLink): AnnounceEvent | undefined {
    if (!link.hasHeardStarted) return "started";
    return this.#isComplete && !link.hasHeardCompleted ? "completed" : undefined;
  }

  async announce(link: TrackerLink, ended: (isHeard: boolean) => void): Promise<void> {
    const event = this.eventFor(link);
    const before = { state: link.state, message: link.message };
    const numwant = Math.max(0, Math.min(numwantMax, Math.ceil(this.#host.wantedPeers())));
    const isHeard = await link.announce({ event, numwant, timeoutMs: announceTimeoutMs });
    ended(isHeard);
    if (this.#phase !== "running") return;
    if (link.message !== before.message || link.state !== before.state) this.#logOutcome(link);
    if (isHeard && !link.isLiteral) this.#announceOverOtherFamily(link, event, numwant);
  }

  /** After the machine slept, every time we wait for is nearer by as much as the monotonic clock did not see. */
  noteSleep(): void {
    const { clock } = this;
    const sleptMs = clock.wallMs() - this.#clocks.wallMs - (clock.nowMs() - this.#clocks.nowMs);
    this.#clocks = { nowMs: clock.nowMs(), wallMs: clock.wallMs() };
    if (sleptMs < sleepMinMs) return;
    for (const link of this.#links) {
      link.retryAtMs -= sleptMs;
      link.notBeforeMs -= sleptMs;
      link.lastAnswerMs -= sleptMs;
    }
    for (const rounds of this.#rounds) rounds.slept(sleptMs);
  }

  #beginRounds(): void {
    const groups = this.#isAllTiers ? this.#tiers.map((tier) => [tier]) : [this.#tiers];
    this.#rounds = groups.map((tiers) => new AnnounceRounds(tiers, this));
    for (const rounds of this.#rounds) rounds.begin();
  }

  #endRounds(): void {
    for (const rounds of this.#rounds) rounds.end();
    this.#rounds = [];
  }

  #roundsOf(link: TrackerLink): AnnounceRounds | undefined {
    return this.#rounds[this.#isAllTiers ? link.tier : 0];
  }

  /**
   * BEP 7: a tracker knows us by the address we come from, so one with both families is told over both. That proves the
   * address; `&ipv4=` and `&ipv6=` do not, so trackers ignore them, and they would tell what `network.bind` is to hide.
   */
  #announceOverOtherFamily(link: TrackerLink, event: AnnounceEvent | undefined, numwant: number): void {
    const family = link.usedFamily === 4 ? 6 : 4;
    if (!link.mayReach(family)) return;
    this.gate.wait(link.host, this.urgency, (done) => {
      if (this.#phase !== "running") done();
      else void link.announceAlso({ event, numwant, timeoutMs: announceTimeoutMs, family }).finally(done);
    });
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  async #sayStopped(deadlineMs: number): Promise<void> {
    const endMs = this.clock.nowMs() + deadlineMs;
    let timer: Timer | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = this.clock.after(Math.max(0, deadlineMs), resolve);
    });
    const said = this.#links.map((link) => {
      const one = Promise.race([this.#sayStoppedTo(link, endMs), deadline]);
      this.#trackers.leaves(link.url, this.#host.infoHash, one);
      return one;
    });
    await Promise.all(said);
    timer?.cancel();
  }

  async #sayStoppedTo(link: TrackerLink, endMs: number): Promise<void> {
    // A `started` under way may be heard yet: `stopped` must not overtake it.
    await link.inFlight;
    const also = link.alsoInFlight;
    const isOverAll = also === undefined && link.families.size < 2;
    if (link.hasHeardStarted) await this.#takeLeave(link, isOverAll ? [undefined] : [...link.families], endMs);
    const late = await also;
    if (late !== undefined) await this.#takeLeave(link, [late], endMs);
  }

  async #takeLeave(link: TrackerLink, families: readonly (4 | 6 | undefined)[], endMs: number): Promise<void> {
    if (this.#phase !== "stopping") return;
    const done = await new Promise<() => void>((resolve) => this.gate.wait(link.host, "stop", resolve));
    await this.#sendStopped(link, families, endMs).finally(done);
  }

  async #sendStopped(link: TrackerLink, families: readonly (4 | 6 | undefined)[], endMs: number): Promise<void> {
    const timeoutMs = endMs - this.clock.nowMs();
    if (timeoutMs <= 0 || this.#phase !== "stopping") return;
    await Promise.all(
      families.map((family) =>
        link.announce({ event: "stopped", numwant: 0, timeoutMs, ...(family === undefined ? {} : { family }) }),
      ),
    );
  }

  #logOutcome(link: TrackerLink): void {
    const about = link.state === "working" ? plural(link.peersReceived, "peer") : link.state;
    this.#host.log(`tracker ${link.shownUrl}: ${about}${link.message === "" ? "" : `: ${link.message}`}`);
  }
}

const nothingKnown = { seeds: null, leeches: null } as const;

function peersIn(sizes: { readonly seeds: number | null; readonly leeches: number | null }): number {
  return (sizes.seeds ?? 0) + (sizes.leeches ?? 0);
}
