/**
 * Whether the engine grows. Run: node test/bench/soak.ts [MINUTES]     (after `npm run build`; 30 by default)
 *
 * One engine process as shipped, with torrents at rest, torrents that it downloads, seeds, removes and downloads again, with
 * neighbours that come, take, and go without a word, strangers that talk nonsense, and a UI that attaches and leaves.
 * Everybody else lives in this process. In the end: memory, handles and timers over time, and their growth.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { infoHashFromBytes } from "../../source/base/ids.ts";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { encode } from "../../source/bencode/encode.ts";
import { dialIfThere } from "../../source/commands/attach.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import { nodePorts } from "../../source/commands/node-ports.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import type { Frame, TorrentTopic } from "../../source/control/protocol.ts";
import { Session } from "../../source/engine/session.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHttpServer } from "../../source/platform/node-http-server.ts";
import { GeneratedContent, generatedPieceHashes } from "../../source/storage/generated-content.ts";
import { GeneratedStorage } from "../../source/storage/generated-storage.ts";
import { Tracker } from "../../source/tracker/tracker.ts";
import { answerTrackerRequest } from "../../source/tracker/tracker-http.ts";
import { binPath } from "../support/clients/program.ts";
import { sessionOptions } from "../support/session-parts.ts";

// Nothing is asked outside.
process.env["P2P_TUI_DHT"] = "off";
process.env["P2P_TUI_LSD"] = "off";

const minutes = Number(process.argv[2] ?? 30);
const restingCount = 200;
const busyCount = 12;
const leechCount = 10;
const pieceLength = 64 * 1024;
const everyMs = 10_000;

const ports = nodePorts();
const random = new SeededRandom(7);
const home = mkdtempSync(join(tmpdir(), "p2p-soak-"));
const savePath = join(home, "save");
const samplesPath = join(home, "samples");
process.env["XDG_RUNTIME_DIR"] = home;
mkdirSync(savePath);
writeFileSync(samplesPath, "");

class SoakTorrent {
  readonly content: GeneratedContent;
  readonly bytes: Uint8Array;
  readonly infoHash;

  constructor(number: number, name: string, length: number, announce: string) {
    this.content = new GeneratedContent(number, length);
    const pieces = generatedPieceHashes(this.content, new Geometry(pieceLength, length), ports.hasher);
    this.bytes = encode({ announce, info: { length, name, "piece length": pieceLength, pieces } });
    this.infoHash = parseMetainfo(this.bytes, ports.hasher).infoHash;
  }

  /** Somebody else who has all of it or none. */
  async join(holdsAll: boolean): Promise<Session> {
    const address = `127.0.${holdsAll ? 1 : 2}.${1 + randomBelow(random, 250)}`;
    const session = new Session(
      ports,
      sessionOptions({
        listen: { address, port: 0 },
        localAddress: address,
        profile: "",
        makeStorage: (metainfo) => new GeneratedStorage(ports, { metainfo, content: this.content, holdsAll }),
      }),
    );
    await session.start();
    await session.add(this.bytes, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
    return session;
  }

  add(client: EngineClient): Promise<unknown> {
    const metainfo = Buffer.from(this.bytes).toString("base64");
    return client.request({ name: "add", metainfo, savePath, isPaused: false, peers: [], mustCheck: false });
  }
}

const tracker = new Tracker(ports.random, { intervalSeconds: 30, minIntervalSeconds: 1 });
const server = await new NodeHttpServer().listen({ address: "127.0.0.1", port: 0 }, (request) =>
  answerTrackerRequest(tracker, request, ports.clock.nowMs()),
);
const announce = `http://127.0.0.1:${server.local.port}/announce`;
const resting: SoakTorrent[] = [];
for (let i = 0; i < restingCount; i++) {
  const torrent = new SoakTorrent(1000 + i, `resting-${i}`, 100_000 + i, announce);
  const bytes = new Uint8Array(100_000 + i);
  torrent.content.fill(0, bytes);
  writeFileSync(join(savePath, `resting-${i}`), bytes);
  resting.push(torrent);
}
const busy = Array.from({ length: busyCount }, (_, i) => new SoakTorrent(i, `busy-${i}`, 12 * 2 ** 20, announce));
const seeds = await Promise.all(busy.map((torrent) => torrent.join(true)));

const sampler = join(import.meta.dirname, "soak-sampler.ts");
const profile = join(home, "profile");
const engineArguments = ["engine", "run", "--profile", profile, "--bind", "127.0.0.1", "--port", "0"];
const limits = ["--max-down", "8MB", "--max-up", "8MB"];
const engine = spawn(process.execPath, ["--import", sampler, binPath, ...engineArguments, ...limits], {
  env: { ...process.env, SOAK_SAMPLES: samplesPath, SOAK_EVERY_MS: String(everyMs), HOME: home },
  stdio: ["ignore", "pipe", "inherit"],
});
await once(engine.stdout, "data");
engine.stdout.resume();
const ended = once(engine, "exit");
let isOver = false;
void ended.then(() => {
  if (!isOver) throw new Error("the engine ended by itself");
});
const { controlPath } = await enginePlace(profile);

async function attach(): Promise<EngineClient> {
  const client = await dialIfThere(ports, controlPath);
  if (client === undefined) throw new Error("the engine does not answer");
  return client;
}

