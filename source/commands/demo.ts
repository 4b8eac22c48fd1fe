/** `demo`: p2p-tui as one leech of small swarms on loopback. On a terminal the UI shows them for as long as one likes. */
import { NodeClock } from "../platform/node-clock.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { eventLine } from "./json-events.ts";
import type { demoSpec } from "./specs.ts";

export const runDemo: RunCommand<typeof demoSpec.options> = async (io, { stop, json, quick }) => {
  if (stop) {
    await (await import("./demo-watch.ts")).stopDemo(io, new NodeClock());
    io.out(json ? eventLine({ event: "stopped" }) : "the demo has ended, and nothing of it is left\n");
    return exitCode.done;
  }
  if (io.isOutTerminal && !json && !quick) return (await import("./demo-watch.ts")).watchDemo(io);
  return (await import("./demo-quick.ts")).quickDemo(io, json);
};
