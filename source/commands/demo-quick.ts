/**
 * The demo without a terminal: downloads one torrent from a swarm on loopback, verifies it and ends. All of it lives in one
 * temporary directory, which is removed at the end by whoever ends last.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationalError } from "../base/errors.ts";
import type { Ports } from "../ports/ports.ts";
import { type CommandIo, exitCode } from "./command.ts";
import { demoDownloads, demoSettings, demoTorrentFile } from "./demo-place.ts";
import { demoContent, ownUpRate, quickTorrent } from "./demo-plan.ts";
import { makeProfile } from "./directories.ts";
import { followInForeground } from "./foreground.ts";
import { type EngineSettings, hostEngine } from "./host-engine.ts";
import { JsonReporter } from "./json-reporter.ts";
import { type LoadedTorrent, loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import { childEnded, type StartingProcess, startProcess } from "./processes.ts";
import { openSettings } from "./settings-place.ts";
import { TextReporter } from "./text-reporter.ts";

const stopTimeoutMs = 6000;
const readLength = 1024 * 1024;

export async function quickDemo(io: CommandIo, isJson: boolean): Promise<number> {
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  const stopListening = io.onStopSignal(() => stop.abort());
  const directory = await mkdtemp(join(tmpdir(), "p2p-tui-demo-"));
  const ports = nodePorts();
  let swarm: StartingProcess | undefined;
  try {
    if (!isJson) io.err("p2p-tui demo: starting a tracker, a seed and leeches on loopback\n");
    swarm = startProcess(ports.clock, ["demo-swarm", `--directory=${directory}`], "pipe");
    const started = await Promise.race([swarm.outcome, stopped]);
    if (started === undefined) return exitCode.interrupted;
    if (started.kind !== "ready") {
      throw new OperationalError("demo", started.problem || "the demo's swarm could not be started");
    }
    const torrent = await loadTorrent(ports, directory, demoTorrentFile);
    return await download(io, demoSettings(directory, ownUpRate.quick), torrent, directory, isJson, stop.signal);
  } finally {
    ports.http.close();
    await endSwarm(ports, swarm);
    await rm(directory, { recursive: true, force: true });
    stopListening();
  }
}

/** Downloads, looks at every byte once more, and ends. */
async function download(
  io: CommandIo,
  settings: EngineSettings,
  torrent: LoadedTorrent,
  directory: string,
  isJson: boolean,
  stop: AbortSignal,
): Promise<number> {
  await makeProfile(settings.profile);
  const file = await openSettings(io, settings);
  const engine = hostEngine(settings.profile, { command: "p2p-tui demo", torrents: "named", settings: file });
  const reporter = isJson ? new JsonReporter(io.out) : new TextReporter(io);
  const downloads = demoDownloads(directory);
  try {
    await engine.start();
    const client = await engine.connect();
    const code = await followInForeground(
      engine.ports.clock,
      client,
      reporter,
      { mode: "get", torrents: [torrent], directory: downloads, peers: [] },
      stop,
    );
    await engine.stop();
    if (code !== exitCode.done) return code;
    await compareWithContent(engine.ports, join(downloads, quickTorrent.name));
    if (!isJson) io.err("every byte is as it should be; the demo's files are removed again\n");
    return exitCode.done;
  } finally {
    await engine.stop();
    reporter.ended(stop.aborted);
  }
}

/** @throws OperationalError `wrong-content` where the file is not what was generated: the engine was wrong then. */
async function compareWithContent(ports: Pick<Ports, "files">, path: string): Promise<void> {
  const content = demoContent(quickTorrent);
  const file = await ports.files.open(path, "read");
  try {
    const buffer = new Uint8Array(readLength);
    for (let offset = 0; offset < content.totalLength; offset += readLength) {
      const length = await file.read(buffer, offset);
      if (
        length !== Math.min(readLength, content.totalLength - offset) ||
        !content.matches(offset, buffer.subarray(0, length))
      ) {
        throw new OperationalError("wrong-content", `the downloaded file differs from the seed's near byte ${offset}`);
      }
    }
  } finally {
    await file.close();
  }
}

async function endSwarm(ports: Pick<Ports, "clock">, swarm: StartingProcess | undefined): Promise<void> {
  if (swarm === undefined) return;
  swarm.process.stdin?.end();
  if (!(await childEnded(ports.clock, swarm.process, stopTimeoutMs))) swarm.process.kill("SIGKILL");
}
