/**
 * Everybody but p2p-tui in the demo: a tracker, and in each torrent's swarm a seed and leeches, each an engine of its own
 * with an own port, over real TCP on loopback. Their content is computed, so they need no disk and hardly any memory.
 */
import type { Bitfield } from "../base/bitfield.ts";
import { type Random, randomFraction } from "../base/random.ts";
import { ForgetfulStore } from "../engine/profile/torrent-store.ts";
import { Session } from "../engine/session.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { NodeHttpServer } from "../platform/node-http-server.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { HttpServer } from "../ports/http.ts";
import type { DownloadLocks } from "../ports/locks.ts";
import type { Ports } from "../ports/ports.ts";
import type { GeneratedContent } from "../storage/generated-content.ts";
import { GeneratedStorage } from "../storage/generated-storage.ts";
import { Tracker } from "../tracker/tracker.ts";
import { answerTrackerRequest } from "../tracker/tracker-http.ts";
import { type DemoTorrent, demoContent, demoMetainfo, type LeechPlan, type SwarmPlan } from "./demo-plan.ts";
import { version } from "./version.ts";

/** Nothing is written to a disk here. */
const noLocks: DownloadLocks = { acquire: async () => ({ release: async () => {} }) };

/** On Linux all of 127/8 is loopback: each neighbour then has an address that people can tell from the others. */
const hasManyLoopbacks = process.platform === "linux";

type Listener = Awaited<ReturnType<HttpServer["listen"]>>;

export class DemoOthers {
  readonly #ports: Ports;
  readonly #tracker: Listener;
  readonly #swarms: DemoSwarm[] = [];

  private constructor(ports: Ports, tracker: Listener) {
    this.#ports = ports;
    this.#tracker = tracker;
  }

  /** With a tracker, and nobody there yet. */
  static async gather(ports: Ports): Promise<DemoOthers> {
    const tracker = new Tracker(ports.random, { intervalSeconds: 60, minIntervalSeconds: 1 });
    const listener = await new NodeHttpServer().listen({ address: "127.0.0.1", port: 0 }, (request) =>
      answerTrackerRequest(tracker, request, ports.clock.nowMs()),
    );
    return new DemoOthers(ports, listener);
  }

  /** Has the torrent's swarm begin. @returns its .torrent file. */
  async share(torrent: DemoTorrent): Promise<Uint8Array> {
    const announceUrl = `http://127.0.0.1:${this.#tracker.local.port}/announce`;
    const metainfo = demoMetainfo(torrent, this.#ports.hasher, announceUrl);
    const swarm = new DemoSwarm(this.#ports, torrent, metainfo, this.#swarms.length);
    this.#swarms.push(swarm);
    await swarm.start();
    return metainfo;
  }

  /** All leave. */
  async stop(): Promise<void> {
    await Promise.all(this.#swarms.map((swarm) => swarm.stop()));
    await this.#tracker.close();
  }
}

/** Some of the pieces are there from the start, but none of those that are lost. */
class BegunStorage extends GeneratedStorage {
  readonly #has: number;
  readonly #lost: SwarmPlan["lost"];
  readonly #random: Random;

  constructor(ports: Ports, metainfo: Metainfo, content: GeneratedContent, has: number, lost: SwarmPlan["lost"]) {
    super(ports, { metainfo, content, holdsAll: true });
    this.#has = has;
    this.#lost = lost;
    this.#random = ports.random;
  }

  override async check(...args: Parameters<GeneratedStorage["check"]>): Promise<Bitfield> {
    const found = await super.check(...args);
    for (let piece = 0; piece < found.length; piece++) {
      if (found.has(piece) && randomFraction(this.#random) >= this.#has) found.clear(piece);
    }
    for (const [first, last] of this.#lost) {
      for (let piece = first; piece <= last; piece++) found.clear(piece);
    }
    return found;
  }
}

/** The neighbours in one torrent. */
class DemoSwarm {
  readonly #ports: Ports;
  readonly #clock: Clock;
  readonly #plan: SwarmPlan;
  readonly #content: GeneratedContent;
  readonly #metainfo: Uint8Array;
  /** Tells the swarms apart by address. */
  readonly #number: number;
  readonly #timers = new Set<Timer>();
  /** The sessions in each leech's place; the one that joined first is first. */
  readonly #leeches = new Map<LeechPlan, Session>();
  #seed: Session | undefined;
  #joined = 0;
  #isStopped = false;

  constructor(ports: Ports, torrent: DemoTorrent, metainfo: Uint8Array, number: number) {
    this.#ports = ports;
    this.#clock = ports.clock;
    this.#plan = torrent.swarm;
    this.#content = demoContent(torrent);
    this.#metainfo = metainfo;
    this.#number = number;
  }

  async start(): Promise<void> {
    const { seedUpRate } = this.#plan;
    if (seedUpRate !== null) {
      this.#seed = await this.#join({ maxDownRate: 0, maxUpRate: seedUpRate, joinsAfterMs: 0, has: 1 }, true);
    }
    for (const leech of this.#plan.leeches) this.#after(leech.joinsAfterMs, () => this.#take(leech, leech));
    if (this.#plan.churnMs !== null) this.#churn(this.#plan.churnMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await Promise.all([this.#seed, ...this.#leeches.values()].map((session) => session?.stop()));
  }

  /** A newcomer takes the leech's place. */
  async #take(place: LeechPlan, newcomer: LeechPlan): Promise<void> {
    const session = await this.#join(newcomer);
    if (this.#isStopped) await session.stop();
    else this.#leeches.set(place, session);
  }

  #churn(everyMs: number): void {
    this.#after(everyMs, async () => {
      this.#churn(everyMs);
      const [oldest] = this.#leeches;
      if (oldest === undefined) return;
      const [place, session] = oldest;
      this.#leeches.delete(place);
      await session.stop();
      this.#after(this.#plan.absenceMs, () => this.#take(place, { ...place, has: 0 }));
    });
  }

  async #join(plan: LeechPlan, isSeed = false): Promise<Session> {
    const network = 10 * this.#number + (isSeed ? 1 : 2);
    const address = hasManyLoopbacks ? `127.0.${network}.${1 + (this.#joined++ % 250)}` : "127.0.0.1";
    const session = new Session(this.#ports, {
      listen: { address, port: 0 },
      localAddress: address,
      profile: "",
      pid: process.pid,
      maxDownRate: plan.maxDownRate,
      maxUpRate: plan.maxUpRate,
      slots: 3,
      version,
      locks: noLocks,
      store: new ForgetfulStore(),
      makeStorage: (metainfo) => new BegunStorage(this.#ports, metainfo, this.#content, plan.has, this.#plan.lost),
    });
    await session.start();
    await session.add(this.#metainfo, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
    return session;
  }

  #after(delayMs: number, run: () => Promise<void> | void): void {
    if (this.#isStopped) return;
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      void run();
    });
    this.#timers.add(timer);
  }
}
