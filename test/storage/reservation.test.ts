/** Space that the file system reserves for long files. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { VirtualClock } from "../../source/simulator/virtual-clock.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import type { Preallocation } from "../../source/storage/preallocation.ts";
import { canReserve } from "../support/can-reserve.ts";
import { RecordedEvents } from "./compliance.ts";
import { SlowFileSystem } from "./slow-file-system.ts";
import { makeTorrent, slicesOf, spanOf, type Torrent } from "./torrents.ts";

const mebi = 1024 * 1024;
const folder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const reason = await canReserve(folder);
const signal = new AbortController().signal;
let root = "";
let node = new NodeFileSystem();
let clock = new VirtualClock();
let disk = new SlowFileSystem(node, clock);
let opened: FileStorage[] = [];
beforeEach(() => {
  root = mkdtempSync(join(folder, "reservation-"));
  node = new NodeFileSystem();
  clock = new VirtualClock();
  disk = new SlowFileSystem(node, clock);
  disk.writeMs = 0;
  disk.reserve = (file, length, signal) => file.reserve(length, signal);
  opened = [];
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
  expect(disk.openCount).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

async function open(torrent: Torrent, preallocation: Preallocation): Promise<FileStorage> {
  const ports = { files: disk, hasher: new NodeHasher(), clock };
  const storage = new FileStorage(ports, { metainfo: torrent.metainfo, savePath: root, preallocation });
  opened.push(storage);
  await storage.open(new RecordedEvents());
  return storage;
}

const pathOf = ({ metainfo }: Torrent, file: number) => join(root, ...(metainfo.files[file]?.path ?? []));
/** Bytes that it has on the disk, and its length; `undefined` where it is not there. */
function sizesOf(torrent: Torrent, file: number) {
  const stat = statSync(pathOf(torrent, file), { throwIfNoEntry: false });
  return stat === undefined ? undefined : { held: stat.blocks * 512, length: stat.size };
}

/** Long ones, and one that is shorter than is reserved. */
const fourFiles = () =>
  makeTorrent(mebi, [{ length: 17 * mebi }, { length: 3 * mebi }, { length: 18 * mebi }, { length: 16 * mebi }]);
const none = ({ geometry }: Torrent) => new Bitfield(geometry.pieceCount);
function allBut(torrent: Torrent, ...files: readonly number[]): Bitfield {
  const wanted = Bitfield.full(torrent.metainfo.files.length);
  for (const file of files) wanted.clear(file);
  return wanted;
}

function write(torrent: Torrent, storage: FileStorage, from: number, to: number): void {
  for (let piece = from; piece < to; piece++) {
    for (const { begin, length } of slicesOf(torrent, piece, 65_536)) {
      storage.writeBlock(torrent.geometry.piece(piece), begin, spanOf(torrent, piece, begin, length));
    }
    storage.endOfTurn();
  }
}

describe.skipIf(reason !== "")(`space that is reserved ${reason}`, () => {
  it.each(["quick", "full"] as const)("is that of long files that are wanted and lack pieces (%s)", async (how) => {
    const torrent = fourFiles();
    const storage = await open(torrent, how);
    const verified = none(torrent);
    for (let piece = 20; piece < 38; piece++) verified.set(piece);
    await storage.setWanted(allBut(torrent, 3), verified);
    await storage.takeSpace(verified, signal);
    expect(sizesOf(torrent, 0)?.held).toBeGreaterThanOrEqual(17 * mebi);
    expect(sizesOf(torrent, 0)?.length).toBe(0);
    expect(sizesOf(torrent, 1)?.length).toBe(how === "full" ? 3 * mebi : undefined);
    expect(sizesOf(torrent, 3)).toBeUndefined();
    if (how === "quick") expect(sizesOf(torrent, 2)).toBeUndefined();
    write(torrent, storage, 0, 38);
    await storage.finish();
    for (const [file, { offset, length }] of torrent.metainfo.files.slice(0, 3).entries()) {
      const bytes = readFileSync(pathOf(torrent, file));
      expect(Buffer.compare(bytes, torrent.bytes.subarray(offset, offset + length))).toBe(0);
    }
  });

  it("is not asked for again where it is held already", async () => {
    const torrent = fourFiles();
    const storage = await open(torrent, "quick");
    await storage.takeSpace(none(torrent), signal);
    let count = 0;
    disk.reserve = async () => {
      count++;
      return true;
    };
    await storage.takeSpace(none(torrent), signal);
    expect(count).toBe(0);
  });

  it("is given back when a file is not wanted any more, and what came of it stays", async () => {
    const torrent = fourFiles();
    const storage = await open(torrent, "quick");
    await storage.takeSpace(none(torrent), signal);
    write(torrent, storage, 1, 2);
    expect(sizesOf(torrent, 0)?.held).toBeGreaterThanOrEqual(17 * mebi);
    const verified = none(torrent);
    verified.set(1);
    await storage.setWanted(allBut(torrent, 0, 3), verified);
    expect(sizesOf(torrent, 0)?.held).toBeLessThan(3 * mebi);
    expect(sizesOf(torrent, 0)?.length).toBe(2 * mebi);
    expect(sizesOf(torrent, 2)?.held).toBeGreaterThanOrEqual(18 * mebi);
    expect(sizesOf(torrent, 3)).toEqual({ held: 0, length: 0 });
    const found = await storage.check(() => undefined, signal);
    expect([found.count, found.has(1)]).toEqual([1, true]);
  });
});

