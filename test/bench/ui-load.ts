/**
 * The full-screen UI under load: node test/bench/ui-load.ts [SECONDS] [VIEW…]; `node source/build.ts` comes first.
 *
 * A stand-in engine (load-engine.ts) shows 2,000 torrents, of which 2,000 rows change a second, and a swarm of 1,500
 * neighbours, of whom 300 come and 300 go a second. The program as shipped attaches to it on a PTY of 200×60. In each view
 * SECONDS (default 8) pass without a key, then SECONDS with a key every 20 … 70 ms. VIEW…: only those whose names begin so.
 *
 *   frames    that were drawn, a second, without keys
 *   late      how much longer than its 250 ms the worst wait for a frame was, without keys
 *   CPU, RSS  of the UI's process, without keys; and the CPU with them
 *   KB/s      written to the terminal, without keys
 *   key       from the key to the end of the first frame that begins after it (one in forty only brings data)
 *   gap       the longest wait for a frame while keys came
 *   (an empty Node)  the same of a program that only answers: what the terminal and the machine add to the others
 *   noise     how late a timer of 10 ms of this process was at worst: what the machine adds to the others
 *
 * NODE_ARGS is for the UI's process (`--cpu-prof`). A table in Markdown goes to standard output.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import type { LoadOptions } from "./load-target.ts";
import { type Frame, PtyRun, pause, percentile, processFigures } from "./pty-run.ts";

const program = join(import.meta.dirname, "../../dist/p2p-tui.js");
const seconds = Number(process.argv[2] ?? 8);
const wanted = process.argv.slice(3);
const load: LoadOptions = { torrents: 2000, changes: 2000, neighbours: 1500, churn: 300 };
const dataIntervalMs = 250;
/** Keys that take longer are told of. */
const slowMs = 50;

interface View {
  readonly name: string;
  /** From the view before. */
  readonly enter: readonly string[];
  /** Keys that are answered with a frame each, again and again. */
  readonly keys: readonly string[];
  readonly leave?: readonly string[];
}

const repeated = (key: string, times: number): readonly string[] => new Array<string>(times).fill(key);
const moving = [...repeated("j", 20), ...repeated("\x06", 3), ...repeated("k", 8), "G", ...repeated("k", 5), "g"];
const cellMoving = [...repeated("l", 12), ...repeated("j", 4), ...repeated("h", 6), "g"];
const scrolling = [...repeated("k", 10), ...repeated("\x02", 2), ...repeated("j", 5), "G"];
const typing = [..."debian", ...repeated("\x7f", 6), ..."state:se", ...repeated("\x7f", 8)];
/** Thirty folders. */
const movingALittle = [...repeated("j", 20), ...repeated("k", 20)];
const sorting = ["s", "s", "S"];
const switching = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

const views: readonly View[] = [
  { name: "list", enter: [], keys: moving },
  { name: "list by rate", enter: repeated("s", 4), keys: moving },
  { name: "list, sorting", enter: [], keys: sorting },
  { name: "list, filtering", enter: ["/"], keys: typing, leave: ["\x1b", "\x1b"] },
  { name: "swarm", enter: ["/", ..."never rests", "\r", "\r"], keys: moving },
  { name: "neighbours", enter: ["2"], keys: moving },
  { name: "neighbours, sorting", enter: [], keys: sorting },
  { name: "pieces", enter: ["3"], keys: cellMoving },
  { name: "files", enter: ["4"], keys: movingALittle },
  { name: "trackers", enter: ["5"], keys: ["j", "k"] },
  { name: "graphs", enter: ["6"], keys: ["m"] },
  { name: "ledger", enter: ["7"], keys: moving },
  { name: "why", enter: ["8"], keys: ["m"] },
  { name: "log", enter: ["9"], keys: scrolling },
  { name: "switching views", enter: [], keys: switching },
];

interface Figures {
  readonly view: string;
  readonly frames: number;
  readonly lateMs: number;
  readonly cpu: number;
  readonly kilobytes: number;
  readonly keyMs: readonly number[];
  readonly unanswered: number;
  readonly gapMs: number;
  readonly keysCpu: number;
  readonly engineCpu: number;
  readonly rssMib: number;
  readonly noiseMs: number;
}

