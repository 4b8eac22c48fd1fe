/**
 * From a bare info hash to all of its content, in a private DHT over real UDP on loopback, of our nodes and libtorrent's: how
 * long it takes to find one unknown seed, fetch the metadata from it, and then the content.
 *
 *   node test/bench/dht-magnet.ts [--rounds 20] [--ours 30] [--theirs 25] [--bytes 1000000]
 */
import { parseArgs } from "node:util";
import { DhtSessions } from "../support/dht-sessions.ts";
import { RealDht } from "../support/real-dht.ts";
import { libtorrentProblem } from "../support/requirements.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    ours: { type: "string", default: "30" },
    theirs: { type: "string", default: libtorrentProblem() === "" ? "25" : "0" },
    bytes: { type: "string", default: "1000000" },
  },
});

const network = await RealDht.start(Number(values.ours), Number(values.theirs));
// A table is not full on the first day.
await new Promise((resolve) => setTimeout(resolve, 15_000));
const sessions = new DhtSessions(network);
const seed = await sessions.start("127.46.0.1", true);
const leech = await sessions.start("127.46.0.2", false);
const seconds: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const { infoHash, metainfo } = sessions.torrent(Number(values.bytes));
  await seed.add(metainfo, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
  const isAnnounced = () => (seed.dht.seeker.searchOf(infoHash)?.last?.announced ?? 0) > 0;
  await network.until("the seed is announced", isAnnounced);
  const beganMs = performance.now();
  const link = { infoHash, name: "", trackers: [], webSeeds: [], peers: [], only: [] };
  await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
  await network.until("the metadata is there", () => leech.torrents.has(infoHash));
  const metadataMs = performance.now() - beganMs;
  await network.until("all is there", () => leech.torrents.get(infoHash)?.state === "seeding");
  seconds.push((performance.now() - beganMs) / 1000);
  console.log(`${round + 1}: metadata ${(metadataMs / 1000).toFixed(2)} s, all ${seconds.at(-1)?.toFixed(2)} s`);
  await seed.remove(infoHash, "torrent");
  await leech.remove(infoHash, "torrent");
}
seconds.sort((a, b) => a - b);
const at = (part: number) => (seconds[Math.floor(part * (seconds.length - 1))] ?? Number.NaN).toFixed(2);
console.log(`${values.ours} nodes of ours, ${values.theirs} of libtorrent: median ${at(0.5)} s, slowest ${at(1)} s`);
await sessions.stop();
await network.stop();
