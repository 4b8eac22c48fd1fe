/**
 * `demo-swarm`: everybody but p2p-tui in the demo. A tracker, a seed and leeches, each an engine of its own with an own
 * port, over real TCP on loopback; their content is computed, so they need no disk. Writes the .torrent file, says
 * `ready`, and runs until its standard input ends: then its starter has ended, however that came about. Removes the
 * demo's directory last, in case the starter could not.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bitfield } from "../base/bitfield.ts";
import { type Random, randomFraction } from "../base/random.ts";
import { Session } from "../engine/session.ts";
import { ForgetfulStore } from "../engine/torrent-store.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { acquireLockSocket } from "../platform/lock-socket.ts";
import { NodeHttpServer } from "../platform/node-http-server.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { DownloadLocks } from "../ports/locks.ts";
import type { Ports } from "../ports/ports.ts";
import type { GeneratedContent } from "../storage/generated-content.ts";
import { GeneratedStorage } from "../storage/generated-storage.ts";
import { Tracker } from "../tracker/tracker.ts";
import { answerTrackerRequest } from "../tracker/tracker-http.ts";
import { exitCode, type RunCommand } from "./command.ts";
import {
  type DemoPlan,
  demoContent,
  demoTorrent,
  demoTorrentFile,
  type LeechPlan,
  livelyPlan,
  quickPlan,
} from "./demo-plan.ts";
import { enginePlace, readyLine } from "./engine-place.ts";
import { nodePorts } from "./node-ports.ts";
import { UsageError } from "./option-table.ts";
import type { demoSwarmSpec } from "./specs.ts";
import { version } from "./version.ts";

const goneMs = 200;
/** Twenty seconds: it goes two seconds after its last client, and stops within three. */
const goneAttemptsMax = 100;

/** Nothing is written to a disk here. */
const noLocks: DownloadLocks = { acquire: async () => ({ release: async () => {} }) };

/** On Linux all of 127/8 is loopback: each neighbour then has an address that people can tell from the others. */
const hasManyLoopbacks = process.platform === "linux";

export const runDemoSwarm: RunCommand<typeof demoSwarmSpec.options> = async (io, values) => {
  const { directory } = values;
  if (directory === undefined) throw new UsageError("demo-swarm needs --directory");
  // Ctrl-C in a terminal reaches the whole group: it is the starter that stops us, by closing our input.
  io.onStopSignal(() => {});
  const ports = nodePorts();
  const inputEnded = new Promise<void>((resolve) => {
    process.stdin.on("end", resolve).on("error", () => resolve());
    process.stdin.resume();
  });
  const tracker = new Tracker(ports.random, { intervalSeconds: 60, minIntervalSeconds: 1 });
  const server = await new NodeHttpServer().listen({ address: "127.0.0.1", port: 0 }, (request) =>
    answerTrackerRequest(tracker, request, ports.clock.nowMs()),
  );
  const content = demoContent();
  const torrent = demoTorrent(content, ports.hasher, `http://127.0.0.1:${server.local.port}/announce`);
  await ports.files.writeFileAtomic(join(directory, demoTorrentFile), torrent);
  const swarm = new DemoSwarm(ports, values.quick ? quickPlan : livelyPlan, content, torrent);
  try {
    await swarm.start();
    io.out(`${readyLine}\n`);
    await inputEnded;
  } finally {
    await swarm.stop();
    await server.close();
    ports.http.close();
    await engineGone(ports.clock, join(directory, "profile"));
    await rm(directory, { recursive: true, force: true });
  }
  return exitCode.done;
};

/** Where the starter was killed, its engine is still there for a moment, and would make its files again. */
async function engineGone(clock: Clock, profile: string): Promise<void> {
  const { lockPath } = await enginePlace(profile);
  for (let attempt = 0; attempt < goneAttemptsMax; attempt++) {
    const lock = await acquireLockSocket(lockPath, { pid: process.pid, command: "p2p-tui demo", profile });
    if (!("holder" in lock)) {
      await lock.release();
      return;
    }
    await new Promise<void>((resolve) => clock.after(goneMs, resolve));
  }
}

/** Some of the pieces are there from the start. */
class BegunStorage extends GeneratedStorage {
  readonly #has: number;
  readonly #random: Random;

  constructor(ports: Ports, metainfo: Metainfo, content: GeneratedContent, has: number) {
    super(ports, { metainfo, content, holdsAll: true });
    this.#has = has;
    this.#random = ports.random;
  }

  override async check(...args: Parameters<GeneratedStorage["check"]>): Promise<Bitfield> {
    const found = await super.check(...args);
    for (let piece = 0; piece < found.length; piece++) {
      if (found.has(piece) && randomFraction(this.#random) >= this.#has) found.clear(piece);
    }
    return found;
  }
}

class DemoSwarm {
  readonly #ports: Ports;
  readonly #clock: Clock;
  readonly #plan: DemoPlan;
  readonly #content: GeneratedContent;
  readonly #torrent: Uint8Array;
  readonly #timers = new Set<Timer>();
  /** The sessions in each leech's place; the one that joined first is first. */
  readonly #leeches = new Map<LeechPlan, Session>();
  #seed: Session | undefined;
  #joined = 0;
  #isStopped = false;

  constructor(ports: Ports, plan: DemoPlan, content: GeneratedContent, torrent: Uint8Array) {
    this.#ports = ports;
    this.#clock = ports.clock;
    this.#plan = plan;
    this.#content = content;
    this.#torrent = torrent;
  }

  async start(): Promise<void> {
    this.#seed = await this.#join({ maxDownRate: 0, maxUpRate: this.#plan.seedUpRate, joinsAfterMs: 0, has: 1 });
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

  async #join(plan: LeechPlan): Promise<Session> {
    const address = hasManyLoopbacks ? `127.0.${plan.has === 1 ? 1 : 2}.${1 + (this.#joined++ % 250)}` : "127.0.0.1";
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
      makeStorage: (metainfo) => new BegunStorage(this.#ports, metainfo, this.#content, plan.has),
    });
    await session.start();
    await session.add(this.#torrent, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
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
