/**
 * Finds the engine of a profile, or starts one in a process of its own, and connects. An engine that was started here
 * ends by itself soon after its last client has gone, so that a terminal that dies leaves nothing behind.
 */
import type { ChildProcess } from "node:child_process";
import { codeOf, OperationalError } from "../base/errors.ts";
import { connectClient } from "../control/client.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { dialControl } from "../platform/ws-channel.ts";
import type { Ports } from "../ports/ports.ts";
import { enginePlace } from "./engine-place.ts";
import type { EngineSettings } from "./host-engine.ts";
import { startProcess } from "./processes.ts";
import { version } from "./version.ts";

/** An engine that stops tells its trackers, for three seconds at most. */
const heldMs = 250;
const heldAttemptsMax = 40;
/** Five seconds each: one that waits for a disk, or shares a processor with many, may yet answer. */
const silentAttemptsMax = 3;

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
    const running = await dialIfThere(ports, controlPath).catch((error: unknown) => {
      if (codeOf(error) !== "engine-silent" || attempt >= silentAttemptsMax) throw error;
      return "silent" as const;
    });
    // There is one: another could not be started.
    if (running === "silent") continue;
    if (running !== undefined) return { client: running, process: undefined };
    const engine = startProcess(ports.clock, engineArguments(settings, more), "ignore");
    const started = await engine.outcome;
    if (started.kind === "ready") {
      const client = await dialIfThere(ports, controlPath);
      if (client !== undefined) return { client, process: engine.process };
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
