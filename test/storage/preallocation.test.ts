/** Space that is taken in advance, also while blocks come. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { RecordedEvents } from "./compliance.ts";
import { SlowFileSystem } from "./slow-file-system.ts";
import { makeTorrent, type Slice, slicesOf, spanOf, type Torrent } from "./torrents.ts";

const mebi = 1024 * 1024;
let root = "";
let savePath = "";
let node = new NodeFileSystem();
let disk = new SlowFileSystem(node, new NodeClock());
let opened: FileStorage[] = [];
beforeEach(() => {
  root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "preallocation-"));
  savePath = join(root, "save");
  node = new NodeFileSystem();
  disk = new SlowFileSystem(node, new NodeClock());
  disk.writeMs = 0;
  opened = [];
});
afterEach(async () => {
  disk.saboteur = () => undefined;
  disk.hold = () => Promise.resolve();
  for (const storage of opened) await storage.close();
  expect(disk.openCount).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

async function open(torrent: Torrent): Promise<{ readonly storage: FileStorage; readonly events: RecordedEvents }> {
  const ports = { files: disk, hasher: new NodeHasher(), clock: disk.clock };
  const storage = new FileStorage(ports, { metainfo: torrent.metainfo, savePath, preallocation: "full" });
  opened.push(storage);
  const events = new RecordedEvents();
  await storage.open(events);
  return { storage, events };
}

/** The first later write waits until it is let go; resolves when it waits. */
function holdOneWrite(): { readonly isHeld: Promise<void>; readonly letGo: () => void } {
  const held = Promise.withResolvers<void>();
  const freed = Promise.withResolvers<void>();
  disk.hold = () => {
    disk.hold = () => Promise.resolve();
    held.resolve();
    return freed.promise;
  };
  return { isHeld: held.promise, letGo: freed.resolve };
}

const all = ({ metainfo }: Torrent) => Bitfield.full(metainfo.files.length);
const none = ({ geometry }: Torrent) => new Bitfield(geometry.pieceCount);
function allBut(torrent: Torrent, file: number): Bitfield {
  const wanted = all(torrent);
  wanted.clear(file);
  return wanted;
}

async function want(
  storage: FileStorage,
  torrent: Torrent,
  wanted = all(torrent),
  signal = new AbortController().signal,
): Promise<void> {
  await storage.setWanted(wanted, none(torrent));
  await storage.takeSpace(none(torrent), signal);
}

const pathOf = ({ metainfo }: Torrent, file: number) => join(savePath, ...(metainfo.files[file]?.path ?? []));
const check = (storage: FileStorage) => storage.check(() => undefined, new AbortController().signal);

function write(torrent: Torrent, storage: FileStorage, slices: readonly Slice[]): void {
  for (const { piece, begin, length } of slices) {
    storage.writeBlock(torrent.geometry.piece(piece), begin, spanOf(torrent, piece, begin, length));
  }
  storage.endOfTurn();
}

const threeFiles = () =>
  makeTorrent(32_768, [
    { path: ["t", "one"], length: 50_000 },
    { path: ["t", "deep", "er", "two"], length: 70_000 },
    { path: ["t", "empty"], length: 0 },
    { path: ["t", "deep", "three"], length: 20_000 },
  ]);
/** The second begins and ends in pieces that it shares. */
const around = (length: number) => makeTorrent(32_768, [{ length: 10_000 }, { length }, { length: 100_000 }]);