describe.skipIf(reason !== "")(`space that is reserved and not used yet ${reason}`, () => {
  it.each(["quick", "full"] as const)(
    "is given back when the files are closed, unless all is to be taken (%s)",
    async (how) => {
      const torrent = fourFiles();
      for (const piece of [1, 3]) {
        const storage = await open(torrent, how);
        await storage.takeSpace(none(torrent), signal);
        expect(sizesOf(torrent, 0)?.held).toBeGreaterThanOrEqual(17 * mebi);
        write(torrent, storage, piece, piece + 1);
        await storage.close();
        expect(sizesOf(torrent, 0)?.length).toBe((piece + 1) * mebi);
        if (how === "full") expect(sizesOf(torrent, 0)?.held).toBeGreaterThanOrEqual(17 * mebi);
        else expect(sizesOf(torrent, 0)?.held).toBeLessThan((piece + 2) * mebi);
      }
      const storage = await open(torrent, "off");
      const found = await storage.check(() => undefined, signal);
      expect([found.count, found.has(1), found.has(3)]).toEqual([2, true, true]);
    },
  );
});

it.skipIf(reason !== "")("is given back where it was not all to be had", async () => {
  const torrent = fourFiles();
  const storage = await open(torrent, "quick");
  disk.reserve = async (file, length, signal) => {
    await file.reserve(length - mebi, signal);
    return false;
  };
  await storage.takeSpace(none(torrent), signal);
  expect(sizesOf(torrent, 2)).toEqual({ held: 0, length: 0 });
});

describe("space that cannot be reserved, or not now", () => {
  it("is left alone where there is not enough for all and a little more", async () => {
    const torrent = fourFiles();
    node.freeSpace = async () => 60 * mebi;
    const storage = await open(torrent, "quick");
    await storage.takeSpace(none(torrent), signal);
    expect(disk.operations).not.toContain("reserve");
    write(torrent, storage, 0, 1);
    expect(sizesOf(torrent, 0)?.length).toBe(mebi);
  });

  it("is asked for once, and taken as bytes come, or as zeros where it is to be taken", async () => {
    for (const how of ["quick", "full"] as const) {
      const torrent = fourFiles();
      const storage = await open(torrent, how);
      let count = 0;
      disk.reserve = async () => {
        count++;
        return false;
      };
      await storage.takeSpace(none(torrent), signal);
      expect(count).toBe(1);
      expect(sizesOf(torrent, 3)?.length).toBe(how === "full" ? 16 * mebi : undefined);
      await storage.close();
      rmSync(join(root, "torrent"), { recursive: true, force: true });
    }
  });

  it("is not waited for longer than two seconds, and not at all by who closes the files", async () => {
    const torrent = fourFiles();
    const storage = await open(torrent, "quick");
    let isEnded = false;
    let asked = Promise.withResolvers<void>();
    disk.reserve = (_file, _length, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          isEnded = true;
          resolve(false);
        });
        asked.resolve();
      });
    let isWaitedFor = true;
    const taken = storage.takeSpace(none(torrent), signal).then(() => {
      isWaitedFor = false;
    });
    await asked.promise;
    clock.advance(1900);
    await new Promise((resolve) => setImmediate(resolve));
    expect([isWaitedFor, isEnded]).toEqual([true, false]);
    clock.advance(200);
    await taken;
    expect(isEnded).toBe(true);
    write(torrent, storage, 0, 1);
    expect(sizesOf(torrent, 0)?.length).toBe(mebi);
    asked = Promise.withResolvers<void>();
    const again = storage.takeSpace(none(torrent), signal);
    await asked.promise;
    await storage.close();
    await again;
  });

  it("keeps nobody from downloading where a file cannot be made now", async () => {
    const torrent = fourFiles();
    const storage = await open(torrent, "quick");
    disk.saboteur = (operation) => (operation === "open" ? "EACCES" : undefined);
    await storage.takeSpace(none(torrent), signal);
    disk.saboteur = () => undefined;
    write(torrent, storage, 0, 1);
    expect(sizesOf(torrent, 0)?.length).toBe(mebi);
  });

  it("is not asked for where the user does not want it", async () => {
    const torrent = fourFiles();
    const storage = await open(torrent, "off");
    await storage.takeSpace(none(torrent), signal);
    expect(disk.operations).not.toContain("open");
  });
});
