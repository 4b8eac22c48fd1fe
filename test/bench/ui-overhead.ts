/**
 * What the full-screen UI takes from the engine: node test/bench/ui-overhead.ts [ROUNDS] [MIB] [KEYS]; `node source/build.ts`
 * comes first.
 *
 * An engine as shipped downloads MIB (default 1024) over loopback from a seed as shipped, by turns alone and with the UI on a
 * PTY of 200×60 that shows the torrent's view of KEYS (default 1, the swarm), ROUNDS (default 5) of each, every time a new
 * engine. The content is in memory (/dev/shm, where that is). Printed: CPU seconds of the engine's process for each GiB, and
 * the median of those with the UI as a part of the median of those without.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { isAddResult } from "../../source/control/protocol.ts";
import { ProgramRun, programArguments } from "../support/clients/program.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { connectTo, startEngine, stopEngine } from "./engine-process.ts";
import { PtyRun, pause, percentile, processFigures } from "./pty-run.ts";

const rounds = Number(process.argv[2] ?? 5);
const mib = Number(process.argv[3] ?? 1024);
const keys = process.argv[4] ?? "1";
const home = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "p2p-ui-overhead-"));
process.env["XDG_RUNTIME_DIR"] = home;
const torrentPath = join(home, "content.torrent");

const payload = writePayload(join(home, "seed"), singleFile("content", mib * 2 ** 20), "overhead");
const [node, ...create] = programArguments(["create", join(payload.parent, "content"), "-o", torrentPath]);
execFileSync(node, [...create, "--piece-length", "262144"]);
const place = ["--dir", payload.parent, "--profile", join(home, "seed-profile")];
const seed = new ProgramRun(["seed", torrentPath, ...place, "--bind", "127.0.0.1", "--port", "0", "--json"]);
const seedPort = Number((await seed.until("listening"))["port"]);
await seed.until("seeding");

interface Figures {
  readonly cpuPerGib: number;
  readonly seconds: number;
  readonly uiFrames: number;
}

async function download(withUi: boolean): Promise<Figures> {
  const folder = mkdtempSync(join(home, "run-"));
  const profile = join(folder, "profile");
  mkdirSync(profile, { mode: 0o700 });
  const engine = await startEngine(profile);
  const client = await connectTo(profile);
  const metainfo = readFileSync(torrentPath).toString("base64");
  const peers = [`127.0.0.1:${seedPort}`];
  const added = await client.request({
    name: "add",
    metainfo,
    savePath: folder,
    isPaused: true,
    peers,
    mustCheck: false,
  });
  if (!isAddResult(added)) throw new Error("not added");
  const ui = withUi ? await openUi(profile) : undefined;
  let uiFrames = 0;
  if (ui !== undefined) ui.onFrame = () => uiFrames++;
  await pause(1000);
  const before = processFigures(engine.pid ?? 0).cpuSeconds;
  const beginMs = performance.now();
  uiFrames = 0;
  const complete = completion(client);
  await client.request({ name: "resume", infoHash: added.infoHash });
  await complete;
  const seconds = (performance.now() - beginMs) / 1000;
  await pause(300);
  const cpuSeconds = processFigures(engine.pid ?? 0).cpuSeconds - before;
  client.close();
  ui?.press("\x03");
  await ui?.untilEnded();
  await stopEngine(engine);
  rmSync(folder, { recursive: true, force: true });
  return { cpuPerGib: (cpuSeconds * 1024) / mib, seconds, uiFrames };
}

async function openUi(profile: string): Promise<PtyRun> {
  const environment = { HOME: home, XDG_RUNTIME_DIR: home };
  const ui = new PtyRun(programArguments(["--profile", profile]), { columns: 200, rows: 60, environment });
  await ui.untilFrame(({ bytes }) => bytes.includes("content"));
  ui.press("\r");
  await ui.untilFrame(({ bytes }) => bytes.includes("Neighbours"));
  for (const key of keys) {
    await pause(300);
    ui.press(key);
  }
  return ui;
}

function completion(client: EngineClient): Promise<void> {
  return new Promise((resolve) => {
    client.onNotice((notice) => {
      if (notice.kind === "complete") resolve();
    });
  });
}

const alone: Figures[] = [];
const watched: Figures[] = [];
await download(false);
console.log("| round | alone: CPU s/GiB | MiB/s | with the UI: CPU s/GiB | MiB/s | frames |");
console.log("| --: | --: | --: | --: | --: | --: |");
for (let round = 1; round <= rounds; round++) {
  const one = await download(false);
  const other = await download(true);
  alone.push(one);
  watched.push(other);
  const cells = [round, one.cpuPerGib.toFixed(2), (mib / one.seconds).toFixed(0)];
  console.log(
    `| ${[...cells, other.cpuPerGib.toFixed(2), (mib / other.seconds).toFixed(0), other.uiFrames].join(" | ")} |`,
  );
}
const median = (all: readonly Figures[]): number =>
  percentile(
    all.map(({ cpuPerGib }) => cpuPerGib),
    0.5,
  );
const [without, withUi] = [median(alone), median(watched)];
console.log(
  `\nmedians ${without.toFixed(2)} and ${withUi.toFixed(2)} CPU s/GiB: ${(withUi / without).toFixed(3)} × as much`,
);
console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
await seed.process.stop();
rmSync(home, { recursive: true, force: true });
process.exit(0);
