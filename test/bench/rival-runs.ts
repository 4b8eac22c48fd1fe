/**
 * Downloads by real clients, ours and others, that are measured: in a network namespace with a tracker, of content in memory where
 * that can be. Everything goes with `close`, or with the process.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ClientName, RealClient } from "../support/clients/client.ts";
import { Libtorrent } from "../support/clients/libtorrent.ts";
import { makeClient } from "../support/clients/make-client.ts";
import { Namespace } from "../support/clients/namespace.ts";
import { startTracker, type TrackerPlace, trackerPlace, untilAnnounced } from "../support/clients/trackers.ts";
import { sha256OfFile } from "../support/payload.ts";
import { missingPrograms } from "../support/requirements.ts";
import { infoHashOf } from "../support/torrent-file.ts";
import { type BenchTorrent, makeBenchTorrent } from "./bench-torrent.ts";
import { treeFigures } from "./process-tree.ts";

export interface RunFigures {
  /** MB/s from the start of the leeches until the last of them has everything. */
  readonly whole: number;
  /** MB/s from the first bytes of the transfer on. */
  readonly transfer: number;
  /** Seconds of a core for each GiB, of the client that is measured. */
  readonly cpu: number;
  /** MiB, of the client that is measured: the most that was resident, with files that it maps and without. */
  readonly peak: number;
  readonly own: number;
}

const lookEveryMs = 10;
const memoryEveryMs = 100;
/** So much within one look is the transfer: what a client is asked over RPC and what it tells a tracker is far less. */
const transferBytes = 64 * 1024;
/** Asking takes the client's time too: seldom as long as there is nothing to miss. */
const askEveryMs = { before: 100, during: 20 } as const;
/** Of a download: what the slowest start needs, and a rate below which nothing is worth measuring. */
const startPatienceMs = 60_000;
const patienceMsPerMebibyte = 200;

/** Looks at the network and at the memory of one client. */
class Watch {
  readonly startedMs = performance.now();
  beganMs: number | null = null;
  ownMib = 0;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(namespace: Namespace, pid: () => number) {
    let last = { bytes: namespace.sentBytes(), ms: this.startedMs };
    const lookAtNetwork = (): void => {
      const now = { bytes: namespace.sentBytes(), ms: performance.now() };
      if (now.bytes - last.bytes > transferBytes) this.beganMs ??= last.ms;
      last = now;
    };
    const lookAtMemory = (): void => {
      this.ownMib = Math.max(this.ownMib, treeFigures(pid()).ownMib);
    };
    this.#timers = [setInterval(lookAtNetwork, lookEveryMs), setInterval(lookAtMemory, memoryEveryMs)];
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

export class RivalRuns {
  readonly #namespace: Namespace;
  readonly #torrent: BenchTorrent;
  readonly #place: TrackerPlace;
  readonly #mebibytes: number;
  readonly #sha256: string;

  private constructor(namespace: Namespace, mebibytes: number, pieceLength: number) {
    this.#namespace = namespace;
    // `close` has done it already, unless this process ends before.
    process.once("exit", () => rmSync(namespace.directory, { recursive: true, force: true }));
    this.#place = trackerPlace(namespace);
    this.#mebibytes = mebibytes;
    this.#torrent = makeBenchTorrent(mebibytes, pieceLength, this.#place.url);
    this.#sha256 = sha256OfFile(this.#torrent.payloadPath);
  }

  static async open(mebibytes: number, pieceLength: number): Promise<RivalRuns> {
    return new RivalRuns(await Namespace.open(), mebibytes, pieceLength);
  }

  async close(): Promise<void> {
    await this.#namespace.close();
    rmSync(this.#torrent.home, { recursive: true, force: true });
  }

  /** Has a seed, and a tracker that knows it, as long as `use` takes. */
  async withSeed<T>(name: ClientName, use: (seed: RealClient) => Promise<T>): Promise<T> {
    const infoHash = infoHashOf(this.#torrent.torrentPath);
    const trackerName = missingPrograms("opentracker") === "" ? "opentracker" : "p2p-tui";
    const tracker = await startTracker(trackerName, this.#namespace, this.#place, [infoHash]);
    const seed = this.#client(name, "seed", this.#torrent.home);
    try {
      seed.start();
      await seed.untilSeeding();
      await untilAnnounced(this.#namespace, this.#place, infoHash, ({ seeds }) => seeds > 0);
      return await use(seed);
    } finally {
      await seed.stop();
      await tracker.process.stop();
    }
  }

  /** One download, of which the leech is measured. */
  async leech(name: ClientName, seed: RealClient): Promise<RunFigures> {
    const leech = this.#client(name, "leech", mkdtempSync(join(this.#torrent.home, "got-")));
    return await this.#download([leech], seed, leech);
  }

  /** So many downloads at once by libtorrent, which give one another nothing; the seed is measured. */
  async take(takers: number, seed: RealClient): Promise<RunFigures> {
    const leeches = Array.from({ length: takers }, () =>
      this.#client("libtorrent", "leech", mkdtempSync(join(this.#torrent.home, "got-")), true),
    );
    return await this.#download(leeches, seed, seed);
  }

  /** @throws where a client ends, even if it was started again, and where a copy is not what it was. */
  async #download(leeches: readonly RealClient[], seed: RealClient, measured: RealClient): Promise<RunFigures> {
    if (!seed.isRunning) throw new Error(`the seed ended: ${seed.logTail}`);
    const mebibytes = leeches.length * this.#mebibytes;
    const cpuBefore = measured === seed ? treeFigures(seed.pid).cpuSeconds : 0;
    const watch = new Watch(this.#namespace, () => measured.pid);
    try {
      for (const leech of leeches) leech.start();
      const pids = [seed, ...leeches].map(({ pid }) => pid);
      const patienceMs = startPatienceMs + patienceMsPerMebibyte * mebibytes;
      const pauseMs = () => (watch.beganMs === null ? askEveryMs.before : askEveryMs.during);
      await Promise.all(leeches.map((leech) => leech.untilComplete(patienceMs, pauseMs)));
      const endMs = performance.now();
      const tree = treeFigures(measured.pid);
      if ([seed, ...leeches].some(({ pid }, i) => pid !== pids[i])) throw new Error("one died and was started again");
      await Promise.all(leeches.map((leech) => leech.stop()));
      if (leeches.some((leech) => sha256OfFile(join(leech.options.directory, "content")) !== this.#sha256))
        throw new Error("a copy is not what was sent");
      const megabytes = (mebibytes * 2 ** 20) / 1e6;
      return {
        whole: (1000 * megabytes) / (endMs - watch.startedMs),
        transfer: (1000 * megabytes) / (endMs - (watch.beganMs ?? Number.NaN)),
        cpu: (tree.cpuSeconds - cpuBefore) / (mebibytes / 1024),
        peak: tree.peakMib,
        own: Math.max(watch.ownMib, tree.ownMib),
      };
    } finally {
      watch.close();
      await Promise.all(leeches.map((leech) => leech.stop()));
      for (const leech of leeches) rmSync(leech.options.directory, { recursive: true, force: true });
    }
  }

  #client(name: ClientName, role: "seed" | "leech", directory: string, isTaker = false): RealClient {
    const options = { namespace: this.#namespace, role, torrentPath: this.#torrent.torrentPath, directory };
    if (name === "libtorrent") return new Libtorrent({ ...options, settings: "plain", isQuiet: true, isTaker });
    return makeClient(name, { ...options, settings: "plain" });
  }
}
