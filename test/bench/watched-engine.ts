/**
 * What it costs the engine to be watched: node test/bench/watched-engine.ts [NEIGHBOURS] [CHURN] [SECONDS] [VIEW…]; `node
 * source/build.ts` comes first.
 *
 * An engine as shipped, with one torrent of 12,000 pieces and NEIGHBOURS (default 1500) that are connected over loopback, say
 * what they have and send nothing; CHURN of them (default 0) leave a second, and as many come. A client asks for what the views
 * of the UI ask for, SECONDS (default 10) each. VIEW…: only those whose names begin so.
 *
 *   alone      CPU of the engine's process without a client, right before: what a swarm does changes as it grows older
 *   CPU, RSS   of the engine's process
 *   ms a frame the difference, for each frame
 *   KB         of a frame as JSON
 * Before that, what a neighbour adds to the resident memory.
 */
import { randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InfoHash, peerIdFromBytes } from "../../source/base/ids.ts";
import { encode } from "../../source/bencode/encode.ts";
import { wholeList } from "../../source/commands/running-engine.ts";
import { isAddResult, type Topic, type TorrentTopic } from "../../source/control/protocol.ts";
import { RawPeer, rawMessage } from "../support/hostile-peer.ts";
import { connectTo, startEngine, stopEngine } from "./engine-process.ts";
import { pause, processFigures } from "./pty-run.ts";

const [neighbours = 1500, churn = 0, seconds = 10] = process.argv.slice(2, 5).map(Number);
const wanted = process.argv.slice(5);
const pieceCount = 12_000;
const pieceLength = 262_144;
const [bitfieldId, unchokeId, interestedId] = [5, 1, 2];
const keepAlive = new Uint8Array(4);

const home = mkdtempSync(join(tmpdir(), "p2p-watched-"));
const profile = join(home, "profile");
mkdirSync(profile, { mode: 0o700 });
// A quarter of the places is for those we dial.
const places = Math.ceil(neighbours * 1.5);
writeFileSync(
  join(profile, "settings.toml"),
  `[network]\nconnections = ${2 * places}\nconnections-per-torrent = ${places}\n`,
);
process.env["XDG_RUNTIME_DIR"] = home;
const engine = await startEngine(profile);
const client = await connectTo(profile);
const infoHash = await addTorrent();
let list = await wholeList(client);
// Whoever comes while it is checked is sent away.
for (; list.rows[0]?.state !== "downloading"; list = await wholeList(client)) await pause(100);
const port = list.session.listenPort ?? 0;

const rssAloneMib = processFigures(engine.pid ?? 0).rssMib;
const peers: RawPeer[] = [];
let nextPeer = 0;
while (peers.length < neighbours) {
  await Promise.all(Array.from({ length: Math.min(20, neighbours - peers.length) }, come));
}
await pause(2000);
const there = (await wholeList(client)).session.neighbours;
const rssMib = processFigures(engine.pid ?? 0).rssMib;
const eachKib = (1024 * (rssMib - rssAloneMib)) / there;
console.error(`${there} neighbours are there: RSS ${rssMib.toFixed(0)} MiB, ${eachKib.toFixed(1)} KiB each`);
client.close();
const churning = setInterval(() => {
  for (let i = 0; i < churn / 20; i++) {
    peers.shift()?.close();
    void come();
  }
}, 50);

const living = setInterval(() => {
  for (const peer of peers) peer.send(keepAlive);
}, 40_000);

const torrent = (more: Partial<TorrentTopic>): TorrentTopic => ({
  kind: "torrent",
  infoHash,
  neighbours: { offset: 0, limit: 0, sort: "downRate", isDescending: true },
  files: { offset: 0, limit: 1 },
  logLimit: 0,
  cells: 0,
  ...more,
});
const window = { offset: 0, sort: "downRate", isDescending: true } as const;
const topics: readonly (readonly [name: string, topic: Topic])[] = [
  ["list", { kind: "torrents" }],
  ["swarm", torrent({ neighbours: { ...window, limit: 120 }, logLimit: 55, cells: 3400 })],
  ["neighbours", torrent({ neighbours: { ...window, limit: 208 }, neighbour: 1 })],
  ["neighbours by address", torrent({ neighbours: { ...window, sort: "endpoint", limit: 208 } })],
  ["pieces", torrent({ cells: 9900 })],
  ["files", torrent({ files: { offset: 0, limit: 500 } })],
  ["ledger", torrent({ ledgerRounds: 20 })],
];
console.log("| watched | alone CPU % | CPU % | frames/s | ms a frame | KB | RSS MiB |");
console.log("| --- | --: | --: | --: | --: | --: | --: |");
for (const [name, topic] of topics) {
  if (wanted.length > 0 && !wanted.some((each) => name.startsWith(each))) continue;
  const alone = await measure(undefined);
  const one = await measure(topic);
  const each = (10 * (one.cpu - alone.cpu)) / one.frames;
  const figures = [alone.cpu, one.cpu, one.frames, each, one.kilobytes].map((figure) => figure.toFixed(1));
  console.log(`| ${[name, ...figures, one.rssMib.toFixed(0)].join(" | ")} |`);
}
clearInterval(living);
clearInterval(churning);
for (const peer of peers) peer.close();
await stopEngine(engine);
rmSync(home, { recursive: true, force: true });
process.exit(0);

async function addTorrent(): Promise<InfoHash> {
  const pieces = randomFillSync(new Uint8Array(20 * pieceCount));
  const info = { length: pieceCount * pieceLength, name: "watched", "piece length": pieceLength, pieces };
  const metainfo = Buffer.from(encode({ info })).toString("base64");
  const added = await client.request({
    ...{ name: "add", metainfo, savePath: home, isPaused: false, peers: [], mustCheck: false },
  });
  if (!isAddResult(added)) throw new Error("not added");
  return added.infoHash;
}

async function come(): Promise<void> {
  const i = nextPeer++;
  const from = `127.${1 + (i % 200)}.${Math.floor(i / 200) % 250}.${1 + ((i * 7) % 250)}`;
  const peer = await RawPeer.dial({ address: "127.0.0.1", port }, from);
  // What it is told is not looked at.
  peer.socket.removeAllListeners("data").resume();
  peer.shake({ infoHash, peerId: peerIdFromBytes(Buffer.from(`-XX0001-${String(i).padStart(12, "0")}`)) });
  const field = randomFillSync(new Uint8Array(pieceCount / 8));
  peer.send(rawMessage(bitfieldId, field), rawMessage(interestedId));
  if (i % 2 === 0) peer.send(rawMessage(unchokeId));
  peers.push(peer);
}

async function measure(topic: Topic | undefined) {
  const watcher = topic === undefined ? undefined : await connectTo(profile);
  let frames = 0;
  let bytes = 0;
  if (topic !== undefined) {
    watcher?.subscribe(topic, (frame) => {
      frames++;
      if (frames % 8 === 0) bytes += 8 * JSON.stringify(frame).length;
    });
  }
  await pause(500);
  frames = 0;
  bytes = 0;
  const pid = engine.pid ?? 0;
  const before = processFigures(pid).cpuSeconds;
  const beginMs = performance.now();
  await pause(seconds * 1000);
  const took = (performance.now() - beginMs) / 1000;
  const cpu = (100 * (processFigures(pid).cpuSeconds - before)) / took;
  const { rssMib } = processFigures(pid);
  watcher?.close();
  return { rssMib, cpu, frames: frames / took, kilobytes: frames === 0 ? 0 : bytes / 1000 / frames };
}
