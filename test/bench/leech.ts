/**
 * What leeching costs: node test/bench/leech.ts [--mib 1024] [--piece 262144] [--rounds 3] [--from raw|ours]; `node
 * source/build.ts` comes first.
 *
 * Our program as shipped gets content into memory (/dev/shm, where that is) over loopback, from a seed that costs next to nothing
 * (serving-seed.ts) or from our own (`--from ours`). Printed for each round: MB/s of the whole run and of the transfer alone, when
 * the first block was sent after the process began, and the leech's CPU seconds for each GiB and peak resident memory. Two cores are
 * shared by seed and leech. `NODE_ARGS` is for the leech (`--cpu-prof`).
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ProgramRun } from "../support/clients/program.ts";
import { sha256OfFile } from "../support/payload.ts";
import { makeBenchTorrent, ServingSeed } from "./bench-torrent.ts";
import { percentile, processFigures } from "./pty-run.ts";

const { values } = parseArgs({
  options: {
    mib: { type: "string", default: "1024" },
    piece: { type: "string", default: "262144" },
    rounds: { type: "string", default: "3" },
    from: { type: "string", default: "raw" },
  },
});
const gibibytes = Number(values.mib) / 1024;
const megabytes = (Number(values.mib) * 2 ** 20) / 1e6;
const torrent = makeBenchTorrent(Number(values.mib), Number(values.piece));
const digest = sha256OfFile(torrent.payloadPath);
// Without its types: a process that is measured shall not spend a tenth of a second on reading them.
const meterPath = join(torrent.home, "exit-usage.mjs");
const meter = readFileSync(new URL("exit-usage.ts", import.meta.url), "utf8");
writeFileSync(meterPath, stripTypeScriptTypes(meter));

interface Figures {
  readonly whole: number;
  readonly transfer: number;
  readonly firstMs: number;
  readonly cpu: number;
  readonly rss: number;
}

async function leech(
  index: number,
  port: number,
  firstMs: (completeMs: number, seconds: number) => Promise<number>,
): Promise<Figures> {
  const [directory, profile, usagePath] = ["got", "profile", "usage.json"].map((name) =>
    join(torrent.home, `${index}-${name}`),
  ) as [string, string, string];
  const env = { EXIT_USAGE_FILE: usagePath, NODE_OPTIONS: `--import=${meterPath} ${process.env["NODE_ARGS"] ?? ""}` };
  const args = ["get", torrent.torrentPath, "--dir", directory, "--profile", profile, "--peer", `127.0.0.1:${port}`];
  const run = new ProgramRun([...args, "--bind", "127.0.0.1", "--port", "0", "--json"], { env });
  const { seconds } = await run.until("complete");
  const completeMs = performance.timeOrigin + performance.now();
  const code = await run.process.exited;
  if (code !== 0) throw new Error(`the leech ended with ${code}: ${run.process.logTail}`);
  if (sha256OfFile(join(directory, "content")) !== digest) throw new Error("what came is wrong");
  const usage = JSON.parse(readFileSync(usagePath, "utf8")) as Record<string, number>;
  const { cpuSeconds = 0, peakRssMib = 0, beginMs = 0, endMs = 0 } = usage;
  rmSync(directory, { recursive: true });
  const first = await firstMs(completeMs, Number(seconds));
  return {
    whole: megabytes / ((endMs - beginMs) / 1000),
    transfer: megabytes / ((completeMs - first) / 1000),
    firstMs: first - beginMs,
    cpu: cpuSeconds / gibibytes,
    rss: peakRssMib,
  };
}

function line({ whole, transfer, firstMs, cpu, rss }: Figures): string {
  return (
    `whole ${whole.toFixed(0)} MB/s, transfer ${transfer.toFixed(0)} MB/s, first block ${firstMs.toFixed(0)} ms, ` +
    `${cpu.toFixed(2)} CPU s/GiB, peak RSS ${rss.toFixed(0)} MiB`
  );
}

async function fromRaw(index: number): Promise<Figures> {
  const seed = new ServingSeed(torrent);
  try {
    return await leech(index, await seed.port, async () => (await seed.served()).firstMs);
  } finally {
    seed.close();
  }
}

async function fromOurs(index: number): Promise<Figures> {
  const args = ["seed", torrent.torrentPath, "--dir", torrent.home, "--profile", join(torrent.home, `${index}-seed`)];
  const seed = new ProgramRun([...args, "--bind", "127.0.0.1", "--port", "0", "--json"]);
  try {
    const port = Number((await seed.until("listening"))["port"]);
    await seed.until("seeding");
    const before = processFigures(seed.process.pid).cpuSeconds;
    // When its first block went out it does not say: the leech's own time counts, from when it began to look for peers.
    const figures = await leech(index, port, async (completeMs, seconds) => completeMs - 1000 * seconds);
    const used = (processFigures(seed.process.pid).cpuSeconds - before) / gibibytes;
    console.log(`  the seed: ${used.toFixed(2)} CPU s/GiB`);
    return figures;
  } finally {
    seed.process.kill("SIGTERM");
    await seed.process.exited;
  }
}

const rounds: Figures[] = [];
for (let index = 0; index < Number(values.rounds); index++) {
  const figures = await (values.from === "ours" ? fromOurs(index) : fromRaw(index));
  rounds.push(figures);
  console.log(line(figures));
}
const median = (name: keyof Figures): number =>
  percentile(
    rounds.map((each) => each[name]),
    0.5,
  );
const medians = {
  whole: median("whole"),
  transfer: median("transfer"),
  firstMs: median("firstMs"),
  cpu: median("cpu"),
  rss: median("rss"),
};
console.log(`median of ${rounds.length}, ${values.mib} MiB from ${values.from}: ${line(medians)}`);
process.exit();
