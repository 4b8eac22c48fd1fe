/**
 * All trackers of one torrent (BEP 3, 12): which is asked when, with which event, and for how many peers.
 *
 * Announces go in rounds. A round walks the tiers in order, and the trackers of a tier in theirs (shuffled once), until one
 * answers; that one moves to the front of its tier. The next tier is asked only when all of a tier failed or keep silent:
 * after `patienceMs` without an answer the round goes on beside the silent one. At most one round is under way.
 *
 * Every tracker hears `started` first and `completed` once if the torrent became complete in this run; both are said again
 * until they were heard. `stopped` goes to each tracker that heard `started`.
 */
import { shuffle } from "../base/random.ts";
import { formatDuration } from "../base/units.ts";
import type { Timer } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import type { AnnounceGate, AnnounceUrgency } from "./announce-gate.ts";
import type { AnnouncerHost, AnnouncerOptions, AnnouncerRow } from "./announcer-host.ts";
import { type AnnounceEvent, numwantMax } from "./tracker-codec.ts";
import { TrackerLink } from "./tracker-link.ts";

/** More than any sensible torrent has; a hostile one may list a hundred thousand. */
export const trackersMax = 100;

const announceTimeoutMs = 30_000;
/** How long a silent tracker holds up the next one. */
const patienceMs = 4_000;
/** Between two rounds by hand: a key held down is no reason to flood a tracker that fails. */
const handGapMs = 10_000;
/** First wait when the swarm ran dry; doubles up to the interval, as long as nobody is found. */
const dryWaitFirstMs = 30_000;
/** A sleeping machine's monotonic clock stands still: look at the wall clock at least this often. */
const wakeMs = 5 * 60_000;
/** A smaller difference between the two clocks is a correction, not a sleep. */
const sleepMinMs = 60_000;

type Phase = "idle" | "running" | "stopping";

interface Round {
  readonly queue: TrackerLink[];
  underWay: number;
  isWon: boolean;
  patience: Timer | undefined;
  /** Gives up the wait for the next announce's turn. */
  giveUp: () => void;
}

export class Announcer {
  readonly #ports: Pick<Ports, "clock" | "random">;
  readonly #host: AnnouncerHost;
  readonly #tiers: TrackerLink[][];
  readonly #links: readonly TrackerLink[];
  readonly #gate: AnnounceGate;
  #phase: Phase = "idle";
  #stopped: Promise<void> | undefined;
  /** `start` was called while the last run was still ending. */
  #mustStartAgain = false;
  #isComplete = false;
  #round: Round | undefined;
  #roundBeganMs = 0;
  #timer: Timer | undefined;
  /** When the next round is due; `undefined` where none is planned. */
  #nextMs: number | undefined;
  /** The tracker in use: the last that won a round. */
  #current: TrackerLink | undefined;
  #dryCount = 0;
  #clocks = { nowMs: 0, wallMs: 0 };

