/** Checking and creating on all cores: as on one. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { codeOf } from "../../source/base/errors.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { WorkerHashing } from "../../source/platform/worker-hashing.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { RecordedEvents } from "./compliance.ts";
import { makeTorrent } from "./torrents.ts";

const mebi = 1024 * 1024;
const world = { files: new NodeFileSystem(), hasher: new NodeHasher(), clock: new NodeClock() };
const threads = { ...world, pieceHashing: new WorkerHashing(2, { idleMs: 1 }) };
/** More than is hashed without threads. */
const torrent = makeTorrent(mebi, [
  { path: ["t", "one"], length: 30 * mebi + 5 },
  { path: ["t", "padding"], length: 2 * mebi, isPadding: true },
  { path: ["t", "deep", "two"], length: 40 * mebi - 9 },
  { path: ["t", "empty"], length: 0 },
]);
const pieceCount = torrent.geometry.pieceCount;
let root = "";
const pathOf = (name: string) => join(root, "t", name);

beforeAll(() => {
  root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "threads-"));
  for (const file of torrent.metainfo.files) {
    if (file.isPadding) continue;
    const path = join(root, ...file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, torrent.bytes.subarray(file.offset, file.offset + file.length));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function check(
  onProgress: (checkedPieces: number) => void = () => {},
  signal = new AbortController().signal,
  only?: Bitfield,
): Promise<Bitfield> {
  const storage = new FileStorage(threads, { metainfo: torrent.metainfo, savePath: root });
  try {
    await storage.open(new RecordedEvents());
    return await storage.check((progress) => onProgress(progress.checkedPieces), signal, only);
  } finally {
    await storage.close();
  }
}

const wrongOf = (right: Bitfield) => [...Array(pieceCount).keys()].filter((piece) => !right.has(piece));

it("finds all pieces right, and tells how far it is", async () => {
  const told: number[] = [];
  expect((await check((checked) => told.push(checked))).isFull).toBe(true);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.length).toBeGreaterThan(10);
  expect([told[0], told.at(-1)]).toEqual([0, pieceCount]);
});

it("finds what is wrong, cut or missing, and nothing else", async () => {
  const two = pathOf("deep/two");
  const bytes = readFileSync(two);
  const spoilt = Uint8Array.from(bytes);
  spoilt[10 * mebi] = (spoilt[10 * mebi] ?? 0) ^ 1;
  writeFileSync(two, spoilt.subarray(0, 39 * mebi));
  const spoiltPiece = 42;
  expect(wrongOf(await check())).toEqual([spoiltPiece, 71]);
  truncateSync(two, 0);
  expect(wrongOf(await check()).at(0)).toBe(32);
  writeFileSync(two, bytes);
  const only = Bitfield.full(pieceCount);
  only.clear(3);
  expect(wrongOf(await check(undefined, undefined, only))).toEqual([3]);
});

it("stops in the middle", async () => {
  const stop = new AbortController();
  const checking = check((checked) => {
    if (checked > 8) stop.abort(new Error("enough"));
  }, stop.signal);
  await expect(checking).rejects.toThrow("enough");
});

it("reads through no link to a file or a folder", async () => {
  const outside = pathOf("../outside");
  mkdirSync(outside);
  const [deep, kept] = [pathOf("deep"), pathOf("kept")];
  await world.files.rename(deep, kept);
  symlinkSync(kept, deep);
  expect(codeOf(await check().catch((error: unknown) => error))).toBe("unsafe-path");
  rmSync(deep);
  mkdirSync(deep);
  symlinkSync(join(kept, "two"), join(deep, "two"));
  // What a link's own length is too short for is not there.
  expect(wrongOf(await check()).at(0)).toBe(32);
  rmSync(deep, { recursive: true });
  await world.files.rename(kept, deep);
});

it("creates the same torrent as one thread, and notices what changes meanwhile", async () => {
  const options = { path: join(root, "t"), trackers: [], pieceLength: 512 * 1024 };
  const clock = new VirtualClock();
  const told: number[] = [];
  const made = await createMetainfo(
    { ...threads, clock },
    { ...options, onProgress: (now) => told.push(now.hashedLength) },
  );
  expect(Buffer.from(made)).toEqual(Buffer.from(await createMetainfo({ ...world, clock }, options)));
  expect(told.at(-1)).toBe(70 * mebi - 4);
  let isTouched = false;
  const changing = createMetainfo(threads, {
    ...options,
    onProgress: () => {
      if (isTouched) return;
      isTouched = true;
      truncateSync(pathOf("one"), 100);
    },
  });
  expect(codeOf(await changing.catch((error: unknown) => error))).toBe("changed");
  const stop = new AbortController();
  const cancelled = createMetainfo(threads, { ...options, signal: stop.signal, onProgress: () => stop.abort() });
  expect(codeOf(await cancelled.catch((error: unknown) => error))).toBe("cancelled");
});
