/**
 * How soon the full-screen UI is there: node test/bench/ui-start.ts [ROUNDS] [TORRENTS]; `node source/build.ts` comes first.
 *
 * On a PTY of 200×60, from the start of the shell that starts it, by turns, ROUNDS (default 15) each:
 *
 *   node         an empty Node that writes one frame: what nothing of ours can be faster than
 *   cold         the program without an engine: its first frame; and the list (`ready`), which needs the engine to be up
 *   re-attach    the program with an engine that runs, of TORRENTS (default 20): its first frame; and the list
 *
 * Printed: medians, and the fastest and the slowest; and the medians of the CPU time until then, which does not depend on what
 * else the machine does. The code that was compiled is kept by then, as after any first start.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { bootId } from "../../source/platform/boot-id.ts";
import { programArguments } from "../support/clients/program.ts";
import { startEngine, stopEngine } from "./engine-process.ts";
import { makeManyProfile } from "./many-profile.ts";
import { PtyRun, pause, percentile, processFigures } from "./pty-run.ts";

const rounds = Number(process.argv[2] ?? 15);
const torrents = Number(process.argv[3] ?? 20);
const home = mkdtempSync(join(tmpdir(), "p2p-ui-start-"));
process.env["XDG_RUNTIME_DIR"] = home;
const environment = { HOME: home, XDG_RUNTIME_DIR: home };
const nothing = `process.stdout.write("\\x1b[?2026hnothing\\x1b[?2026l");setTimeout(() => {}, 300)`;

interface Start {
  readonly firstMs: number;
  readonly readyMs: number;
  /** Of a core, that the process has used until then. */
  readonly cpuMs: number;
}

/** @param ready what is on the screen when the list is there. */
async function start(command: readonly string[], ready: RegExp): Promise<Start> {
  const run = new PtyRun(command, { columns: 200, rows: 60, environment });
  let firstMs = Number.NaN;
  run.onFrame = ({ endMs }) => {
    if (Number.isNaN(firstMs)) firstMs = endMs - run.startedMs;
  };
  const { endMs } = await run.untilFrame(({ bytes }) => ready.test(bytes));
  const readyMs = endMs - run.startedMs;
  // An empty Node is gone by now.
  const cpuMs = existsSync(`/proc/${run.pid}/stat`) ? 1000 * processFigures(run.pid).cpuSeconds : 0;
  run.press("\x03");
  await run.untilEnded();
  return { firstMs, readyMs, cpuMs };
}

const profile = join(home, "many");
const { profile: manyProfile } = makeManyProfile({
  folder: profile,
  count: torrents,
  trackerPort: 9,
  bootId: bootId(),
});
const engine = await startEngine(manyProfile);
const cold = async (): Promise<Start> => {
  const fresh = mkdtempSync(join(home, "fresh-"));
  mkdirSync(join(fresh, "profile"), { mode: 0o700 });
  return start(
    programArguments(["--profile", join(fresh, "profile"), "--bind", "127.0.0.1", "--port", "0"]),
    /No torrents yet/,
  );
};
const attach = (): Promise<Start> => start(programArguments(["--profile", manyProfile]), /seeding/);
const empty = (): Promise<Start> => start([process.execPath, "-e", nothing], /nothing/);

await cold();
await attach();
const all: { readonly empty: Start; readonly cold: Start; readonly attach: Start }[] = [];
for (let round = 0; round < rounds; round++) {
  all.push({ empty: await empty(), cold: await cold(), attach: await attach() });
  await pause(100);
}
await stopEngine(engine);
rmSync(home, { recursive: true, force: true });

console.log("| start | median ms | fastest | slowest | CPU ms |");
console.log("| --- | --: | --: | --: | --: |");
type Round = (typeof all)[number];
const row = (name: string, ms: (round: Round) => number, cpuMs?: (round: Round) => number): void => {
  const values = all.map(ms);
  const cells = [percentile(values, 0.5), Math.min(...values), Math.max(...values)].map((each) => each.toFixed(0));
  const cpu = cpuMs === undefined ? "" : percentile(all.map(cpuMs), 0.5).toFixed(0);
  console.log(`| ${[name, ...cells, cpu].join(" | ")} |`);
};
row("node", ({ empty: one }) => one.readyMs);
row("cold: first frame", ({ cold: one }) => one.firstMs);
row(
  "cold: ready",
  ({ cold: one }) => one.readyMs,
  ({ cold: one }) => one.cpuMs,
);
row("re-attach: first frame", ({ attach: one }) => one.firstMs);
row(
  "re-attach: list",
  ({ attach: one }) => one.readyMs,
  ({ attach: one }) => one.cpuMs,
);
console.log(`\nload average ${loadavg()[0]?.toFixed(1)}`);
process.exit(0);