describe("space that is taken in advance", () => {
  it("is that of all files, and is taken only if there is enough", async () => {
    const torrent = threeFiles();
    const take = async () => {
      const { storage } = await open(torrent);
      await want(storage, torrent);
      return storage;
    };
    const storage = await take();
    expect(statSync(join(savePath, "t", "deep", "er", "two")).size).toBe(70_000);
    expect(statSync(join(savePath, "t", "deep", "er", "two")).blocks).toBeGreaterThan(0);
    expect((await check(storage)).isEmpty).toBe(true);
    await storage.close();
    rmSync(savePath, { recursive: true });
    node.freeSpace = async () => 100_000;
    await expect(take()).rejects.toMatchObject({ code: "disk-full" });
    expect(statSync(join(savePath, "t", "one")).size).toBe(0);
  });

  it("says that the disk is full where that shows only when zeros are written, and can be taken again", async () => {
    const torrent = around(4 * mebi);
    const { storage, events } = await open(torrent);
    await want(storage, torrent, allBut(torrent, 1));
    let writes = 0;
    disk.saboteur = (operation) => (operation === "write" && ++writes > 2 ? "ENOSPC" : undefined);
    await expect(want(storage, torrent)).rejects.toMatchObject({ code: "disk-full" });
    expect(statSync(pathOf(torrent, 1)).size).toBe(2 * mebi);
    disk.saboteur = () => undefined;
    await want(storage, torrent);
    expect(statSync(pathOf(torrent, 1)).size).toBe(4 * mebi);
    expect(events.failures).toEqual([]);
  });

  it("is not taken where a block has come meanwhile", async () => {
    const torrent = around(8 * mebi);
    const { storage, events } = await open(torrent);
    await want(storage, torrent, allBut(torrent, 1));
    const { isHeld, letGo } = holdOneWrite();
    const change = want(storage, torrent);
    await isHeld;
    const shared = Math.floor((10_000 + 8 * mebi - 1) / 32_768);
    write(torrent, storage, slicesOf(torrent, shared, 16_384));
    // Not under the zeros that are being written.
    expect(disk.atOnce).toEqual([]);
    letGo();
    await change;
    expect(events.verdicts).toEqual([{ piece: shared, isRight: true }]);
    expect([...(await check(storage)).bytes]).toEqual([...withOnly(torrent, [shared]).bytes]);
  });

  it("is not taken any more by files that are closed, or where it need not be", async () => {
    const torrent = around(64 * mebi);
    for (const how of ["close", "signal"] as const) {
      const { storage } = await open(torrent);
      const { isHeld, letGo } = holdOneWrite();
      const stop = new AbortController();
      const change = want(storage, torrent, all(torrent), stop.signal);
      await isHeld;
      if (how === "signal") stop.abort();
      const closed = how === "close" ? storage.close() : undefined;
      letGo();
      await change;
      await closed;
      expect(statSync(pathOf(torrent, 1)).size).toBe(0);
      await storage.close();
      rmSync(savePath, { recursive: true });
    }
  });

  it("ends when the disk fails, and the files can be opened again", async () => {
    const torrent = around(8 * mebi);
    const { storage, events } = await open(torrent);
    await want(storage, torrent, allBut(torrent, 1));
    const { isHeld, letGo } = holdOneWrite();
    const change = want(storage, torrent);
    await isHeld;
    write(torrent, storage, slicesOf(torrent, 0, 16_384));
    disk.saboteur = (operation, path) => (operation === "write" && path === pathOf(torrent, 0) ? "EIO" : undefined);
    letGo();
    await change;
    expect(events.failures.map(({ code }) => code)).toEqual(["io-error"]);
    expect(statSync(pathOf(torrent, 1)).size).toBeLessThan(8 * mebi);
    disk.saboteur = () => undefined;
    await storage.open(events);
    await want(storage, torrent);
    expect(statSync(pathOf(torrent, 1)).size).toBe(8 * mebi);
  });

  it("never lies on top of what comes, whatever comes when, and however slow the disk is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.integer({ min: 0, max: 200 }), async (seed, writeMs) => {
        const random = new SeededRandom(seed);
        const torrent = makeTorrent(
          40_000,
          Array.from({ length: 9 }, (_, index) => ({ length: [70_000, 500, 3 * mebi, 33_000][index % 4] ?? 0 })),
          seed,
        );
        disk.writeMs = writeMs;
        const { storage, events } = await open(torrent);
        let isOver = false;
        await want(storage, torrent, allBut(torrent, 2));
        const change = want(storage, torrent).then(() => {
          isOver = true;
        });
        const { offset: begin, length: span } = torrent.metainfo.files[2] ?? { offset: 0, length: 0 };
        const isOfOthers = (piece: number) => piece * 40_000 < begin || (piece + 1) * 40_000 > begin + span;
        const pieces = shuffle(random, [...Array(torrent.geometry.pieceCount).keys()]);
        const slices = (of: readonly number[]) => of.flatMap((piece) => slicesOf(torrent, piece, 16_384));
        for (const slice of slices(pieces.filter(isOfOthers))) {
          write(torrent, storage, [slice]);
          if (!isOver && seed % 3 > 0) await new Promise((resolve) => setImmediate(resolve));
        }
        await change;
        for (const slice of slices(pieces.filter((piece) => !isOfOthers(piece)))) write(torrent, storage, [slice]);
        await storage.finish();
        expect(events.failures).toEqual([]);
        expect((await check(storage)).isFull).toBe(true);
        for (const [index, { offset, length }] of torrent.metainfo.files.entries()) {
          const bytes = readFileSync(pathOf(torrent, index));
          expect(Buffer.compare(bytes, torrent.bytes.subarray(offset, offset + length))).toBe(0);
        }
        await storage.close();
        rmSync(savePath, { recursive: true });
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

function withOnly(torrent: Torrent, pieces: readonly number[]): Bitfield {
  const field = none(torrent);
  for (const piece of pieces) field.set(piece);
  return field;
}
