/** `ctl names`: what the shells complete. A name that two torrents have names none. */
import { sanitise } from "../../base/sanitise.ts";
import { NodeClock } from "../../platform/node-clock.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlNamesSpec } from "../ctl-specs.ts";
import { profileDirectory } from "../directories.ts";
import { dialEngine, wholeList } from "../running-engine.ts";

export const runCtlNames: RunCommand<typeof ctlNamesSpec.options> = async (io, values) => {
  const client = await dialEngine({ clock: new NodeClock() }, io, profileDirectory(io, values.profile));
  if (client === undefined) return exitCode.done;
  try {
    const names = (await wholeList(client)).rows.map(({ name }) => sanitise(name));
    const counts = new Map<string, number>();
    for (const name of names.filter((each) => each.trim() !== "")) counts.set(name, (counts.get(name) ?? 0) + 1);
    io.out([...counts].map(([name, count]) => (count === 1 ? `${name}\n` : "")).join(""));
  } finally {
    client.close();
  }
  return exitCode.done;
};
