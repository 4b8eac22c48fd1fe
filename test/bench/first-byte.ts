/**
 * How soon after the start of the program the first byte is there: node test/bench/first-byte.ts [--rounds 15] [--mib 1] [--from raw|ours]
 * [--build PATH]... [--finders]; `node source/build.ts` comes first.
 *
 * `get` as shipped, without a terminal, of a torrent whose tracker answers at once and names one seed, both on loopback: in a home that is
 * new each time, and in one that has seen downloads before, both in the temporary directory: on a disk, where that is on one. Several builds (`--build`: paths of a `p2p-tui.js`) are run by turns, after one
 * run of each that does not count: what was compiled is kept by then. The seed costs next to nothing and unchokes at once
 * (serving-seed.ts), or is our own. What passes between it and the program is watched by a relay in this process; nothing is added to
 * the program.
 *
 * Printed: milliseconds from the start of the process, medians, with the fastest and the slowest, of
 *
 *   node       an empty Node has said something: what nothing of ours can be faster than
 *   engine     the program says that it listens, or where it begins, whichever is first: modules are loaded
 *   announced  the tracker is asked
 *   dialled    somebody connects to the seed
 *   shook      its handshake is there
 *   unchoked   the seed has unchoked it
 *   requested  the first request is at the seed
 *   block      the first block is on its way back
 *   complete   the program says that all of it is there: written, verified and remembered
 *
 * The DHT and local discovery are off, as in all tests. With `--finders` they are on: only where nothing gets out,
 * `unshare -rn sh -c 'ip link set lo up; node test/bench/first-byte.ts --finders'`.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { handshakeLength } from "../../source/wire/handshake.ts";
import { messageId, readUint32 } from "../../source/wire/messages.ts";
import { ManagedProcess } from "../support/clients/managed-process.ts";
import { binPath, ProgramRun } from "../support/clients/program.ts";
import { type BenchTorrent, makeBenchTorrent, ServingSeed } from "./bench-torrent.ts";
import { endsWithUs, percentile } from "./pty-run.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    mib: { type: "string", default: "1" },
    from: { type: "string", default: "raw" },
    build: { type: "string", multiple: true, default: [binPath] },
    finders: { type: "boolean", default: false },
  },
});
if (!values.finders) Object.assign(process.env, { P2P_TUI_DHT: "off", P2P_TUI_LSD: "off" });

const stages = ["engine", "announced", "dialled", "shook", "unchoked", "requested", "block", "complete"] as const;
type Stage = (typeof stages)[number];

/** When each stage of the present run was first seen. */
let seen = new Map<Stage, number>();
function see(stage: Stage): void {
  if (!seen.has(stage)) seen.set(stage, performance.now());
}

/** Tells of the messages of one direction, by their ids, when their first bytes have passed. */
class Passing {
  readonly #onHandshake: () => void;
  readonly #onMessage: (id: number) => void;
  #bytes = Buffer.alloc(0);
  #isShaken = false;
  /** Of the message under way, still to pass. */
  #rest = 0;

  constructor(onHandshake: () => void, onMessage: (id: number) => void) {
    this.#onHandshake = onHandshake;
    this.#onMessage = onMessage;
  }

