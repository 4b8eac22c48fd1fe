/**
 * What seeding costs: node test/bench/seed.ts [--connections 4] [--seconds 8] [--mib 1024] [--window 128] [--piece 262144]
 * [--max-up RATE] [--rounds 1]; `node source/build.ts` comes first.
 *
 * A seed as shipped serves content in memory (/dev/shm, where that is) over loopback to so many connections of one process
 * that discards it (discarding-takers.ts). Printed for each round, over SECONDS after one to get going: MB/s, CPU seconds of
 * the seed's process for each GiB and of a core, its peak resident memory, the delay of its event loop (a timer of 1 ms), and
 * how far the worst single second lay from the mean. `NODE_ARGS` is for the seed (`--cpu-prof`).
 */
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ProgramRun, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { endsWithUs, pause, processFigures } from "./pty-run.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "4" },
    seconds: { type: "string", default: "8" },
    mib: { type: "string", default: "1024" },
    window: { type: "string", default: "128" },
    piece: { type: "string", default: "262144" },
    rounds: { type: "string", default: "1" },
    "max-up": { type: "string", default: "" },
  },
});
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const home = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "p2p-seed-"));
const torrentPath = join(home, "content.torrent");
const payload = writePayload(home, singleFile("content", Number(values.mib) * 2 ** 20), "seed");
const [node, ...create] = programArguments(["create", join(home, "content"), "-o", torrentPath]);
execFileSync(node, [...create, "--piece-length", values.piece]);

interface Taken {
  readonly takenBytes: number;
  readonly ms: number;
}

async function round(index: number): Promise<string> {
  const delayPath = join(home, `delay-${index}.json`);
  const args = ["seed", torrentPath, "--dir", payload.parent, "--profile", join(home, `profile-${index}`)];
  const limit = values["max-up"] === "" ? [] : ["--max-up", values["max-up"]];
  const run = [...args, "--bind", "127.0.0.1", "--port", "0", "--slots", values.connections, ...limit, "--json"];
  const meter = `--import=${new URL("loop-delay.ts", import.meta.url)}`;
  const env = { LOOP_DELAY_FILE: delayPath, NODE_OPTIONS: `${meter} ${process.env["NODE_ARGS"] ?? ""}` };
  const seed = new ProgramRun(run, { env });
  const port = Number((await seed.until("listening"))["port"]);
  await seed.until("seeding");
  const takers = fork(here("discarding-takers.ts"), [`${port}`, torrentPath, values.connections, values.window]);
  endsWithUs(takers);
  const taken = async (): Promise<Taken> => {
    takers.send("");
    return (await once(takers, "message"))[0] as Taken;
  };
  await waitUntil("they take", 60_000, async () => (await taken()).takenBytes > 0);
  await pause(1000);
  const delays = async (): Promise<Record<string, number>> => {
    rmSync(delayPath, { force: true });
    seed.process.kill("SIGUSR2");
    await waitUntil("the seed tells of its event loop", 10_000, () => existsSync(delayPath));
    return JSON.parse(readFileSync(delayPath, "utf8")) as Record<string, number>;
  };
  await delays();
  const pid = seed.process.pid;
  const before = processFigures(pid);
  const samples = [await taken()];
  for (let second = 0; second < Number(values.seconds); second++) {
    await pause(1000);
    samples.push(await taken());
  }
  const cpu = processFigures(pid).cpuSeconds - before.cpuSeconds;
  const { p50 = 0, p99 = 0, max = 0 } = await delays();
  const peakMib = Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  takers.kill();
  seed.process.kill("SIGTERM");
  await seed.process.exited;

  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no samples");
  const rateOf = (from: Taken, to: Taken) => (to.takenBytes - from.takenBytes) / ((to.ms - from.ms) / 1000);
  const rate = rateOf(first, last);
  const seconds = (last.ms - first.ms) / 1000;
  const worst = Math.max(...samples.slice(1).map((to, i) => Math.abs(rateOf(samples[i] ?? first, to) / rate - 1)));
  const perGib = cpu / ((last.takenBytes - first.takenBytes) / 2 ** 30);
  return (
    `${values.connections} connections: ${(rate / 1e6).toFixed(1)} MB/s, ${perGib.toFixed(2)} CPU s/GiB ` +
    `(${((100 * cpu) / seconds).toFixed(1)} % of a core), peak RSS ${peakMib.toFixed(0)} MiB, event loop p50 ` +
    `${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms, worst second ±${(100 * worst).toFixed(1)} %`
  );
}

try {
  for (let index = 0; index < Number(values.rounds); index++) console.log(await round(index));
} finally {
  rmSync(home, { recursive: true, force: true });
}
