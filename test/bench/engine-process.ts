/** An engine as shipped, in a process of its own. `NODE_ARGS` is for it (`--cpu-prof`). */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dialIfThere } from "../../source/commands/attach.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { programArguments } from "../support/clients/program.ts";
import { endsWithUs } from "./pty-run.ts";

/** On loopback, on any port. Sockets are where `XDG_RUNTIME_DIR` of this process says. @returns it once it is ready. */
export async function startEngine(profile: string): Promise<ChildProcess> {
  const [node, ...program] = programArguments([
    "engine",
    "run",
    "--profile",
    profile,
    "--bind",
    "127.0.0.1",
    "--port",
    "0",
  ]);
  const engine = spawn(node, [...(process.env["NODE_ARGS"] ?? "").split(" ").filter(Boolean), ...program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HOME: profile },
  });
  endsWithUs(engine);
  await once(engine.stdout, "data");
  return engine;
}

export async function connectTo(profile: string): Promise<EngineClient> {
  const client = await dialIfThere({ clock: new NodeClock() }, (await enginePlace(profile)).controlPath);
  if (client === undefined) throw new Error("no engine");
  return client;
}

export async function stopEngine(engine: ChildProcess): Promise<void> {
  engine.kill("SIGTERM");
  if (engine.exitCode === null) await once(engine, "exit");
}
