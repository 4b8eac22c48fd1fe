/**
 * The TUI on a fake swarm, to look at: `tsx test/support/tui-playground.tsx [--list] [--empty] [--demo]`.
 * `--throw` and `--break` end it by a fault, in a timer or while drawing, when the engine is told to ask the trackers (r).
 */
import { torrentSources } from "../../source/commands/torrent-sources.ts";
import type { TorrentDetail } from "../../source/control/protocol.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { runTui } from "../../source/tui/run-tui.tsx";
import { FakeEngine, livelySwarm, someSwarms } from "./fake-engine.ts";

const flags = new Set(process.argv.slice(2));
const swarms = flags.has("--empty") ? [] : flags.has("--list") ? someSwarms : [livelySwarm];
const engine = new FakeEngine(swarms);
for (let i = 0; i < 160; i++) engine.step(250, true);
const timer = setInterval(() => {
  engine.step(250);
  if (!engine.commands.some((command) => command.name === "reannounce")) return;
  if (flags.has("--throw")) throw new Error("thrown on purpose");
  if (!flags.has("--break")) return;
  for (const swarm of engine.swarms.values()) {
    const detail = swarm.detail.bind(swarm);
    swarm.detail = (topic) => ({ ...detail(topic), choker: null as unknown as TorrentDetail["choker"] });
  }
}, 250);

const outcome = await runTui({
  connect: async () => engine,
  openFirst: !flags.has("--list") && !flags.has("--empty"),
  initialTorrents: flags.has("--list") || flags.has("--empty") ? [] : [{ torrent: { metainfo: "" }, savePath: "/tmp" }],
  isDemo: flags.has("--demo"),
  sources: torrentSources(
    { files: new NodeFileSystem(), hasher: new NodeHasher(), http: new NodeHttpClient() },
    process.cwd(),
    { savePath: "/tmp", isPaused: false, isSequential: false, peers: [] },
  ),
});
clearInterval(timer);
for (const line of outcome.summary) console.log(line);
process.exitCode = outcome.exitCode;
