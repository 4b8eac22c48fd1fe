/**
 * How fast the storage takes, checks and serves bytes. Run: node test/bench/storage.ts [FOLDER] [MEBIBYTES]
 *
 * "write": 256 KiB receive buffers with 16 blocks each, 13 bytes between them, hashed and written.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import type { Storage, StorageEvents } from "../../source/storage/storage.ts";

const folder = process.argv[2] ?? "/dev/shm";
const mebibytes = Number(process.argv[3] ?? 1024);
const blockLength = 16 * 1024;
const pieceLength = 256 * 1024;
const totalLength = mebibytes * 2 ** 20;
const geometry = new Geometry(pieceLength, totalLength);
const ports = { files: new NodeFileSystem(), hasher: new NodeHasher(), clock: new NodeClock() };

// A few different buffers, as a socket's receive buffer is refilled: the bytes of all pieces repeat every 1 MiB.
const source = new Uint8Array(2 ** 20);
const random = openSync("/dev/urandom", "r");
readSync(random, source, 0, source.length, 0);
closeSync(random);
const hashes = [0, 1, 2, 3].map((i) => ports.hasher.sha1(source.subarray(i * pieceLength, (i + 1) * pieceLength)));
const pieceHashes = new Uint8Array(20 * geometry.pieceCount);
for (let i = 0; i < geometry.pieceCount; i++) pieceHashes.set(hashes[i % 4] ?? new Uint8Array(20), 20 * i);

function torrent(fileLengths: readonly number[]): ConstructorParameters<typeof FileStorage>[1]["metainfo"] {
  let offset = 0;
  const files = fileLengths.map((length, i) => {
    const file = { path: ["bench", `${i}`], length, offset, isPadding: false };
    offset += length;
    return file;
  });
  return {
    infoHash: "0".repeat(40) as never,
    name: "bench",
    pieceLength,
    pieceCount: geometry.pieceCount,
    totalLength,
    pieceHashes,
    files,
    isPrivate: false,
    trackerTiers: [],
    webSeeds: [],
    nodes: [],
    comment: undefined,
    createdBy: undefined,
    creationDate: undefined,
    infoBytes: new Uint8Array(0),
  };
}

async function measure(name: string, bytes: number, action: () => Promise<void> | void): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perGib = (user + system) / 1e6 / (bytes / 2 ** 30);
  const rate = bytes / seconds / 1e6;
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `${name.padEnd(34)} ${rate.toFixed(0).padStart(5)} MB/s  ${perGib.toFixed(2)} CPU s/GiB  RSS ${memory} MiB`,
  );
}

/** @param order the blocks of the sixteen of a turn. */
function receive(storage: Storage, order: (turn: number) => readonly number[]): void {
  const gapped = Array.from({ length: 4 }, (_, i) => {
    const buffer = new Uint8Array(16 * (blockLength + 13));
    for (let block = 0; block < 16; block++) {
      buffer.set(
        source.subarray(i * pieceLength + block * blockLength, i * pieceLength + (block + 1) * blockLength),
        block * (blockLength + 13) + 13,
      );
    }
    return buffer;
  });
  for (let turn = 0; turn < geometry.pieceCount; turn++) {
    const buffer = gapped[turn & 3] ?? new Uint8Array(0);
    const piece = geometry.piece(turn);
    for (const block of order(turn)) {
      const at = block * (blockLength + 13) + 13;
      storage.writeBlock(piece, block * blockLength, buffer.subarray(at, at + blockLength));
    }
    storage.endOfTurn();
  }
}

const inOrder = Array.from({ length: 16 }, (_, i) => i);
const backwards = [...inOrder].reverse();
let right = 0;
const events: StorageEvents = {
  onPieceChecked: (_piece, isRight) => {
    if (isRight) right++;
  },
  onFailure: (error) => {
    throw error;
  },
  onRelieved: () => undefined,
};

/** The memory that a first run takes from the machine is given to it slowly: not ours to measure. */
async function warmUp(savePath: string): Promise<void> {
  const path = join(savePath, "warm-up");
  const file = await ports.files.open(path, "create");
  for (let at = 0; at < totalLength; at += source.length) file.writeSync([source], at);
  await file.close();
  rmSync(path);
}

async function run(name: string, fileLengths: readonly number[], order: (turn: number) => readonly number[]) {
  const savePath = mkdtempSync(join(folder, "bench-storage-"));
  await warmUp(savePath);
  const storage = new FileStorage(ports, { metainfo: torrent(fileLengths), savePath });
  try {
    await storage.open(events);
    right = 0;
    await measure(`write ${name}`, totalLength, () => receive(storage, order));
    if (right !== geometry.pieceCount) throw new Error(`${right} of ${geometry.pieceCount} pieces are right`);
    await storage.finish();
    await measure("  check", totalLength, async () => {
      const found = await storage.check(() => undefined, new AbortController().signal);
      if (!found.isFull) throw new Error("the check found wrong pieces");
    });
    for (const neighbours of [1, 8]) {
      await measure(
        `  read blocks, ${neighbours === 1 ? "1 neighbour" : "8 neighbours in step"}`,
        totalLength * Math.min(neighbours, 2),
        async () => {
          let done = 0;
          const serve = async (limit: number) => {
            for (let at = 0; at < limit; at++) {
              const result = storage.read(geometry.piece(at >> 4), (at & 15) * blockLength, blockLength);
              const bytes = result instanceof Promise ? await result : result;
              done += bytes.length;
            }
          };
          const blocks = Math.floor((totalLength / blockLength) * (neighbours === 1 ? 1 : 2 / neighbours));
          await Promise.all(Array.from({ length: neighbours }, () => serve(blocks)));
          if (done < totalLength) throw new Error("too little was read");
        },
      );
    }
  } finally {
    await storage.close();
    rmSync(savePath, { recursive: true, force: true });
  }
}

await run("in order, one file", [totalLength], () => inOrder);
await run("backwards, one file", [totalLength], () => backwards);
const odd = 999_983;
const many = Array.from({ length: Math.floor(totalLength / odd) }, () => odd);
many.push(totalLength - many.length * odd);
await run("in order, files of 1 MB", many, () => inOrder);
