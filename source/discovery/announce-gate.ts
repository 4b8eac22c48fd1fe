/**
 * How many announces all torrents together send: a start with ten thousand torrents is a trickle for their trackers and for
 * us, and a tracker that does not answer holds up its own announces alone.
 *
 * Announces begin at a bounded rate, and only so many are under way, of which each tracker host has a share. Those that
 * wait stand in line by host; hosts take turns, and of four turns downloads have three as long as seeds wait, too. When
 * torrents stop there is no time left for the rate: `stopped` goes first, and is bounded by what is under way alone.
 */
import type { Clock, Timer } from "../ports/clock.ts";

export type AnnounceUrgency = "stop" | "download" | "seed";

export interface AnnounceGateOptions {
  /** Default 50. */
  readonly perSecondMax?: number;
  /** Under way at once. Default 60: below what the HTTP client sends at once. */
  readonly underWayMax?: number;
  /** Of these, for one host. Default 16. */
  readonly underWayPerHostMax?: number;
}

/** Of four turns while both wait, those of downloads. */
const downloadTurns = 3;
/** At once after a pause: so that few torrents do not wait for a bound that is for thousands. */
const burstMax = 10;

interface Ticket {
  readonly host: string;
  readonly go: (done: () => void) => void;
}

/** Those of one urgency: a line for each host, the hosts in the order of their turns. */
type Lines = Map<string, Set<Ticket>>;

export class AnnounceGate {
  readonly #clock: Clock;
  readonly #perSecondMax: number;
  readonly #underWayMax: number;
  readonly #underWayPerHostMax: number;
  readonly #lines: Readonly<Record<AnnounceUrgency, Lines>> = { stop: new Map(), download: new Map(), seed: new Map() };
  readonly #underWay = new Map<string, number>();
  #underWayCount = 0;
  #allowance = burstMax;
  #allowedMs: number;
  #turn = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, options: AnnounceGateOptions = {}) {
    this.#clock = clock;
    this.#perSecondMax = options.perSecondMax ?? 50;
    this.#underWayMax = options.underWayMax ?? 60;
    this.#underWayPerHostMax = options.underWayPerHostMax ?? 16;
    this.#allowedMs = clock.nowMs();
  }

  /**
   * Calls `go` when it is its turn, at once where nothing stands in the way; `done` is to be called when the announce is over.
   * @returns gives the place in the line up; does nothing once `go` was called.
   */
  wait(host: string, urgency: AnnounceUrgency, go: (done: () => void) => void): () => void {
    const lines = this.#lines[urgency];
    const line = lines.get(host) ?? new Set();
    const ticket = { host, go };
    lines.set(host, line.add(ticket));
    this.#serve();
    return () => {
      if (line.delete(ticket) && line.size === 0 && lines.get(host) === line) lines.delete(host);
    };
  }

  #serve(): void {
    for (let ticket = this.#take("stop"); ticket !== undefined; ticket = this.#take("stop")) this.#begin(ticket);
    for (;;) {
      this.#refill();
      if (this.#allowance < 1) break;
      const isForDownloads = this.#turn % (downloadTurns + 1) < downloadTurns;
      const [first, second] = isForDownloads ? (["download", "seed"] as const) : (["seed", "download"] as const);
      const ticket = this.#take(first) ?? this.#take(second);
      if (ticket === undefined) return;
      this.#turn++;
      this.#allowance--;
      this.#begin(ticket);
    }
    if (this.#lines.download.size + this.#lines.seed.size === 0 || this.#timer !== undefined) return;
    const waitMs = Math.ceil(((1 - this.#allowance) * 1000) / this.#perSecondMax);
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#serve();
    });
  }

  /** The next of these that may go, out of its line. */
  #take(urgency: AnnounceUrgency): Ticket | undefined {
    if (this.#underWayCount >= this.#underWayMax) return undefined;
    const lines = this.#lines[urgency];
    // When everything stops, a host may have most of the places: nobody else comes any more.
    const perHostMax = urgency === "stop" ? this.#underWayMax * 0.75 : this.#underWayPerHostMax;
    for (const [host, line] of lines) {
      if ((this.#underWay.get(host) ?? 0) >= perHostMax) continue;
      const [ticket] = line;
      if (ticket === undefined) continue;
      line.delete(ticket);
      lines.delete(host);
      if (line.size > 0) lines.set(host, line);
      return ticket;
    }
    return undefined;
  }

  #begin({ host, go }: Ticket): void {
    this.#underWayCount++;
    this.#underWay.set(host, (this.#underWay.get(host) ?? 0) + 1);
    let isDone = false;
    go(() => {
      if (isDone) return;
      isDone = true;
      this.#underWayCount--;
      const left = (this.#underWay.get(host) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(host);
      else this.#underWay.set(host, left);
      this.#serve();
    });
  }

  #refill(): void {
    const now = this.#clock.nowMs();
    const earned = ((now - this.#allowedMs) / 1000) * this.#perSecondMax;
    this.#allowance = Math.min(burstMax, this.#allowance + earned);
    this.#allowedMs = now;
  }
}
