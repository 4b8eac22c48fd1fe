/**
 * `demo-host`: the process of a demo that is watched. It has everybody but p2p-tui in it, starts p2p-tui's engine beside
 * it, and adds the torrents there; then the demo lives as long as that engine. So a UI can come and go, and whichever
 * process is killed, another one notices and clears up: the engine's standard input ends when we do.
 *
 * Says `ready` when a UI can attach, `held` where this user has a demo already.
 */
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf, OperationalError } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { isAddResult } from "../control/protocol.ts";
import type { Ports } from "../ports/ports.ts";
import { dialIfThere } from "./attach.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { DemoOthers } from "./demo-others.ts";
import { clearDemo, demoDownloads, demoProfile, demoTorrentFile, lockDemo } from "./demo-place.ts";
import { watchedTorrents } from "./demo-plan.ts";
import { enginePlace } from "./engine-place.ts";
import { nodePorts } from "./node-ports.ts";
import { childEnded, heldLine, readyLine, type StartingProcess, startProcess } from "./processes.ts";
import type { demoHostSpec } from "./specs.ts";
import { stopAsked } from "./stop-asked.ts";

/** Trackers are told within three seconds; the rest is a moment. */
const stopTimeoutMs = 6000;
/** Whoever watches the first torrent is told of each other one when it is added. */
const nextMs = 1500;

export const runDemoHost: RunCommand<typeof demoHostSpec.options> = async (io) => {
  const stopped = stopAsked(io);
  const ports = nodePorts();
  const directory = await mkdtemp(join(tmpdir(), "p2p-tui-demo-"));
  const infoHashes: InfoHash[] = [];
  let lock: Awaited<ReturnType<typeof lockDemo>> | undefined;
  try {
    lock = await lockDemo(directory);
    if ("holder" in lock) {
      io.out(`${heldLine}\n`);
      return exitCode.failed;
    }
    // At once: from now on there is somebody to clear up after us.
    const engine = startProcess(ports.clock, ["demo-engine", `--directory=${directory}`], "pipe");
    const host = new DemoHost(ports, directory, engine, await DemoOthers.gather(ports));
    try {
      const over = Promise.race([stopped, host.engineEnded()]);
      await host.begin(
        over,
        (infoHash) => infoHashes.push(infoHash),
        () => io.out(`${readyLine}\n`),
      );
      await over;
    } finally {
      await host.stop();
    }
    return exitCode.done;
  } finally {
    ports.http.close();
    await clearDemo(directory, infoHashes);
    // Last: whoever waits for the demo's end may look then.
    if (lock !== undefined && !("holder" in lock)) await lock.release();
  }
};

/** The swarms, and p2p-tui's engine among them. */
class DemoHost {
  readonly #ports: Ports;
  readonly #directory: string;
  readonly #engine: StartingProcess;
  readonly #others: DemoOthers;

  constructor(ports: Ports, directory: string, engine: StartingProcess, others: DemoOthers) {
    this.#ports = ports;
    this.#directory = directory;
    this.#engine = engine;
    this.#others = others;
  }

  async engineEnded(): Promise<void> {
    const { process: engine } = this.#engine;
    if (engine.exitCode === null && engine.signalCode === null) await once(engine, "exit");
  }

  /**
   * Has the swarms begin one after another, and the engine join each.
   * @param over resolves when that is of no use any more. @param ready the first can be watched.
   */
  async begin(over: Promise<void>, joined: (infoHash: InfoHash) => void, ready: () => void): Promise<void> {
    let isOver = false;
    void over.then(() => {
      isOver = true;
    });
    let client: EngineClient | undefined;
    try {
      for (const [index, torrent] of watchedTorrents.entries()) {
        if (index > 0) await Promise.race([over, this.#pause()]);
        if (isOver) return;
        // The hashes of the first are computed while the engine starts.
        const metainfo = await this.#others.share(torrent);
        client ??= await this.#dialEngine();
        const result = await client.request({
          name: "add",
          metainfo: Buffer.from(metainfo).toString("base64"),
          savePath: demoDownloads(this.#directory),
          isPaused: false,
          peers: [],
          mustCheck: false,
        });
        if (isAddResult(result)) joined(result.infoHash);
        if (index > 0) continue;
        await this.#ports.files.writeFileAtomic(join(this.#directory, demoTorrentFile), metainfo);
        ready();
      }
    } catch (error) {
      // It was stopped meanwhile, and so the demo is over.
      if (codeOf(error) !== "engine-lost") throw error;
    } finally {
      client?.close();
    }
  }

  async stop(): Promise<void> {
    const { clock } = this.#ports;
    const { process: engine } = this.#engine;
    engine.stdin?.end();
    if (!(await childEnded(clock, engine, stopTimeoutMs))) engine.kill("SIGKILL");
    await this.#others.stop();
    await childEnded(clock, engine, stopTimeoutMs);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#ports.clock.after(nextMs, resolve));
  }

  async #dialEngine(): Promise<EngineClient> {
    const started = await this.#engine.outcome;
    const { controlPath } = await enginePlace(demoProfile(this.#directory));
    const client = started.kind === "ready" ? await dialIfThere(this.#ports, controlPath) : undefined;
    if (client !== undefined) return client;
    const problem = started.kind === "ready" ? "" : started.problem;
    throw new OperationalError("demo", problem || "the demo's engine ended as soon as it was started");
  }
}
