/**
 * Finds the engine of a profile, or starts one in a process of its own, and connects. An engine that was started here
 * ends by itself soon after its last client has gone, so that a terminal that dies leaves nothing behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { OperationalError } from "../base/errors.ts";
import { connectClient } from "../control/client.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { dialControl } from "../platform/ws-channel.ts";
import type { Ports } from "../ports/ports.ts";
import { enginePlace } from "./engine-place.ts";
import type { EngineSettings } from "./host-engine.ts";
import { version } from "./version.ts";

/** An engine that is not ready by then hangs: thousands of torrents are read in seconds. */
const readyTimeoutMs = 60_000;
const outputLengthMax = 100_000;

export interface StartOptions {
  /** How long an engine that is started here stays when nobody is attached: for a lost terminal to be opened again. */
  readonly lingerSeconds: number;
  readonly logPath: string | undefined;
}

export interface AttachedEngine {
  readonly client: EngineClient;
  /** Started here, so ours to stop. */
  readonly process: ChildProcess | undefined;
}

/** @throws OperationalError where no engine could be started, or the one that runs is of another version. */
export async function attachEngine(
  ports: Pick<Ports, "clock">,
  settings: EngineSettings,
  more: StartOptions,
): Promise<AttachedEngine> {
  const { controlPath } = await enginePlace(settings.profile);
  const running = await dialIfThere(ports, controlPath);
  if (running !== undefined) return { client: running, process: undefined };
  const started = await startEngine(ports, settings, more);
  const client = await dialIfThere(ports, controlPath);
  if (client !== undefined) return { client, process: started.process };
  throw new OperationalError("no-engine", started.problem || "the engine has ended already");
}

async function dialIfThere(ports: Pick<Ports, "clock">, path: string): Promise<EngineClient | undefined> {
  let channel: Awaited<ReturnType<typeof dialControl>>;
  try {
    channel = await dialControl(path);
  } catch (error) {
    if (error instanceof OperationalError && error.code === "no-engine") return undefined;
    throw error;
  }
  return connectClient(ports, channel, { version });
}

/** Resolves when the engine is ready, or has ended: then `problem` says why, unless another was quicker. */
async function startEngine(
  ports: Pick<Ports, "clock">,
  settings: EngineSettings,
  more: StartOptions,
): Promise<{ readonly process: ChildProcess | undefined; readonly problem: string }> {
  const engine = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? "", ...engineArguments(settings, more)],
    {
      // A session of its own: a Ctrl-C in our terminal is for us.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      cwd: "/",
    },
  );
  let output = "";
  let problem = "";
  engine.stderr.setEncoding("utf8").on("data", (text: string) => {
    problem = (problem + text).slice(-outputLengthMax);
  });
  const ready = new Promise<boolean>((resolve) => {
    engine.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-outputLengthMax);
      if (output.includes("\n")) resolve(true);
    });
    engine.once("exit", () => resolve(false));
    engine.once("error", (error) => {
      problem = `the engine cannot be started: ${error.message}`;
      resolve(false);
    });
  });
  const timeout = new AbortController();
  const timer = ports.clock.after(readyTimeoutMs, () => timeout.abort());
  const isReady = await Promise.race([ready, once(timeout.signal, "abort").then(() => false)]);
  timer.cancel();
  // Whatever it writes from now on goes nowhere; and it does not keep us from ending.
  engine.stdout.destroy();
  engine.stderr.destroy();
  engine.unref();
  if (isReady) return { process: engine, problem: "" };
  if (timeout.signal.aborted) engine.kill();
  return { process: undefined, problem: problem.split("\n")[0]?.replace(/^p2p-tui: /, "") ?? "" };
}

export function engineArguments(settings: EngineSettings, more: StartOptions): readonly string[] {
  const given: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ["--profile", settings.profile],
    ["--linger", more.lingerSeconds],
    ["--port", settings.port],
    ["--bind", settings.bind],
    ["--max-down", settings.maxDownRate],
    ["--max-up", settings.maxUpRate],
    ["--slots", settings.slots],
    ["--log", more.logPath],
  ];
  return ["engine", ...given.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))];
}

/** Waits until an engine that was told to stop has done so, or `timeoutMs` are over. */
export async function engineEnded(ports: Pick<Ports, "clock">, engine: ChildProcess, timeoutMs: number): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  engine.ref();
  const exited = once(engine, "exit");
  let timer: ReturnType<Ports["clock"]["after"]> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = ports.clock.after(timeoutMs, resolve);
  });
  await Promise.race([exited, late]);
  timer?.cancel();
  engine.unref();
}
