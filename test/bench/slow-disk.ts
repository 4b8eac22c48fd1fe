/**
 * What a disk that is slower than the line does to the event loop: `node test/bench/slow-disk.ts [MB/s of the line] [MB/s of the
 * disk]`, default 40 and 20, for ten seconds. The disk is a model: a cache of 8 MiB, and when that is full a writer sleeps until there
 * is room, as Linux has it. Prints the event loop's delay with writes at once (a clock that stands still: no write seems to be held
 * up) and with those that the storage chooses.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { FileSystem, OpenFile } from "../../source/ports/file-system.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { makeTorrent } from "../storage/torrents.ts";

const [lineRate, diskRate] = [Number(process.argv[2] ?? 40) * 1e6, Number(process.argv[3] ?? 20) * 1e6];
const seconds = 10;
const cacheBytes = 8 * 1024 * 1024;
const turnBytes = 128 * 1024;
/** A writer sleeps until the cache has fallen to this share, and no longer than Linux lets it at once. */
const restartShare = 3 / 4;
const pauseMsMax = 200;

class ModelDisk {
  #unwritten = 0;
  #sinceMs = performance.now();

  /** @returns how long a writer of so many bytes has to sleep. */
  take(bytes: number): number {
    const nowMs = performance.now();
    this.#unwritten = Math.max(0, this.#unwritten - ((nowMs - this.#sinceMs) * diskRate) / 1000);
    this.#sinceMs = nowMs;
    this.#unwritten += bytes;
    if (this.#unwritten <= cacheBytes) return 0;
    return Math.min(pauseMsMax, ((this.#unwritten - cacheBytes * restartShare) / diskRate) * 1000);
  }
}

const lengthOf = (buffers: readonly Uint8Array[]) => buffers.reduce((sum, { length }) => sum + length, 0);

function slowed(files: NodeFileSystem, disk: ModelDisk): FileSystem {
  const slow = (file: OpenFile): OpenFile => ({
    writeSync: (buffers, position) => {
      const ms = disk.take(lengthOf(buffers));
      if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      file.writeSync(buffers, position);
    },
    write: async (buffers, position) => {
      await sleep(disk.take(lengthOf(buffers)));
      await file.write(buffers, position);
    },
    readSync: (into, position) => file.readSync(into, position),
    read: (into, position) => file.read(into, position),
    stat: () => file.stat(),
    truncate: (length) => file.truncate(length),
    reserve: (length, signal) => file.reserve(length, signal),
    trimSync: () => file.trimSync(),
    sync: () => file.sync(),
    close: () => file.close(),
  });
  return Object.assign(Object.create(files) as FileSystem, {
    openSync: (path: string, mode: "read" | "write" | "create") => slow(files.openSync(path, mode)),
  });
}

async function run(name: string, isStill: boolean): Promise<void> {
  const root = mkdtempSync("/dev/shm/slow-disk-");
  const pieceLength = 1024 * 1024;
  const torrent = makeTorrent(pieceLength, [{ length: Math.ceil((lineRate * seconds) / pieceLength) * pieceLength }]);
  const real = new NodeClock();
  const clock = isStill
    ? { nowMs: () => 0, wallMs: () => 0, localMinutes: real.localMinutes, after: real.after.bind(real) }
    : real;
  const files = slowed(new NodeFileSystem(), new ModelDisk());
  const storage = new FileStorage(
    { files, clock, hasher: new NodeHasher() },
    { metainfo: torrent.metainfo, savePath: join(root, "save") },
  );
  let relieved = () => {};
  let right = 0;
  await storage.open({
    onPieceChecked: (_, isRight) => {
      if (isRight) right++;
    },
    onFailure: (error) => console.error(error),
    onRelieved: () => relieved(),
  });
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const begunMs = performance.now();
  let at = 0;
  while (performance.now() - begunMs < seconds * 1000 && at < torrent.bytes.length) {
    if (storage.isCongested)
      await new Promise<void>((resolve) => {
        relieved = resolve;
      });
    const dueMs = begunMs + (at / lineRate) * 1000;
    await sleep(Math.max(0, dueMs - performance.now()));
    const piece = torrent.geometry.piece(Math.floor(at / pieceLength));
    storage.writeBlock(piece, at % pieceLength, torrent.bytes.subarray(at, at + turnBytes));
    storage.endOfTurn();
    at += turnBytes;
  }
  delays.disable();
  const rate = at / 1e6 / ((performance.now() - begunMs) / 1000);
  const [p50, p99, max] = [delays.percentile(50), delays.percentile(99), delays.max].map((ns) => (ns / 1e6).toFixed(1));
  console.log(
    `${name}: ${rate.toFixed(1)} MB/s taken, ${right} pieces, event loop late p50 ${p50}, p99 ${p99}, max ${max} ms`,
  );
  await storage.close();
  rmSync(root, { recursive: true });
}

console.log(`line ${lineRate / 1e6} MB/s, disk ${diskRate / 1e6} MB/s`);
await run("at once", true);
await run("as the storage chooses", false);
