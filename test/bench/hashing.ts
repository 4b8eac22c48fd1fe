/**
 * Checking and creating, on one core and on all: `node test/bench/hashing.ts [MiB] [KiB of a piece] [folder]`, default 1024, 256 and
 * /dev/shm. Prints for each MB/s, processor seconds for each GiB, and how late the event loop is meanwhile.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { WorkerHashing } from "../../source/platform/worker-hashing.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { GeneratedContent } from "../../source/storage/generated-content.ts";

const mebi = 1024 * 1024;
const lengthMib = Number(process.argv[2] ?? 1024);
const pieceLength = Number(process.argv[3] ?? 256) * 1024;
const root = mkdtempSync(join(process.argv[4] ?? "/dev/shm", "hashing-"));
const path = join(root, "content");
const world = { files: new NodeFileSystem(), hasher: new NodeHasher(), clock: new NodeClock() };
const cores = availableParallelism();

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const [fromMs, from] = [performance.now(), process.cpuUsage()];
  await work();
  const [seconds, used] = [(performance.now() - fromMs) / 1000, process.cpuUsage(from)];
  delays.disable();
  const rate = ((lengthMib * mebi) / 1e6 / seconds).toFixed(0);
  const cpu = ((used.user + used.system) / 1e6 / (lengthMib / 1024)).toFixed(2);
  const late = `p99 ${(delays.percentile(99) / 1e6).toFixed(1)}, max ${(delays.max / 1e6).toFixed(1)} ms`;
  console.log(`${name.padEnd(24)} ${rate.padStart(5)} MB/s  ${cpu} CPU s/GiB  event loop late ${late}`);
}

try {
  const content = new GeneratedContent(1, lengthMib * mebi);
  const part = new Uint8Array(mebi);
  const file = openSync(path, "w");
  for (let i = 0; i < lengthMib; i++) {
    content.fill(i * mebi, part);
    writeSync(file, part);
  }
  closeSync(file);
  console.log(`${lengthMib} MiB in pieces of ${pieceLength / 1024} KiB, ${cores} cores`);
  const pieceHashing = new WorkerHashing(Math.max(2, cores));
  let bytes: Uint8Array = new Uint8Array(0);
  for (const [name, ports] of [
    ["on one core", world],
    [`in ${pieceHashing.width} threads`, { ...world, pieceHashing }],
  ] as const) {
    await measure(`create ${name}`, async () => {
      bytes = await createMetainfo(ports, { path, trackers: [], pieceLength });
    });
    const metainfo = parseMetainfo(bytes, world.hasher);
    const storage = new FileStorage(ports, { metainfo, savePath: root });
    await storage.open({ onPieceChecked: () => {}, onFailure: () => {}, onRelieved: () => {} });
    await measure(`check ${name}`, async () => {
      const right = await storage.check(() => {}, new AbortController().signal);
      if (!right.isFull) throw new Error("not all of it is right");
    });
    await storage.close();
  }
} finally {
  rmSync(root, { recursive: true });
}