class LoadRun {
  readonly #ui: PtyRun;
  readonly #enginePid: number;
  readonly #random = new SeededRandom(3);
  #frames: Frame[] = [];

  constructor(ui: PtyRun, enginePid: number) {
    this.#ui = ui;
    this.#enginePid = enginePid;
    ui.onFrame = (frame) => this.#frames.push(frame);
  }

  async measure(view: View): Promise<Figures> {
    for (const key of view.enter) {
      this.#ui.press(key);
      await pause(150);
    }
    await pause(1500);
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const rest = await this.#span(() => pause(seconds * 1000));
    const presses: Press[] = [];
    const busy = await this.#span(async () => {
      const endMs = performance.now() + seconds * 1000;
      for (let i = 0; performance.now() < endMs; i++) {
        const key = view.keys[i % view.keys.length] ?? "";
        presses.push({ key, ms: performance.now() });
        this.#ui.press(key);
        await pause(20 + randomBelow(this.#random, 50));
      }
    });
    await pause(500);
    const keyMs = this.#answered(view.name, presses);
    for (const key of view.leave ?? []) {
      this.#ui.press(key);
      await pause(150);
    }
    return {
      view: view.name,
      frames: rest.count / rest.seconds,
      lateMs: rest.gapMs - dataIntervalMs,
      cpu: rest.cpu,
      kilobytes: rest.bytes / 1000 / rest.seconds,
      keyMs,
      unanswered: presses.length - keyMs.length,
      gapMs: busy.gapMs,
      keysCpu: busy.cpu,
      engineCpu: rest.engineCpu,
      rssMib: processFigures(this.#ui.pid).rssMib,
      noiseMs: worstMs(delay),
    };
  }

  /** @returns ms until each was answered. */
  #answered(view: string, presses: readonly Press[]): readonly number[] {
    let next = 0;
    return presses.flatMap(({ key, ms }, i) => {
      while ((this.#frames[next]?.beginMs ?? Number.POSITIVE_INFINITY) < ms) next++;
      const frame = this.#frames[next];
      if (frame === undefined) return [];
      const took = frame.endMs - ms;
      if (took > slowMs) console.error(`${view}: ${JSON.stringify(key)} (${i}) took ${took.toFixed(0)} ms`);
      return [took];
    });
  }

  async #span(run: () => Promise<void>): Promise<Span> {
    this.#frames = [];
    const { bytes } = this.#ui;
    const before = processFigures(this.#ui.pid);
    const engineBefore = processFigures(this.#enginePid);
    const beginMs = performance.now();
    await run();
    const took = (performance.now() - beginMs) / 1000;
    let gapMs = 0;
    this.#frames.reduce((previous, { endMs }) => {
      gapMs = Math.max(gapMs, endMs - previous);
      return endMs;
    }, beginMs);
    return {
      seconds: took,
      count: this.#frames.length,
      bytes: this.#ui.bytes - bytes,
      gapMs,
      cpu: (100 * (processFigures(this.#ui.pid).cpuSeconds - before.cpuSeconds)) / took,
      engineCpu: (100 * (processFigures(this.#enginePid).cpuSeconds - engineBefore.cpuSeconds)) / took,
    };
  }
}

interface Press {
  readonly key: string;
  readonly ms: number;
}

interface Span {
  readonly seconds: number;
  readonly count: number;
  readonly bytes: number;
  readonly gapMs: number;
  readonly cpu: number;
  readonly engineCpu: number;
}

/** A program that does nothing but answer: what the terminal, the machine and this process add to the others. */
async function measureEmpty(enginePid: number): Promise<Figures> {
  const script =
    'let n = 0; const draw = () => process.stdout.write("\\x1b[?2026h" + n++ + "\\x1b[?2026l"); setInterval(draw, 250);' +
    'process.stdin.setRawMode(true).on("data", (keys) => (keys[0] === 3 ? process.exit() : draw()));';
  const empty = new PtyRun([process.execPath, "-e", script], { columns: 200, rows: 60, environment: {} });
  await empty.untilFrame(() => true);
  const figures = await new LoadRun(empty, enginePid).measure({ name: "(an empty Node)", enter: [], keys: ["j"] });
  empty.press("\x03");
  await empty.untilEnded();
  return figures;
}

function worstMs(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  delay.disable();
  return delay.max / 1e6 - 10;
}

const home = mkdtempSync(join(tmpdir(), "p2p-ui-load-"));
const profile = join(home, "profile");
mkdirSync(profile, { mode: 0o700 });
const environment = { HOME: home, XDG_RUNTIME_DIR: home };
const engine = spawn(process.execPath, [join(import.meta.dirname, "load-engine.ts"), profile, JSON.stringify(load)], {
  stdio: ["pipe", "pipe", "inherit"],
  env: { ...process.env, ...environment },
});
await once(engine.stdout, "data");
const nodeArguments = (process.env["NODE_ARGS"] ?? "").split(" ").filter(Boolean);
const ui = new PtyRun([process.execPath, ...nodeArguments, program, "--profile", profile], {
  columns: 200,
  rows: 60,
  environment,
});
const first = await ui.untilFrame(({ bytes }) => bytes.includes("the swarm that never rests"));
console.error(`the list is there after ${Math.round(first.endMs - ui.startedMs)} ms`);
const run = new LoadRun(ui, engine.pid ?? 0);
const yardstick = await measureEmpty(engine.pid ?? 0);
const all: Figures[] = [];
for (const view of views) {
  if (wanted.length > 0 && !wanted.some((name) => view.name.startsWith(name))) {
    // Still gone through: the next begins where it ends.
    for (const key of [...view.enter, ...(view.leave ?? [])]) {
      ui.press(key);
      await pause(150);
    }
    continue;
  }
  all.push(await run.measure(view));
  console.error(`${view.name} is measured`);
}
ui.press("\x03");
await ui.untilEnded();
engine.stdin.end();
rmSync(home, { recursive: true, force: true });

console.log(
  "| view | frames/s | late ms | CPU % | RSS MiB | KB/s | keys | key p50 | p99 | max | gap ms | CPU % with keys | engine CPU % | noise ms |",
);
console.log(`| --- |${" --: |".repeat(13)}`);
const row = (one: Figures): void => {
  const cells = [
    one.frames.toFixed(1),
    one.lateMs.toFixed(0),
    one.cpu.toFixed(1),
    one.rssMib.toFixed(0),
    one.kilobytes.toFixed(0),
    `${one.keyMs.length}${one.unanswered > 0 ? ` (${one.unanswered} without answer)` : ""}`,
    percentile(one.keyMs, 0.5).toFixed(1),
    percentile(one.keyMs, 0.99).toFixed(1),
    percentile(one.keyMs, 1).toFixed(1),
    one.gapMs.toFixed(0),
    one.keysCpu.toFixed(1),
    one.engineCpu.toFixed(1),
    one.noiseMs.toFixed(0),
  ];
  console.log(`| ${[one.view, ...cells].join(" | ")} |`);
};
row(yardstick);
for (const one of all) row(one);
const worst = (of: (one: Figures) => number): number => Math.max(...all.map(of));
row({
  view: "**all**",
  frames: Math.min(...all.map(({ frames }) => frames)),
  lateMs: worst(({ lateMs }) => lateMs),
  cpu: worst(({ cpu }) => cpu),
  kilobytes: worst(({ kilobytes }) => kilobytes),
  keyMs: all.flatMap(({ keyMs }) => keyMs),
  unanswered: all.reduce((sum, { unanswered }) => sum + unanswered, 0),
  gapMs: worst(({ gapMs }) => gapMs),
  keysCpu: worst(({ keysCpu }) => keysCpu),
  engineCpu: worst(({ engineCpu }) => engineCpu),
  rssMib: worst(({ rssMib }) => rssMib),
  noiseMs: worst(({ noiseMs }) => noiseMs),
});
console.log(`\nload average ${loadavg()[0]?.toFixed(1)}`);
