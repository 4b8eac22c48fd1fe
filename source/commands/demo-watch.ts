/**
 * The demo on a terminal: the UI on the demo of this user, which is started where there is none. It goes on in the
 * background if the user wants it to; whoever comes back finds it as it is.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import { EngineVersionError } from "../control/client.ts";
import type { EngineClient } from "../control/engine-client.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import type { AddRequest, Outcome } from "../tui/run-tui.tsx";
import { dialIfThere } from "./attach.ts";
import { type CommandIo, exitCode } from "./command.ts";
import {
  demoDownloads,
  demoProfile,
  demoTorrentFile,
  endDemo,
  type RunningDemo,
  runningDemo,
  staySeconds,
} from "./demo-place.ts";
import { enginePlace } from "./engine-place.ts";
import { loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import { childEnded, startProcess } from "./processes.ts";

/** One that cannot be reached is about to be ready, or about to end: both take seconds. */
const retryMs = 250;
const attemptsMax = 80;
const stopTimeoutMs = 10_000;

interface AttachedDemo extends RunningDemo {
  readonly client: EngineClient;
  /** Started just now, by us. */
  readonly isNew: boolean;
}

export async function watchDemo(io: CommandIo): Promise<number> {
  const ports = nodePorts();
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  try {
    const loading = import("../tui/run-tui.tsx");
    if ((await runningDemo()) === undefined) io.err("starting a tracker, seeds and leeches on loopback\n");
    let demo = await attachDemo(io, ports.clock, stop.signal);
    if (demo === undefined) return exitCode.interrupted;
    const initialTorrents = demo.isNew ? [await firstTorrent(ports, demo.directory)] : [];
    const { runTui } = await loading;
    stopListening();
    // The signal may have come while we looked at other things.
    if (stop.signal.aborted) {
      demo.client.close();
      if (demo.isNew) await endDemo(ports.clock, demo);
      return exitCode.interrupted;
    }
    let unused: EngineClient | undefined = demo.client;
    const outcome = await runTui({
      connect: async () => {
        // Again: the demo was lost, and is to begin anew.
        demo = unused === undefined ? await attachDemo(io, ports.clock, stop.signal) : demo;
        const client = unused ?? demo?.client;
        unused = undefined;
        if (client === undefined) throw new OperationalError("interrupted", "interrupted");
        return client;
      },
      initialTorrents,
      openFirst: true,
      isDemo: true,
      onQuit: "ask",
    });
    for (const line of outcome.summary) io.err(`${line}\n`);
    if (outcome.engine !== "kept" && demo !== undefined) await endDemo(ports.clock, demo);
    for (const line of fateLines(io, outcome)) io.err(`${line}\n`);
    return outcome.exitCode;
  } finally {
    ports.http.close();
    stopListening();
  }
}

/** `demo --stop`. @throws OperationalError `no-demo`. */
export async function stopDemo(io: CommandIo, clock: Clock): Promise<void> {
  const demo = await runningDemo();
  if (demo === undefined) throw new OperationalError("no-demo", `no demo runs: \`${demoCommand(io)}\` starts one`);
  await endDemo(clock, demo);
}

/** @returns `undefined` where the user does not want to wait for it. @throws OperationalError. */
async function attachDemo(io: CommandIo, clock: Clock, stop: AbortSignal): Promise<AttachedDemo | undefined> {
  let startedPid: number | undefined;
  for (let attempt = 0; attempt < attemptsMax && !stop.aborted; attempt++) {
    const running = await runningDemo();
    if (running === undefined) {
      startedPid = await startDemo(clock, stop);
      continue;
    }
    const client = await dialDemo(io, clock, running);
    if (client !== undefined) return { ...running, client, isNew: running.pid === startedPid };
    await new Promise<void>((resolve) => clock.after(retryMs, resolve));
  }
  if (stop.aborted) return undefined;
  throw new OperationalError("demo", `the demo that runs does not answer: \`${stopCommand(io)}\` ends it`);
}

/** @returns its process; `undefined` where another was faster, or the user does not want to wait for it. */
async function startDemo(clock: Clock, stop: AbortSignal): Promise<number | undefined> {
  const { process: host, outcome } = startProcess(clock, ["demo-host"], "ignore");
  const abort = (): void => void host.kill("SIGTERM");
  stop.addEventListener("abort", abort, { once: true });
  const started = await outcome;
  stop.removeEventListener("abort", abort);
  if (stop.aborted) {
    await childEnded(clock, host, stopTimeoutMs);
    return undefined;
  }
  if (started.kind === "failed") throw new OperationalError("demo", started.problem || "the demo could not be started");
  return started.kind === "ready" ? host.pid : undefined;
}

async function dialDemo(io: CommandIo, clock: Clock, demo: RunningDemo): Promise<EngineClient | undefined> {
  try {
    return await dialIfThere({ clock }, (await enginePlace(demoProfile(demo.directory))).controlPath);
  } catch (error) {
    if (!(error instanceof EngineVersionError)) throw error;
    const message = messageOf(error).replace("p2p-tui engine stop", stopCommand(io));
    throw new OperationalError(error.code, message, { cause: error });
  }
}

/** Which the engine has already: it is to be opened. */
async function firstTorrent(ports: Ports, directory: string): Promise<AddRequest> {
  const { bytes } = await loadTorrent(ports, directory, demoTorrentFile);
  return { torrent: { metainfo: Buffer.from(bytes).toString("base64") }, savePath: demoDownloads(directory) };
}

function fateLines(io: CommandIo, { engine }: Outcome): readonly string[] {
  if (engine !== "kept") return ["the demo is over, and nothing of it is left"];
  return [
    `the demo goes on in the background: \`${demoCommand(io)}\` comes back to it`,
    `\`${stopCommand(io)}\` ends it; by itself it ends after ${staySeconds / 3600} hours without a visit`,
  ];
}

/** As the user has just called it. */
function demoCommand(io: Pick<CommandIo, "environment">): string {
  return isFromClone(io) ? "npm start" : "p2p-tui demo";
}

function stopCommand(io: Pick<CommandIo, "environment">): string {
  return isFromClone(io) ? "npm start -- --stop" : "p2p-tui demo --stop";
}

function isFromClone({ environment }: Pick<CommandIo, "environment">): boolean {
  return environment["npm_lifecycle_event"] === "start" && environment["npm_package_name"] === "p2p-tui";
}