  constructor(ports: Pick<Ports, "clock" | "random">, host: AnnouncerHost, options: AnnouncerOptions) {
    this.#ports = ports;
    this.#host = host;
    this.#gate = options.trackers.gate;
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
      onExternalAddress: (address) => host.onExternalAddress?.(address),
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
    this.#dryCount = 0;
    this.#current = undefined;
    for (const link of this.#links) link.reset();
    this.#clocks = { nowMs: this.#ports.clock.nowMs(), wallMs: this.#ports.clock.wallMs() };
    this.#beginRound();
  }

  /** Everything is downloaded, in this run: `completed` goes out now or as soon as a tracker hears us. */
  complete(): void {
    if (this.#phase !== "running" || this.#isComplete) return;
    this.#isComplete = true;
    if (this.#round === undefined && this.#current !== undefined) this.#beginRound();
  }

  /** By hand: at once, back-off or not; but where the tracker asks to wait, as soon as it allows. */
  reannounce(): void {
    if (this.#phase !== "running" || this.#round !== undefined) return;
    this.#noteSleep();
    const nowMs = this.#ports.clock.nowMs();
    const current = this.#current;
    if (current?.state === "working" && nowMs < current.notBeforeMs) {
      const waitSeconds = Math.ceil((current.notBeforeMs - nowMs) / 1000);
      current.message = `the tracker is asked again in ${formatDuration(waitSeconds)}: it wants some time between announces`;
      this.#planNoLaterThan(current.notBeforeMs);
      return;
    }
    for (const link of this.#links) link.forgive();
    const earliestMs = this.#roundBeganMs + handGapMs;
    if (nowMs >= earliestMs) this.#beginRound();
    else this.#planNoLaterThan(earliestMs);
  }

  /** The swarm ran dry: brings the next announce forward, less so each time it brings nobody new. */
  needPeers(): void {
    const current = this.#current;
    if (this.#phase !== "running" || this.#round !== undefined || current?.state !== "working") return;
    const dryMs = Math.min(current.intervalMs, dryWaitFirstMs * 2 ** Math.min(20, this.#dryCount));
    this.#planNoLaterThan(Math.max(current.lastAnswerMs + dryMs, current.notBeforeMs));
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
    this.#timer?.cancel();
    this.#round?.patience?.cancel();
    this.#round?.giveUp();
    this.#round = undefined;
    this.#nextMs = undefined;
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
      nextAnnounceMs: this.#nextAnnounceMs(link),
    }));
  }

  /** What the tracker in use says. */
  get swarm(): { readonly seeds: number | null; readonly leeches: number | null } {
    return this.#current?.sizes ?? { seeds: null, leeches: null };
  }

  // ── rounds ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #beginRound(): void {
    this.#timer?.cancel();
    this.#nextMs = undefined;
    const nowMs = this.#ports.clock.nowMs();
    this.#roundBeganMs = nowMs;
    const queue = this.#tiers
      .flat()
      .filter(
        (link) =>
          link.isUsable &&
          link.inFlight === undefined &&
          link.retryAtMs <= nowMs &&
          (link.notBeforeMs <= nowMs || this.#eventFor(link) !== undefined),
      );
    this.#round = { queue, underWay: 0, isWon: false, patience: undefined, giveUp: () => {} };
    this.#advance(this.#round);
  }

  /** Asks the next tracker, or ends the round. */
  #advance(round: Round): void {
    round.patience?.cancel();
    if (round !== this.#round) return;
    const link = round.isWon ? undefined : round.queue.shift();
    if (link === undefined) {
      if (round.isWon || round.underWay === 0) this.#endRound();
      return;
    }
    round.underWay++;
    round.giveUp = this.#gate.wait(link.host, this.#urgency, (done) => {
      round.patience = this.#ports.clock.after(patienceMs, () => this.#advance(round));
      void this.#announceTo(link, round).finally(done);
    });
  }

  get #urgency(): AnnounceUrgency {
    return this.#host.totals().left > 0 ? "download" : "seed";
  }

  async #announceTo(link: TrackerLink, round: Round): Promise<void> {
    const event = this.#eventFor(link);
    const before = { state: link.state, message: link.message };
    const numwant = Math.max(0, Math.min(numwantMax, Math.ceil(this.#host.wantedPeers())));
    const isHeard = await link.announce({ event, numwant, timeoutMs: announceTimeoutMs });
    round.underWay--;
    if (this.#phase !== "running") return;
    if (link.message !== before.message || link.state !== before.state) this.#logOutcome(link);
    if (isHeard && !link.isLiteral) this.#announceOverOtherFamily(link, event, numwant);
    if (round !== this.#round) return;
    if (isHeard && !round.isWon) {
      round.isWon = true;
      this.#promote(link);
      this.#dryCount = link.peersReceived > 0 ? 0 : this.#dryCount + 1;
    }
    this.#advance(round);
  }

  #endRound(): void {
    this.#round = undefined;
    const current = this.#current;
    if (current?.state === "working" && this.#eventFor(current) !== undefined) {
      // It became complete meanwhile, or `started` had to be said first.
      this.#beginRound();
      return;
    }
    const nowMs = this.#ports.clock.nowMs();
    if (current?.state === "working") {
      this.#plan(Math.max(nowMs, current.lastAnswerMs + current.intervalMs));
      return;
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const link of this.#links) {
      if (!link.isUsable) continue;
      // One that an earlier round still waits for will be in back-off, or heard, when that ends.
      const readyMs = link.inFlight === undefined ? Math.max(link.retryAtMs, link.notBeforeMs) : nowMs + patienceMs;
      nextMs = Math.min(nextMs, readyMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#plan(Math.max(nowMs, nextMs));
  }

  #eventFor(link: TrackerLink): AnnounceEvent | undefined {
    if (!link.hasHeardStarted) return "started";
    return this.#isComplete && !link.hasHeardCompleted ? "completed" : undefined;
  }

  #promote(link: TrackerLink): void {
    this.#current = link;
    const tier = this.#tiers[link.tier];
    if (tier === undefined) return;
    tier.splice(tier.indexOf(link), 1);
    tier.unshift(link);
  }

  /** BEP 7: a tracker knows us by the address we come from, so one with both families is told over both. */
  #announceOverOtherFamily(link: TrackerLink, event: AnnounceEvent | undefined, numwant: number): void {
    const family = link.usedFamily === 4 ? 6 : 4;
    this.#gate.wait(link.host, this.#urgency, (done) => {
      if (this.#phase !== "running") done();
      else void link.announceAlso({ event, numwant, timeoutMs: announceTimeoutMs, family }).finally(done);
    });
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #planNoLaterThan(ms: number): void {
    if (this.#nextMs === undefined || ms < this.#nextMs) this.#plan(Math.max(this.#ports.clock.nowMs(), ms));
  }

  #plan(atMs: number): void {
    this.#nextMs = atMs;
    this.#wait();
  }

  #wait(): void {
    this.#timer?.cancel();
    if (this.#nextMs === undefined) return;
    const delayMs = Math.max(0, Math.min(wakeMs, this.#nextMs - this.#ports.clock.nowMs()));
    this.#timer = this.#ports.clock.after(delayMs, () => {
      this.#noteSleep();
      if (this.#nextMs !== undefined && this.#nextMs <= this.#ports.clock.nowMs()) this.#beginRound();
      else this.#wait();
    });
  }

  /** After the machine slept, every time we wait for is nearer by as much as the monotonic clock did not see. */
  #noteSleep(): void {
    const { clock } = this.#ports;
    const sleptMs = clock.wallMs() - this.#clocks.wallMs - (clock.nowMs() - this.#clocks.nowMs);
    this.#clocks = { nowMs: clock.nowMs(), wallMs: clock.wallMs() };
    if (sleptMs < sleepMinMs) return;
    for (const link of this.#links) {
      link.retryAtMs -= sleptMs;
      link.notBeforeMs -= sleptMs;
      link.lastAnswerMs -= sleptMs;
    }
    if (this.#nextMs !== undefined) this.#nextMs -= sleptMs;
  }

  #nextAnnounceMs(link: TrackerLink): number | null {
    if (this.#nextMs === undefined || !link.isUsable || link.retryAtMs === Number.POSITIVE_INFINITY) return null;
    // Trackers behind the one in use are not asked as long as that one works.
    const order = this.#tiers.flat();
    const current = this.#current;
    if (current?.state === "working" && order.indexOf(link) > order.indexOf(current)) return null;
    return Math.max(0, Math.max(this.#nextMs, link.retryAtMs) - this.#ports.clock.nowMs());
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  async #sayStopped(deadlineMs: number): Promise<void> {
    const endMs = this.#ports.clock.nowMs() + deadlineMs;
    let timer: Timer | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = this.#ports.clock.after(Math.max(0, deadlineMs), resolve);
    });
    const all = Promise.all(this.#links.map((link) => this.#sayStoppedTo(link, endMs)));
    await Promise.race([all, deadline]);
    timer?.cancel();
  }

  async #sayStoppedTo(link: TrackerLink, endMs: number): Promise<void> {
    // A `started` under way may be heard yet: `stopped` must not overtake it.
    await link.inFlight;
    if (!link.hasHeardStarted || this.#phase !== "stopping") return;
    const done = await new Promise<() => void>((resolve) => this.#gate.wait(link.host, "stop", resolve));
    await this.#sendStopped(link, endMs).finally(done);
  }

  async #sendStopped(link: TrackerLink, endMs: number): Promise<void> {
    const timeoutMs = endMs - this.#ports.clock.nowMs();
    if (timeoutMs <= 0 || this.#phase !== "stopping") return;
    const families = link.families.size < 2 ? [undefined] : [...link.families];
    await Promise.all(
      families.map((family) =>
        link.announce({ event: "stopped", numwant: 0, timeoutMs, ...(family === undefined ? {} : { family }) }),
      ),
    );
  }

  #logOutcome(link: TrackerLink): void {
    const about = link.state === "working" ? `${link.peersReceived} peers` : link.state;
    this.#host.log(`tracker ${link.shownUrl}: ${about}${link.message === "" ? "" : `: ${link.message}`}`);
  }
}
