/**
 * Which tracker of some tiers is asked when (BEP 12). Announces go in rounds: a round walks the tiers in order, and the
 * trackers of a tier in theirs, until one answers; that one moves to the front of its tier. The next tier is asked only when
 * all of a tier failed or keep silent: after `patienceMs` without an answer the round goes on beside the silent one. At most
 * one round is under way.
 */
import { formatDuration } from "../base/units.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { AnnounceGate, AnnounceUrgency } from "./announce-gate.ts";
import type { AnnounceEvent } from "./tracker-codec.ts";
import type { TrackerLink } from "./tracker-link.ts";

/** How long a silent tracker holds up the next one. */
const patienceMs = 4_000;
/** Between two rounds by hand: a key held down is no reason to flood a tracker that fails. */
const handGapMs = 10_000;
/** First wait when the swarm ran dry; doubles up to the interval, as long as nobody is found. */
const dryWaitFirstMs = 30_000;
/** A sleeping machine's monotonic clock stands still: look at the wall clock at least this often. */
const wakeMs = 5 * 60_000;

interface Round {
  readonly queue: TrackerLink[];
  underWay: number;
  isWon: boolean;
  patience: Timer | undefined;
  /** Gives up the wait for the next announce's turn. */
  giveUp: () => void;
}

export interface RoundsHost {
  readonly clock: Clock;
  readonly gate: AnnounceGate;
  readonly urgency: AnnounceUrgency;
  /** What this tracker has yet to hear. */
  eventFor(link: TrackerLink): AnnounceEvent | undefined;
  /** @param ended is told whether it answered without a failure. Never rejects. */
  announce(link: TrackerLink, ended: (isHeard: boolean) => void): Promise<void>;
  /** Looks whether the machine slept; calls `slept` of all rounds if it did. */
  noteSleep(): void;
}

export class AnnounceRounds {
  /** In the order they are asked. */
  readonly #tiers: readonly TrackerLink[][];
  readonly #host: RoundsHost;
  #isOver = false;
  #round: Round | undefined;
  /** The network has changed since it began. */
  #isOvertaken = false;
  #roundBeganMs = 0;
  #timer: Timer | undefined;
  /** When the next round is due; `undefined` where none is planned. */
  #nextMs: number | undefined;
  #current: TrackerLink | undefined;
  #dryCount = 0;

  /** @param tiers are reordered as trackers answer. */
  constructor(tiers: readonly TrackerLink[][], host: RoundsHost) {
    this.#tiers = tiers;
    this.#host = host;
  }

  /** The tracker in use: the last that won a round. */
  get current(): TrackerLink | undefined {
    return this.#current;
  }

  /** Goes on from what others began: with the tracker that works, where there is one. */
  begin(): void {
    this.#current = this.#tiers.flat().find((link) => link.state === "working");
    if (this.#current === undefined) this.#beginRound();
    else this.#endRound();
  }

  /** Nothing is asked any more; what is under way ends by itself. */
  end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#round?.patience?.cancel();
    this.#round?.giveUp();
    this.#round = undefined;
    this.#nextMs = undefined;
  }

