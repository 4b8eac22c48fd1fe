/**
 * How exact and how smooth rate limits are: node test/bench/limits.ts [--rate 5000000] [--seconds 20] [--settle 3] [--window 1]
 * [--way down|up] [--connections 4]; `node source/build.ts` comes first.
 *
 * Our leech takes at most so many bytes a second from a seed that has no limit (serving-seed.ts), or our seed gives them to leeches
 * that would take all they can get (discarding-takers.ts), over loopback. After some seconds to get going the bytes of blocks
 * that have passed are read ten times a second. What a limit costs is a quarter less after the first minute (`--settle 60`): as
 * little as happens, V8 takes so long to compile it. Printed: how far the worst window of so many seconds, the mean of all, and one in a
 * hundred windows lay from the limit, and what our process used of a core. In `--window 10` at 64 KB/s a block is 2.6 %.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ProgramRun } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { type BenchTorrent, makeBenchTorrent, ServingSeed } from "./bench-torrent.ts";
import { endsWithUs, pause, percentile, processFigures } from "./pty-run.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "5000000" },
    seconds: { type: "string", default: "20" },
    settle: { type: "string", default: "3" },
    window: { type: "string", default: "1" },
    way: { type: "string", default: "down" },
    connections: { type: "string", default: "4" },
  },
});
const [rate, seconds, windowSeconds] = [Number(values.rate), Number(values.seconds), Number(values.window)];
const settleSeconds = Number(values.settle);
const samplesPerSecond = 10;

/** Bytes that have passed, by a clock of its own. */
interface Sample {
  readonly bytes: number;
  readonly ms: number;
}

interface Transfer {
  readonly run: ProgramRun;
  sample(): Promise<Sample>;
  end(): Promise<void>;
}

const common = (torrent: BenchTorrent, directory: string): string[] => [
  torrent.torrentPath,
  ...["--dir", directory, "--profile", join(torrent.home, "profile"), "--bind", "127.0.0.1", "--port", "0", "--json"],
];

async function ended(run: ProgramRun): Promise<void> {
  run.process.kill("SIGTERM");
  await run.process.exited;
}

async function download(torrent: BenchTorrent): Promise<Transfer> {
  const seeds = Array.from(
    { length: Number(values.connections) },
    (_, i) => new ServingSeed(torrent, `127.0.0.${i + 1}`),
  );
  const peers: string[] = [];
  for (const seed of seeds) peers.push("--peer", `${seed.host}:${await seed.port}`);
  const run = new ProgramRun(["get", ...common(torrent, join(torrent.home, "got")), ...peers, "--max-down", `${rate}`]);
  return {
    run,
    sample: async () => {
      const all = await Promise.all(seeds.map((seed) => seed.served()));
      return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), ms: performance.now() };
    },
    end: async () => {
      await ended(run);
      for (const seed of seeds) seed.close();
    },
  };
}

async function upload(torrent: BenchTorrent): Promise<Transfer> {
  const slots = ["--slots", values.connections, "--max-up", `${rate}`];
  const run = new ProgramRun(["seed", ...common(torrent, torrent.home), ...slots]);
  const port = Number((await run.until("listening"))["port"]);
  await run.until("seeding");
  const program = fileURLToPath(new URL("discarding-takers.ts", import.meta.url));
  const takers = fork(program, [`${port}`, torrent.torrentPath, values.connections, "64"]);
  endsWithUs(takers);
  return {
    run,
    sample: async () => {
      takers.send("");
      const [{ takenBytes, ms }] = (await once(takers, "message")) as [{ takenBytes: number; ms: number }];
      return { bytes: takenBytes, ms };
    },
    end: async () => {
      takers.kill();
      await ended(run);
    },
  };
}

const mebibytes = Math.ceil((rate * (seconds + settleSeconds + 10)) / 2 ** 20);
const torrent = makeBenchTorrent(Math.max(16, mebibytes), 256 * 1024);
const transfer = await (values.way === "up" ? upload(torrent) : download(torrent));
await waitUntil("bytes pass", 60_000, async () => (await transfer.sample()).bytes > 0);
await pause(settleSeconds * 1000);
const before = processFigures(transfer.run.process.pid).cpuSeconds;
const samples = [await transfer.sample()];
const beginMs = performance.now();
for (let i = 1; i <= seconds * samplesPerSecond; i++) {
  await pause(Math.max(0, beginMs + (i * 1000) / samplesPerSecond - performance.now()));
  samples.push(await transfer.sample());
}
const cpuSeconds = processFigures(transfer.run.process.pid).cpuSeconds - before;
await transfer.end();

/** Between two samples, of the limit; 0 is exact. */
const deviation = (from: Sample, to: Sample): number => (to.bytes - from.bytes) / ((to.ms - from.ms) / 1000) / rate - 1;
const [first, last] = [samples[0], samples.at(-1)];
if (first === undefined || last === undefined) throw new Error("no samples");
const windows: number[] = [];
for (let i = windowSeconds * samplesPerSecond; i < samples.length; i++) {
  const [from, to] = [samples[i - windowSeconds * samplesPerSecond], samples[i]];
  if (from !== undefined && to !== undefined) windows.push(deviation(from, to));
}
const percent = (part: number): string => `${part < 0 ? "−" : "+"}${Math.abs(100 * part).toFixed(1)} %`;
const [low, high] = [Math.min(...windows), Math.max(...windows)];
const p99 = percentile(windows.map(Math.abs), 0.99);
console.log(
  `${values.way} at ${rate / 1000} KB/s, ${values.connections} connections, windows of ${windowSeconds} s: ` +
    `mean ${percent(deviation(first, last))}, windows ${percent(low)} … ${percent(high)} (p99 ±${(100 * p99).toFixed(1)} %), ` +
    `${((100 * cpuSeconds) / ((last.ms - first.ms) / 1000)).toFixed(1)} % of a core`,
);
process.exit();
