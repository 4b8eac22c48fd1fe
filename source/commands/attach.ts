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
import { enginePlace, heldLine, readyLine, warningMark } from "./engine-place.ts";
import type { EngineSettings } from "./host-engine.ts";
import { version } from "./version.ts";

/** An engine that is not ready by then hangs: thousands of torrents are read in seconds. */
const readyTimeoutMs = 60_000;
const outputLengthMax = 100_000;
/** An engine that stops tells its trackers, for three seconds at most. */
const heldMs = 250;
const heldAttemptsMax = 40;

export interface StartOptions {
  /**
   * How long an engine that is started here stays when nobody is attached: for a lost terminal to be opened again.
   * `undefined`: until it is stopped.
   */
  readonly lingerSeconds: number | undefined;
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
  for (let attempt = 0; ; attempt++) {
    const running = await dialIfThere(ports, controlPath);
    if (running !== undefined) return { client: running, process: undefined };
    const started = await startEngine(ports, settings, more);
    if (started.kind === "ready") {
      const client = await dialIfThere(ports, controlPath);
      if (client !== undefined) return { client, process: started.process };
      throw new OperationalError("no-engine", "the engine has ended already");
    }
    // Another has the profile and cannot be reached: it is about to listen, or about to end.
    if (started.kind === "failed" || attempt >= heldAttemptsMax) {
      throw new OperationalError("no-engine", started.problem || "the engine ended as soon as it was started");
    }
    await new Promise<void>((resolve) => ports.clock.after(heldMs, resolve));
  }
}

/** @returns `undefined` where no engine listens. */
export async function dialIfThere(ports: Pick<Ports, "clock">, path: string): Promise<EngineClient | undefined> {
  let channel: Awaited<ReturnType<typeof dialControl>>;
  try {
    channel = await dialControl(path);
  } catch (error) {
    if (error instanceof OperationalError && error.code === "no-engine") return undefined;
    throw error;
  }
  return connectClient(ports, channel, { version });
}

type Started =
  | { readonly kind: "ready"; readonly process: ChildProcess }
  | { readonly kind: "held" | "failed"; readonly problem: string };

/** Resolves when the engine is ready, or cannot be. */
async function startEngine(
  ports: Pick<Ports, "clock">,
  settings: EngineSettings,
  more: StartOptions,
): Promise<Started> {
  const args = [...process.execArgv, process.argv[1] ?? "", ...engineArguments(settings, more)];
  const engine = spawn(process.execPath, args, {
    // A session of its own: a Ctrl-C in our terminal is for us.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
  });
  let output = "";
  let errors = "";
  engine.stdout.setEncoding("utf8");
  engine.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-outputLengthMax);
  });
  const timer = ports.clock.after(readyTimeoutMs, () => engine.kill("SIGKILL"));
  await new Promise<void>((resolve) => {
    engine.stdout.on("data", (text: string) => {
      output = (output + text).slice(-outputLengthMax);
      if (output === `${readyLine}\n`) resolve();
    });
    // `close`, not `exit`: its last words are in then.
    engine.once("close", () => resolve());
    engine.once("error", (error) => {
      errors = `the engine cannot be started: ${error.message}`;
      resolve();
    });
  });
  timer.cancel();
  // Whatever it writes from now on goes nowhere; and it does not keep us from ending.
  engine.stdout.destroy();
  engine.stderr.destroy();
  engine.unref();
  if (output === `${readyLine}\n`) return { kind: "ready", process: engine };
  const lines = errors.split("\n").filter((line) => !line.startsWith(warningMark));
  const problem = lines[0]?.replace(/^p2p-tui: /, "") ?? "";
  return { kind: output === `${heldLine}\n` ? "held" : "failed", problem };
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
  return ["engine", "run", ...given.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))];
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
