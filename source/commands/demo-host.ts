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
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
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
    const engine = startProcess(ports.clock, ["demo-engine", `--directory=${directory}`], "pipe");
    const others = await DemoOthers.gather(ports);
    try {
      await begin(io, ports, directory, engine, others, infoHashes);
      await Promise.race([stopped, ended(engine)]);
    } finally {
      engine.process.stdin?.end();
      if (!(await childEnded(ports.clock, engine.process, stopTimeoutMs))) engine.process.kill("SIGKILL");
      await others.stop();
      await childEnded(ports.clock, engine.process, stopTimeoutMs);
    }
    return exitCode.done;
  } finally {
    ports.http.close();
    await clearDemo(directory, infoHashes);
    // Last: whoever waits for the demo's end may look then.
    if (lock !== undefined && !("holder" in lock)) await lock.release();
  }
};

/** Has the swarms begin one after another, and the engine join each. The first is enough to be watched. */
async function begin(
  io: CommandIo,
  ports: Ports,
  directory: string,
  engine: StartingProcess,
  others: DemoOthers,
  infoHashes: InfoHash[],
): Promise<void> {
  let client: EngineClient | undefined;
  try {
    for (const torrent of watchedTorrents) {
      // The hashes of the first are computed while the engine starts.
      const metainfo = await others.share(torrent);
      const isFirst = client === undefined;
      client ??= await dialEngine(ports, directory, engine);
      const result = await client.request({
        name: "add",
        metainfo: Buffer.from(metainfo).toString("base64"),
        savePath: demoDownloads(directory),
        isPaused: false,
        peers: [],
        mustCheck: false,
      });
      if (isAddResult(result)) infoHashes.push(result.infoHash);
      if (!isFirst) continue;
      await ports.files.writeFileAtomic(join(directory, demoTorrentFile), metainfo);
      io.out(`${readyLine}\n`);
    }
  } catch (error) {
    // It was stopped meanwhile, and so the demo is over.
    if (codeOf(error) !== "engine-lost") throw error;
  } finally {
    client?.close();
  }
}

async function dialEngine(ports: Ports, directory: string, engine: StartingProcess): Promise<EngineClient> {
  const started = await engine.outcome;
  const { controlPath } = await enginePlace(demoProfile(directory));
  const client = started.kind === "ready" ? await dialIfThere(ports, controlPath) : undefined;
  if (client !== undefined) return client;
  const problem = started.kind === "ready" ? "" : started.problem;
  throw new OperationalError("demo", problem || "the demo's engine ended as soon as it was started");
}

async function ended({ process: engine }: StartingProcess): Promise<void> {
  if (engine.exitCode === null && engine.signalCode === null) await once(engine, "exit");
}
