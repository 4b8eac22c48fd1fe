/**
 * What thousands of torrents cost: node test/bench/many-torrents.ts [FOLDER] [COUNT…]; `node source/build.ts` comes first.
 *
 * For each count a profile of seeds (many-profile.ts), an engine of its own (dist/), a tracker that counts, and the figures:
 *   list      from the start of the process to the first whole list in a client's hands
 *   looked    until the files of all torrents were looked at, as far as that can be seen: all have announced or failed
 *   RSS       of the engine, after all that
 *   idle CPU  of the engine over the next 30 s, nobody attached; and with a list watched
 *   stop      from `shutdown` to the end of the process
 * A table in Markdown goes to standard output.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { dialIfThere } from "../../source/commands/attach.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import { wholeList } from "../../source/commands/running-engine.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { bootId } from "../../source/platform/boot-id.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { makeManyProfile } from "./many-profile.ts";

// Nothing is asked outside.
process.env["P2P_TUI_DHT"] = "off";
process.env["P2P_TUI_LSD"] = "off";

const idleSeconds = Number(process.env["IDLE_SECONDS"] ?? 30);
const announceWaitSecondsMax = 400;
const program = join(import.meta.dirname, "../../dist/p2p-tui.js");
const options = process.argv.slice(2);
const counts = options.filter((option) => /^\d+$/.test(option));
const folder = options.find((option) => !counts.includes(option)) ?? mkdtempSync(join(tmpdir(), "p2p-many-"));

class CountingTracker {
  readonly started = new Set<string>();
  readonly stopped = new Set<string>();
  /** Announces but those in each second of the monotonic clock. */
  readonly perSecond = new Map<number, number>();
  readonly #server = createServer((request, response) => {
    const query = request.url ?? "";
    const hash = /info_hash=([^&]*)/.exec(query)?.[1] ?? "";
    if (query.includes("event=stopped")) this.stopped.add(hash);
    else {
      this.started.add(hash);
      const second = Math.floor(performance.now() / 1000);
      this.perSecond.set(second, (this.perSecond.get(second) ?? 0) + 1);
    }
    response.end("d8:completei1e10:incompletei0e8:intervali1800e5:peers0:e");
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    // The other addresses of loopback: trackers of other names.
    for (let i = 2; i <= 5; i++) {
      const more = createServer((request, response) => this.#server.emit("request", request, response));
      await new Promise<void>((resolve) => more.listen(port, `127.0.0.${i}`, resolve));
      more.unref();
    }
    this.#server.unref();
    return port;
  }
}

interface Figures {
  readonly count: number;
  readonly listMs: number;
  readonly failed: number;
  readonly announcedSeconds: number;
  readonly peakPerSecond: number;
  readonly rssMib: number;
  readonly idlePercent: number;
  readonly watchedPercent: number;
  readonly stopMs: number;
  readonly toldStopped: number;
}

async function measure(count: number): Promise<Figures> {
  const tracker = new CountingTracker();
  const place = join(folder, `${count}`);
  const trackerPort = await tracker.listen();
  const { profile, files } = makeManyProfile({ folder: place, count, trackerPort, bootId: bootId() });
  console.error(`${count} torrents with ${files} files are made`);
  const startMs = performance.now();
  const { engine, client } = await startEngine(profile);
  const frame = await wholeList(client);
  const listMs = performance.now() - startMs;
  if (frame.rows.length !== count) throw new Error(`${frame.rows.length} of ${count} torrents are on the list`);
  console.error(`list after ${Math.round(listMs)} ms, RSS ${rssMib(engine)} MiB`);
  const announcedSeconds = await allAnnounced(tracker, client, count, startMs);
  const { rows } = await wholeList(client);
  client.close();
  await pause(5000);
  const idlePercent = await cpuPercent(engine);
  const watcher = await dial(profile);
  const subscription = watcher.subscribe({ kind: "torrents" }, () => {});
  await pause(2000);
  const watchedPercent = await cpuPercent(engine);
  subscription.close();
  const rss = rssMib(engine);
  const stopBeganMs = performance.now();
  const ended = new Promise((resolve) => engine.once("exit", resolve));
  await watcher.request({ name: "shutdown" }).catch(() => {});
  await ended;
  const stopMs = Math.round(performance.now() - stopBeganMs);
  rmSync(place, { recursive: true, force: true });
  return {
    count,
    listMs: Math.round(listMs),
    failed: rows.filter((row) => row.state === "failed").length,
    announcedSeconds,
    peakPerSecond: Math.max(...tracker.perSecond.values(), 0),
    rssMib: rss,
    idlePercent,
    watchedPercent,
    stopMs,
    toldStopped: tracker.stopped.size,
  };
}

async function startEngine(profile: string): Promise<{ engine: ChildProcess; client: EngineClient }> {
  const options = ["engine", "run", "--profile", profile, "--bind", "127.0.0.1", "--port", "0"];
  const engine = spawn(
    process.execPath,
    [...(process.env["NODE_ARGS"] ?? "").split(" ").filter(Boolean), program, ...options],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: engine.stdout ?? new Socket() }).once("line", () => resolve());
    engine.once("exit", () => reject(new Error("the engine ended")));
  });
  return { engine, client: await dial(profile) };
}

async function dial(profile: string): Promise<EngineClient> {
  const client = await dialIfThere({ clock: new NodeClock() }, (await enginePlace(profile)).controlPath);
  if (client === undefined) throw new Error("no engine");
  return client;
}

/** @returns after how many seconds the last torrent had announced or failed. */
async function allAnnounced(
  tracker: CountingTracker,
  client: EngineClient,
  count: number,
  startMs: number,
): Promise<number> {
  for (let waited = 0; waited < announceWaitSecondsMax; waited += 1) {
    const { rows } = waited % 10 === 9 ? await wholeList(client) : { rows: [] };
    const failed = rows.filter((row) => row.state === "failed").length;
    if (tracker.started.size + failed >= count) break;
    await pause(1000);
  }
  console.error(`${tracker.started.size} have announced`);
  return Math.round((performance.now() - startMs) / 1000);
}

function rssMib(engine: ChildProcess): number {
  const kib = /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${engine.pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib) / 1024);
}

async function cpuPercent(engine: ChildProcess): Promise<number> {
  const before = cpuTicks(engine);
  await pause(idleSeconds * 1000);
  // A tick is 10 ms, a hundredth of a second: a tick a second is 1 %.
  return Number(((cpuTicks(engine) - before) / idleSeconds).toFixed(2));
}

function cpuTicks(engine: ChildProcess): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const all: Figures[] = [];
for (const count of counts.length === 0 ? [100, 1000, 10_000] : counts.map(Number)) all.push(await measure(count));
rmSync(folder, { recursive: true, force: true });
console.log(
  "| torrents | list ms | announced s | most a second | failed | RSS MiB | KiB each | idle CPU % | watched CPU % | stop ms | told `stopped` |",
);
console.log(`|${" --: |".repeat(11)}`);
const base = all[0];
for (const one of all) {
  const each =
    one === base || base === undefined
      ? ""
      : (((one.rssMib - base.rssMib) * 1024) / (one.count - base.count)).toFixed(1);
  const cells = [one.count, one.listMs, one.announcedSeconds, one.peakPerSecond, one.failed, one.rssMib, each];
  console.log(`| ${[...cells, one.idlePercent, one.watchedPercent, one.stopMs, one.toldStopped].join(" | ")} |`);
}
process.exit(0);
