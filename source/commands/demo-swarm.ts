/**
 * `demo-swarm`: everybody but p2p-tui in the demo without a terminal. Writes the .torrent file, says `ready`, and runs
 * until its standard input ends: then its starter has ended, however that came about. Removes the demo's directory last,
 * in case the starter could not.
 */
import { join } from "node:path";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { DemoOthers } from "./demo-others.ts";
import { clearDemo, demoTorrentFile } from "./demo-place.ts";
import { quickTorrent } from "./demo-plan.ts";
import { nodePorts } from "./node-ports.ts";
import { UsageError } from "./option-table.ts";
import { readyLine } from "./processes.ts";
import type { demoSwarmSpec } from "./specs.ts";
import { inputEnded } from "./standard-input.ts";

export const runDemoSwarm: RunCommand<typeof demoSwarmSpec.options> = async (io, { directory }) => {
  if (directory === undefined) throw new UsageError("demo-swarm needs --directory");
  // Ctrl-C in a terminal reaches the whole group: it is the starter that stops us, by closing our input.
  io.onStopSignal(() => {});
  const ports = nodePorts();
  const starterEnded = inputEnded(process.stdin);
  const others = await DemoOthers.gather(ports);
  const metainfo = await others.share(quickTorrent);
  await ports.files.writeFileAtomic(join(directory, demoTorrentFile), metainfo);
  try {
    io.out(`${readyLine}\n`);
    await starterEnded;
  } finally {
    await others.stop();
    ports.http.close();
    await clearDemo(directory, [parseMetainfo(metainfo, ports.hasher).infoHash]);
  }
  return exitCode.done;
};