  /** There is something new to say: now, or when the round that is under way is over. */
  say(): void {
    if (!this.#isOver && this.#round === undefined && this.#current !== undefined) this.#beginRound();
  }

  /** By hand: at once, back-off or not; but where the tracker asks to wait, as soon as it allows. */
  reannounce(): void {
    if (this.#round !== undefined) return;
    this.#host.noteSleep();
    const nowMs = this.#host.clock.nowMs();
    const current = this.#current;
    if (current?.state === "working" && nowMs < current.notBeforeMs) {
      const waitSeconds = Math.ceil((current.notBeforeMs - nowMs) / 1000);
      current.message = `the tracker is asked again in ${formatDuration(waitSeconds)}: it wants some time between announces`;
      this.#planNoLaterThan(current.notBeforeMs);
      return;
    }
    for (const link of this.#tiers.flat()) link.forgive();
    const earliestMs = this.#roundBeganMs + handGapMs;
    if (nowMs >= earliestMs) this.#beginRound();
    else this.#planNoLaterThan(earliestMs);
  }

  /** We may have another address now: as by hand. What is under way may tell the old one, so it is said again after that. */
  networkChanged(): void {
    if (this.#round === undefined) this.reannounce();
    else this.#isOvertaken = true;
  }

  /** The swarm ran dry: brings the next announce forward, less so each time it brings nobody new. */
  needPeers(): void {
    const current = this.#current;
    if (this.#round !== undefined || current?.state !== "working") return;
    const dryMs = Math.min(current.intervalMs, dryWaitFirstMs * 2 ** Math.min(20, this.#dryCount));
    this.#planNoLaterThan(Math.max(current.lastAnswerMs + dryMs, current.notBeforeMs));
  }

  /** Every time that we wait for is nearer by so much. */
  slept(ms: number): void {
    if (this.#nextMs !== undefined) this.#nextMs -= ms;
  }

  /** From now; `null` where none is planned for it. */
  nextAnnounceMs(link: TrackerLink): number | null {
    if (this.#nextMs === undefined || !link.isUsable || link.retryAtMs === Number.POSITIVE_INFINITY) return null;
    // Trackers behind the one in use are not asked as long as that one works.
    const order = this.#tiers.flat();
    const current = this.#current;
    if (current?.state === "working" && order.indexOf(link) > order.indexOf(current)) return null;
    return Math.max(0, Math.max(this.#nextMs, link.retryAtMs) - this.#host.clock.nowMs());
  }

  #beginRound(): void {
    this.#timer?.cancel();
    this.#nextMs = undefined;
    this.#isOvertaken = false;
    const nowMs = this.#host.clock.nowMs();
    this.#roundBeganMs = nowMs;
    const queue = this.#tiers
      .flat()
      .filter(
        (link) =>
          link.isUsable &&
          link.inFlight === undefined &&
          link.retryAtMs <= nowMs &&
          (link.notBeforeMs <= nowMs || this.#host.eventFor(link) !== undefined),
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
    round.giveUp = this.#host.gate.wait(link.host, this.#host.urgency, (done) => {
      round.patience = this.#host.clock.after(patienceMs, () => this.#advance(round));
      void this.#host.announce(link, (isHeard) => this.#announced(link, round, isHeard)).finally(done);
    });
  }

  #announced(link: TrackerLink, round: Round, isHeard: boolean): void {
    round.underWay--;
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
    this.#goOn();
    if (!this.#isOvertaken) return;
    this.#isOvertaken = false;
    this.reannounce();
  }

  /** After a round: another at once, or when that is due. */
  #goOn(): void {
    const current = this.#current;
    if (current?.state === "working" && this.#host.eventFor(current) !== undefined) {
      // It became complete meanwhile, or `started` had to be said first.
      this.#beginRound();
      return;
    }
    const nowMs = this.#host.clock.nowMs();
    if (current?.state === "working") {
      this.#plan(Math.max(nowMs, current.lastAnswerMs + current.intervalMs));
      return;
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const link of this.#tiers.flat()) {
      if (!link.isUsable) continue;
      // One that an earlier round still waits for will be in back-off, or heard, when that ends.
      const readyMs = link.inFlight === undefined ? Math.max(link.retryAtMs, link.notBeforeMs) : nowMs + patienceMs;
      nextMs = Math.min(nextMs, readyMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#plan(Math.max(nowMs, nextMs));
  }

  #promote(link: TrackerLink): void {
    this.#current = link;
    const tier = this.#tiers.find((links) => links.includes(link));
    if (tier === undefined) return;
    tier.splice(tier.indexOf(link), 1);
    tier.unshift(link);
  }

  #planNoLaterThan(ms: number): void {
    if (this.#nextMs === undefined || ms < this.#nextMs) this.#plan(Math.max(this.#host.clock.nowMs(), ms));
  }

  #plan(atMs: number): void {
    this.#nextMs = atMs;
    this.#wait();
  }

  #wait(): void {
    this.#timer?.cancel();
    if (this.#nextMs === undefined) return;
    const delayMs = Math.max(0, Math.min(wakeMs, this.#nextMs - this.#host.clock.nowMs()));
    this.#timer = this.#host.clock.after(delayMs, () => {
      this.#host.noteSleep();
      if (this.#nextMs !== undefined && this.#nextMs <= this.#host.clock.nowMs()) this.#beginRound();
      else this.#wait();
    });
  }
}