/** A UI that looks at the list and at one torrent. */
async function look(infoHash: TorrentTopic["infoHash"]): Promise<EngineClient> {
  const client = await attach();
  client.subscribe({ kind: "torrents" }, () => {});
  const neighbours = { offset: 0, limit: 50, sort: "downRate", isDescending: true } as const;
  client.subscribe(
    { kind: "torrent", infoHash, neighbours, files: { offset: 0, limit: 50 }, logLimit: 50, cells: 2000 },
    () => {},
  );
  return client;
}

const client = await attach();
for (const torrent of [...resting, ...busy]) await torrent.add(client);
const { listenPort } = await new Promise<{ listenPort: number | null }>((resolve) => {
  client.subscribe({ kind: "torrents" }, (frame: Frame) => {
    if (frame.kind === "torrents") resolve(frame.session);
  });
});

// ── everybody's life ─────────────────────────────────────────────────────────────────────────────────────────────────

function any<T>(all: readonly T[]): T {
  return all[randomBelow(random, all.length)] as T;
}

const leeches: Session[] = [];
let joined = 0;
let readded = 0;
let strangers = 0;
let looks = 0;

async function leechesComeAndGo(): Promise<void> {
  leeches.push(await any(busy).join(false));
  joined++;
  if (leeches.length > leechCount) await leeches.shift()?.stop();
}

async function downloadAgain(): Promise<void> {
  const torrent = any(busy);
  await client.request({ name: "remove", infoHash: torrent.infoHash, data: "delete" });
  await torrent.add(client);
  readded++;
}

function strangerComes(): void {
  const socket = connect({
    host: "127.0.0.1",
    port: listenPort ?? 0,
    localAddress: `127.0.3.${1 + (strangers % 250)}`,
  });
  socket.on("error", () => {});
  socket.on("connect", () => {
    const nonsense = Buffer.alloc(48 + randomBelow(random, 200), strangers);
    const handshake = Buffer.concat([
      Buffer.from("\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05", "latin1"),
      Buffer.from(any(resting).infoHash, "hex"),
      Buffer.from(infoHashFromBytes(ports.hasher.sha1(nonsense)), "hex"),
    ]);
    socket.write(strangers % 2 === 0 ? nonsense : handshake);
    setTimeout(() => socket.destroy(), randomBelow(random, 3000));
  });
  strangers++;
}

let watching: EngineClient | undefined;
async function uiComesAndGoes(): Promise<void> {
  watching?.close();
  watching = await look(any(busy).infoHash);
  looks++;
}

const startedMs = Date.now();
const lives: readonly (readonly [everyMs: number, live: () => Promise<void> | void])[] = [
  [1_500, leechesComeAndGo],
  [15_000, downloadAgain],
  [250, strangerComes],
  [20_000, uiComesAndGoes],
];
const timers = lives.map(([ms, live]) => setInterval(() => void live(), ms));
await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
for (const timer of timers) clearInterval(timer);

// ── what became of it ────────────────────────────────────────────────────────────────────────────────────────────────

interface Sample {
  readonly wallMs: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly cpu: number;
  readonly resources: Readonly<Record<string, number>>;
}
const files = readdirSync(`/proc/${engine.pid}/fd`).length;
const samples = readFileSync(samplesPath, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);
isOver = true;
watching?.close();
await client.request({ name: "shutdown" }).catch(() => {});
client.close();
await Promise.all([ended, ...seeds.map((seed) => seed.stop()), ...leeches.map((leech) => leech.stop())]);
await server.close();
ports.http.close();
rmSync(home, { recursive: true, force: true });

const MiB = 2 ** 20;
const resource = (sample: Sample, name: string): number => sample.resources[name] ?? 0;
const sockets = (sample: Sample): number => resource(sample, "TCPSocketWrap") + resource(sample, "PipeWrap");
const figures: readonly (readonly [name: string, of: (sample: Sample) => number, digits: number])[] = [
  ["RSS MiB", ({ rss }) => rss / MiB, 1],
  ["heap MiB", ({ heapUsed }) => heapUsed / MiB, 2],
  ["external MiB", ({ external }) => external / MiB, 2],
  ["timers", (sample) => resource(sample, "Timeout"), 0],
  ["sockets", sockets, 0],
];
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const tenth = Math.max(1, Math.floor(samples.length / 10));
console.log(`| minute | ${figures.map(([name]) => name).join(" | ")} |`);
console.log(`| ---: |${" ---: |".repeat(figures.length)}`);
for (let i = 0; i < samples.length; i += tenth) {
  const part = samples.slice(i, i + tenth);
  const minute = ((part.at(-1)?.wallMs ?? 0) - startedMs) / 60_000;
  const cells = figures.map(([, of, digits]) => median(part.map(of)).toFixed(digits));
  console.log(`| ${minute.toFixed(1)} | ${cells.join(" | ")} |`);
}
const middle = samples.slice(Math.floor(samples.length / 3), Math.floor((2 * samples.length) / 3));
const last = samples.slice(Math.floor((2 * samples.length) / 3));
for (const [name, of, digits] of figures) {
  const growth = median(last.map(of)) - median(middle.map(of));
  console.log(`${name}: ${growth.toFixed(digits)} more in the last third than in the middle one`);
}
const cpuSeconds = (samples.at(-1)?.cpu ?? 0) / 1e6;
console.log(
  `${joined} leeches, ${readded} downloads again, ${strangers} strangers, ${looks} UIs; ${files} open files at the end; ` +
    `${cpuSeconds.toFixed(0)} CPU seconds`,
);
