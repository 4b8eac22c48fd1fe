/**
 * `demo`: p2p-tui as one leech of a small swarm on loopback. On a terminal the UI shows it for as long as one likes;
 * without one it downloads, verifies and ends. All of it lives in one temporary directory, which is removed at the end
 * by whoever ends last.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationalError } from "../base/errors.ts";
import type { EngineClient } from "../control/engine-client.ts";
import type { Ports } from "../ports/ports.ts";
import { type AttachedEngine, attachEngine, engineEnded } from "./attach.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { demoContent, demoName, demoTorrentFile, livelyPlan, quickPlan } from "./demo-plan.ts";
import { makeProfile } from "./directories.ts";
import { readyLine } from "./engine-place.ts";
import { followInForeground } from "./foreground.ts";
import { type EngineSettings, hostEngine } from "./host-engine.ts";
import { JsonReporter } from "./json-reporter.ts";
import { type LoadedTorrent, loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import { openSettings } from "./settings-place.ts";
import type { demoSpec } from "./specs.ts";
import { TextReporter } from "./text-reporter.ts";

const stopTimeoutMs = 6000;
const readLength = 1024 * 1024;

export const runDemo: RunCommand<typeof demoSpec.options> = async (io, values) => {
  const isWatched = io.isOutTerminal && !values.json && !values.quick;
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  const directory = await mkdtemp(join(tmpdir(), "p2p-tui-demo-"));
  const ports = nodePorts();
  let swarm: ChildProcess | undefined;
  try {
    if (!isWatched && !values.json) io.err("p2p-tui demo: starting a tracker, a seed and leeches on loopback\n");
    swarm = startSwarm(directory, !isWatched);
    await swarmReady(swarm, stop.signal);
    if (stop.signal.aborted) return exitCode.interrupted;
    const torrent = await loadTorrent(ports, directory, demoTorrentFile);
    const settings = demoSettings(directory, isWatched);
    if (!isWatched) return await download(io, settings, torrent, directory, values.json, stop.signal);
    stopListening();
    return await watch(ports, io, settings, torrent, directory);
  } finally {
    ports.http.close();
    await endSwarm(ports, swarm);
    await rm(directory, { recursive: true, force: true });
    stopListening();
  }
};

function demoSettings(directory: string, isWatched: boolean): EngineSettings {
  return {
    profile: join(directory, "profile"),
    port: 0,
    bind: "127.0.0.1",
    maxDownRate: undefined,
    maxUpRate: (isWatched ? livelyPlan : quickPlan).ownUpRate,
    slots: undefined,
  };
}

/** The UI, on an engine in a process of its own, as always. */
async function watch(
  ports: Ports,
  io: CommandIo,
  settings: EngineSettings,
  torrent: LoadedTorrent,
  directory: string,
): Promise<number> {
  let attached: AttachedEngine | undefined;
  const connect = async (): Promise<EngineClient> => {
    attached = await attachEngine(ports, settings, { logPath: undefined, lingerSeconds: 2 });
    return attached.client;
  };
  const { runTui } = await import("../tui/run-tui.tsx");
  try {
    const outcome = await runTui({
      connect,
      initialTorrents: [
        { metainfo: Buffer.from(torrent.bytes).toString("base64"), savePath: join(directory, "downloads") },
      ],
      openFirst: true,
      isDemo: true,
    });
    for (const line of outcome.summary) io.err(`${line}\n`);
    // A demo that was interrupted has done what it was for.
    return outcome.exitCode;
  } finally {
    if (attached?.process !== undefined) await engineEnded(ports, attached.process, stopTimeoutMs);
  }
}

/** Without a terminal: download, look at every byte once more, end. */
async function download(
  io: CommandIo,
  settings: EngineSettings,
  torrent: LoadedTorrent,
  directory: string,
  isJson: boolean,
  stop: AbortSignal,
): Promise<number> {
  await makeProfile(settings.profile);
  // In a profile of its own there is no settings file: what the demo is to show holds.
  const file = await openSettings(io, settings);
  const engine = hostEngine(settings.profile, { command: "p2p-tui demo", torrents: "named", settings: file });
  const reporter = isJson ? new JsonReporter(io.out) : new TextReporter(io);
  const downloads = join(directory, "downloads");
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
    await compareWithContent(engine.ports, join(downloads, demoName));
    if (!isJson) io.err("every byte is as it should be; the demo's files are removed again\n");
    return exitCode.done;
  } finally {
    await engine.stop();
    reporter.ended(stop.aborted);
  }
}

/** @throws OperationalError `wrong-content` where the file is not what was generated: the engine was wrong then. */
async function compareWithContent(ports: Pick<Ports, "files">, path: string): Promise<void> {
  const content = demoContent();
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

function startSwarm(directory: string, isQuick: boolean): ChildProcess {
  const options = ["demo-swarm", `--directory=${directory}`, ...(isQuick ? ["--quick"] : [])];
  return spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...options], {
    // Its input ends when we do; a Ctrl-C in our terminal is for us alone.
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
    cwd: "/",
  });
}

async function swarmReady(swarm: ChildProcess, stop: AbortSignal): Promise<void> {
  const failed = new OperationalError("demo", "the demo's swarm could not be started");
  await new Promise<void>((resolve, reject) => {
    let output = "";
    swarm.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-readyLine.length - 1);
      if (output === `${readyLine}\n`) resolve();
    });
    swarm.once("exit", () => reject(failed));
    swarm.once("error", () => reject(failed));
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function endSwarm(ports: Pick<Ports, "clock">, swarm: ChildProcess | undefined): Promise<void> {
  if (swarm === undefined || swarm.exitCode !== null || swarm.signalCode !== null) return;
  const exited = once(swarm, "exit");
  swarm.stdin?.end();
  const timer = ports.clock.after(stopTimeoutMs, () => swarm.kill("SIGKILL"));
  await exited;
  timer.cancel();
}