  take(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#isShaken) {
      if (this.#bytes.length < handshakeLength) return;
      this.#isShaken = true;
      this.#rest = handshakeLength;
      this.#onHandshake();
    }
    for (;;) {
      const passed = Math.min(this.#rest, this.#bytes.length);
      this.#rest -= passed;
      this.#bytes = this.#bytes.subarray(passed);
      if (this.#rest > 0 || this.#bytes.length < 5) return;
      const length = readUint32(this.#bytes, 0);
      if (length > 0) this.#onMessage(this.#bytes[4] ?? 0);
      this.#rest = 4 + length;
    }
  }
}

/** Between the program and the seed at that port. */
function relayTo(seedPort: number): net.Server {
  return net.createServer({ noDelay: true }, (leech) => {
    see("dialled");
    const seed = net.connect({ port: seedPort, host: "127.0.0.1", noDelay: true });
    const up = new Passing(
      () => see("shook"),
      (id) => id === messageId.request && see("requested"),
    );
    const down = new Passing(
      () => {},
      (id) => {
        if (id === messageId.unchoke) see("unchoked");
        if (id === messageId.piece) see("block");
      },
    );
    for (const [from, to, passing] of [
      [leech, seed, up],
      [seed, leech, down],
    ] as const) {
      from.on("data", (bytes) => {
        passing.take(bytes);
        to.write(bytes);
      });
      from.on("close", () => to.destroy());
      from.on("error", () => {});
    }
  });
}

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

let relayPort = 0;
const tracker = createServer((_, response) => {
  see("announced");
  const peer = Buffer.from([127, 0, 0, 1, relayPort >> 8, relayPort & 0xff]);
  response.end(Buffer.concat([Buffer.from("d8:intervali1800e5:peers6:"), peer, Buffer.from("e")]));
});

/** Our own: it writes its profile when it ends. */
let ownSeed: ManagedProcess | undefined;
const torrent = makeBenchTorrent(Number(values.mib), 256 * 1024, `http://127.0.0.1:${await listen(tracker)}/announce`);
relayPort = await listen(relayTo(await seedPort(torrent)));

async function seedPort(from: BenchTorrent): Promise<number> {
  if (values.from === "raw") return await new ServingSeed(from).port;
  const args = ["seed", from.torrentPath, "--dir", from.home, "--profile", join(from.home, "seed")];
  const seed = new ProgramRun([...args, "--bind", "127.0.0.1", "--port", "0", "--json"]);
  ownSeed = seed.process;
  process.once("exit", () => seed.process.kill("SIGTERM"));
  await seed.until("seeding");
  return Number((await seed.until("listening"))["port"]);
}

type Figures = ReadonlyMap<Stage, number>;

/** @param home of the user, made if need be. */
async function firstByte(build: string, home: string): Promise<Figures> {
  const directory = mkdtempSync(join(torrent.home, "got-"));
  const runtime = join(home, "run");
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  seen = new Map();
  const args = ["get", torrent.torrentPath, "--dir", directory, "--bind", "127.0.0.1", "--port", "0", "--json"];
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: "", XDG_CONFIG_HOME: "", XDG_CACHE_HOME: "" };
  const beganMs = performance.now();
  const run = new ManagedProcess("p2p-tui get", process.execPath, [build, ...args], {
    env,
    onLine: (line) => {
      see("engine");
      if (line.includes('"complete"')) see("complete");
    },
  });
  const code = await run.exited;
  const missing = stages.filter((stage) => !seen.has(stage));
  if (code !== 0 || missing.length > 0) throw new Error(`it ended with ${code} without ${missing}: ${run.logTail}`);
  rmSync(directory, { recursive: true });
  return new Map([...seen].map(([stage, ms]) => [stage, ms - beganMs]));
}

/** @returns milliseconds until an empty Node has said something. */
async function emptyNode(): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, ["-e", "process.stdout.write('.')"], { stdio: ["ignore", "pipe", "ignore"] });
  endsWithUs(child);
  await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  const ms = performance.now() - beganMs;
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  return ms;
}

const homes = mkdtempSync(join(tmpdir(), "p2p-first-byte-"));
process.once("exit", () => rmSync(homes, { recursive: true, force: true }));
const usedHome = join(homes, "used");
const runs = values.build.flatMap((build) =>
  [false, true].map((isFresh) => ({ build, isFresh, all: [] as Figures[] })),
);
const nodes: number[] = [];
for (const build of values.build) await firstByte(build, usedHome);
for (let round = 0; round < Number(values.rounds); round++) {
  nodes.push(await emptyNode());
  for (const { build, isFresh, all } of runs) {
    const home = isFresh ? mkdtempSync(join(homes, "fresh-")) : usedHome;
    all.push(await firstByte(build, home));
    if (isFresh) rmSync(home, { recursive: true });
  }
}

const cell = (all: readonly number[]): string =>
  `${percentile(all, 0.5).toFixed(0)} (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)})`;
console.log(`${values.rounds} rounds, ms from the start: median (fastest–slowest); from ${values.from}\n`);
console.log(`| build | home | node | ${stages.join(" | ")} |`);
console.log(`| --- | --- | --: | ${stages.map(() => "--:").join(" | ")} |`);
for (const { build, isFresh, all } of runs) {
  const cells = stages.map((stage) => cell(all.map((figures) => figures.get(stage) ?? Number.NaN)));
  console.log(`| ${[build, isFresh ? "new" : "used", cell(nodes), ...cells].join(" | ")} |`);
}
await ownSeed?.stop();
process.exit();
