import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { randomBelow, SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FilePool } from "../../source/storage/file-pool.ts";
import { FileStorage, type FileStorageOptions } from "../../source/storage/file-storage.ts";
import { ReadCache } from "../../source/storage/read-cache.ts";
import { deliver, intoTurns, RecordedEvents } from "./compliance.ts";
import { FailingFileSystem } from "./failing-file-system.ts";
import { makeTorrent, slicesOf, spanOf, type Torrent } from "./torrents.ts";

let root = "";
let savePath = "";
let disk = new FailingFileSystem(new NodeFileSystem());
let opened: FileStorage[] = [];
beforeEach(() => {
  root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "file-storage-"));
  savePath = join(root, "save");
  disk = new FailingFileSystem(new NodeFileSystem());
  opened = [];
});
afterEach(async () => {
  disk.saboteur = () => undefined;
  for (const storage of opened) await storage.close();
  expect(disk.openCount).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

async function open(
  torrent: Torrent,
  options: Partial<FileStorageOptions> = {},
): Promise<{ readonly storage: FileStorage; readonly events: RecordedEvents }> {
  const ports = { files: disk, hasher: new NodeHasher(), clock: new NodeClock() };
  const storage = new FileStorage(ports, { metainfo: torrent.metainfo, savePath, ...options });
  opened.push(storage);
  const events = new RecordedEvents();
  await storage.open(events);
  return { storage, events };
}

const allSlices = (torrent: Torrent) =>
  Array.from({ length: torrent.geometry.pieceCount }, (_, piece) => slicesOf(torrent, piece, 16_384)).flat();

async function download(torrent: Torrent, options: Partial<FileStorageOptions> = {}): Promise<FileStorage> {
  const { storage, events } = await open(torrent, options);
  deliver(torrent, storage, events, [allSlices(torrent)]);
  expect(events.failures).toEqual([]);
  await storage.finish();
  return storage;
}

async function failureOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return codeOf(error);
  }
  return "";
}

const check = (storage: FileStorage) => storage.check(() => undefined, new AbortController().signal);

function expectFiles(torrent: Torrent): void {
  for (const file of torrent.metainfo.files) {
    const path = join(savePath, ...file.path);
    if (file.isPadding) expect(existsSync(path)).toBe(false);
    else {
      const expected = torrent.bytes.subarray(file.offset, file.offset + file.length);
      expect(Buffer.compare(readFileSync(path), expected)).toBe(0);
    }
  }
}

const threeFiles = () =>
  makeTorrent(32_768, [
    { path: ["t", "one"], length: 50_000 },
    { path: ["t", "deep", "er", "two"], length: 70_000 },
    { path: ["t", "empty"], length: 0 },
    { path: ["t", "deep", "three"], length: 20_000 },
  ]);

describe("file storage", () => {
  it("makes exactly the torrent's files, of any shape, with padding and empty ones, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pieceLength: fc.constantFrom(1000, 16_384, 40_000, 65_536),
          shapes: fc.array(
            fc.record({
              length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90_000 })),
              isPadding: fc.boolean(),
            }),
            { maxLength: 8 },
          ),
          seed: fc.integer(),
          openMax: fc.constantFrom(1, 3, 256),
        }),
        async ({ pieceLength, shapes, seed, openMax }) => {
          rmSync(savePath, { recursive: true, force: true });
          const torrent = makeTorrent(pieceLength, [...shapes, { length: 1 }], seed);
          const random = new SeededRandom(seed);
          const { storage, events } = await open(torrent, { pool: new FilePool(disk, { openMax }) });
          const slices = shuffle(random, allSlices(torrent));
          const badPiece = randomBelow(random, torrent.geometry.pieceCount);
          deliver(torrent, storage, events, intoTurns(slices, random), (slice, bytes) => {
            if (slice.piece === badPiece && slice.begin === 0) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
          });
          await events.verdictCount(torrent.geometry.pieceCount);
          const spoilt = events.verdicts.filter((verdict) => !verdict.isRight).map((verdict) => verdict.piece);
          // A padding byte that is wrong and was not hashed as received is read back as the zero that it must be.
          if (spoilt.length > 0) expect(spoilt).toEqual([badPiece]);
          deliver(
            torrent,
            storage,
            events,
            spoilt.map((piece) => slicesOf(torrent, piece, 16_384)),
          );
          await storage.finish();
          expectFiles(torrent);
          expect((await check(storage)).isFull).toBe(true);
          await storage.close();
          expect(events.failures).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("creates nothing before the first byte, and no file that no byte went to", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    expect((await check(storage)).isEmpty).toBe(true);
    expect(existsSync(savePath)).toBe(false);
    deliver(torrent, storage, events, [slicesOf(torrent, 0, 16_384)]);
    expect(readdirSync(join(savePath, "t"))).toEqual(["one"]);
    await storage.close();
    expect(statSync(join(savePath, "t", "one")).size).toBe(32_768);
  });

  it("writes what is contiguous in a turn with one write for each file", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [allSlices(torrent)]);
    expect(disk.operations.filter((operation) => operation === "write").length).toBe(3);
    expect(disk.operations.filter((operation) => operation === "read").length).toBe(0);
  });

  it("leaves a longer file as it is until the torrent is finished, then cuts it", async () => {
    const torrent = threeFiles();
    await (await download(torrent)).close();
    const path = join(savePath, "t", "one");
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1000, 7)]));
    const { storage } = await open(torrent);
    expect((await check(storage)).isFull).toBe(true);
    expect(statSync(path).size).toBe(51_000);
    await storage.finish();
    expectFiles(torrent);
  });

  it("does not call a torrent finished whose file is gone or cut", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    truncateSync(join(savePath, "t", "deep", "three"), 19_999);
    expect(await failureOf(() => storage.finish())).toBe("missing");
    rmSync(join(savePath, "t", "deep", "three"));
    expect(await failureOf(() => storage.finish())).toBe("missing");
  });

  it("finds by a check what is wrong, cut or gone, and nothing else", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    const two = join(savePath, "t", "deep", "er", "two");
    const bytes = readFileSync(two);
    bytes[69_999] = (bytes[69_999] ?? 0) ^ 1;
    writeFileSync(two, bytes);
    const right = async () => {
      const found = await check(storage);
      return Array.from({ length: 5 }, (_, i) => i).filter((i) => found.has(i));
    };
    expect(await right()).toEqual([0, 1, 2, 4]);
    truncateSync(two, 20_000);
    expect(await right()).toEqual([0, 1, 4]);
    rmSync(join(savePath, "t", "one"));
    expect(await right()).toEqual([4]);
  });

  it("stops a check in the middle, and leaves nothing open after it", async () => {
    const torrent = makeTorrent(2 ** 20, [{ length: 12 * 2 ** 20 }]);
    const storage = await download(torrent);
    const controller = new AbortController();
    const checking = storage.check((progress) => {
      if (progress.checkedPieces === 3) controller.abort(new Error("enough"));
    }, controller.signal);
    await expect(checking).rejects.toThrow("enough");
  });

  it("removes its own files and empty folders, and nothing else", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    writeFileSync(join(savePath, "t", "deep", "er", "note"), "mine");
    mkdirSync(join(savePath, "other"));
    await storage.removeFiles();
    expect(readdirSync(savePath).sort()).toEqual(["other", "t"]);
    expect(readdirSync(join(savePath, "t", "deep"))).toEqual(["er"]);
    expect(readdirSync(join(savePath, "t", "deep", "er"))).toEqual(["note"]);
    rmSync(join(savePath, "t", "deep", "er", "note"));
    const again = await open(torrent);
    await again.storage.removeFiles();
    expect(readdirSync(savePath)).toEqual(["other"]);
  });

  it("keeps the save folder when everything in it goes", async () => {
    const storage = await download(threeFiles());
    await storage.removeFiles();
    expect(readdirSync(savePath)).toEqual([]);
  });
});

describe("file storage's fingerprint", () => {
  it("changes with what others do to a file, once the torrent is opened anew", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    const fingerprint = await storage.fingerprint();
    await storage.close();
    const anew = async () => {
      const next = await open(torrent);
      return next.storage.fingerprint();
    };
    expect(await anew()).toEqual(fingerprint);
    const path = join(savePath, "t", "one");
    utimesSync(path, new Date(), new Date(1e12));
    const touched = await anew();
    expect(touched[0]).not.toBe(fingerprint[0]);
    expect(touched.slice(1)).toEqual(fingerprint.slice(1));
    rmSync(path);
    expect((await anew())[0]).toBe("missing");
  });

  it("is of the file as we left it, whatever others do while we run", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    const fingerprint = await storage.fingerprint();
    truncateSync(join(savePath, "t", "one"), 5);
    expect(await storage.fingerprint()).toEqual(fingerprint);
  });

  it("changes with our own writes", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [slicesOf(torrent, 0, 16_384)]);
    const before = await storage.fingerprint();
    deliver(torrent, storage, events, [slicesOf(torrent, 1, 16_384)]);
    const after = await storage.fingerprint();
    expect(after[0]).not.toBe(before[0]);
    expect(before[1]).toBe("missing");
    expect(after[1]).not.toBe("missing");
    expect(after[2]).toBe("missing");
  });
});

describe("file storage and links (HOSTILE A1, A2, A10)", () => {
  const outside = () => join(root, "outside");
  beforeEach(() => {
    mkdirSync(outside());
    writeFileSync(join(outside(), "two"), "precious");
    writeFileSync(join(outside(), "one"), "precious");
  });

  const expectUntouched = () => {
    expect(readdirSync(outside()).sort()).toEqual(["one", "two"]);
    expect(readFileSync(join(outside(), "one"), "utf8")).toBe("precious");
    expect(readFileSync(join(outside(), "two"), "utf8")).toBe("precious");
  };

  it("does not write, check or remove through a folder that is a link", async () => {
    const torrent = threeFiles();
    mkdirSync(join(savePath, "t", "deep"), { recursive: true });
    symlinkSync(outside(), join(savePath, "t", "deep", "er"));
    const { storage, events } = await open(torrent);
    // What lies there is too short to be hashed; what is long enough is not read either.
    expect(await failureOf(() => check(storage))).toBe("");
    writeFileSync(join(outside(), "two"), new Uint8Array(70_000));
    writeFileSync(join(savePath, "t", "one"), new Uint8Array(50_000));
    expect(await failureOf(() => check(storage))).toBe("unsafe-path");
    writeFileSync(join(outside(), "two"), "precious");
    deliver(torrent, storage, events, [allSlices(torrent)]);
    expect(events.failures.map((error) => error.code)).toEqual(["unsafe-path"]);
    expect(events.failures[0]?.message).toContain("is a symbolic link");
    expectUntouched();
    await storage.removeFiles();
    expectUntouched();
  });

  it("does not write, finish or remove through a file that is a link", async () => {
    const torrent = threeFiles();
    mkdirSync(join(savePath, "t"), { recursive: true });
    symlinkSync(join(outside(), "one"), join(savePath, "t", "one"));
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [allSlices(torrent)]);
    expect(events.failures.map((error) => error.code)).toEqual(["unsafe-path"]);
    expect(await failureOf(() => storage.finish())).toBe("unsafe-path");
    await storage.removeFiles();
    expectUntouched();
    expect(readdirSync(join(savePath, "t"))).toContain("one");
  });

  it("sees a link that replaced a file between two runs", async () => {
    const torrent = threeFiles();
    await (await download(torrent)).close();
    rmSync(join(savePath, "t", "one"));
    writeFileSync(join(outside(), "one"), "precious");
    symlinkSync(join(outside(), "one"), join(savePath, "t", "one"));
    const { storage } = await open(torrent);
    expect((await storage.fingerprint())[0]).toContain("link");
    expect(await failureOf(() => storage.read(torrent.geometry.piece(0), 0, 100))).toBe("unsafe-path");
    expectUntouched();
  });

  it("takes a save folder that is a link: that is the user's own choice", async () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), savePath);
    const torrent = threeFiles();
    await download(torrent);
    expectFiles(torrent);
  });

  it("refuses paths that leave the save folder, however they came about", () => {
    const ports = { files: disk, hasher: new NodeHasher(), clock: new NodeClock() };
    for (const path of [["..", "x"], ["a", "..", "x"], ["a/../../x"], [""], ["a", ""], ["."], ["a\0b"], []]) {
      const torrent = makeTorrent(10, [{ path, length: 10 }]);
      const make = () => new FileStorage(ports, { metainfo: torrent.metainfo, savePath });
      expect(make).toThrow(expect.objectContaining({ code: "unsafe-path" }));
    }
  });
});

describe("file storage on a failing disk", () => {
  it("says so once, forgets what was under way, and goes on when opened again", async () => {
    const cases = [
      ["ENOSPC", "disk-full"],
      ["EDQUOT", "disk-full"],
      ["EROFS", "read-only"],
      ["EACCES", "permission"],
      ["EIO", "io-error"],
      ["ENODEV", "io-error"],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.nat({ max: 40 }),
        fc.integer(),
        async ([code, expected], at, seed) => {
          rmSync(savePath, { recursive: true, force: true });
          const torrent = threeFiles();
          const random = new SeededRandom(seed);
          const { storage, events } = await open(torrent);
          const slices = shuffle(random, allSlices(torrent));
          let countdown = at;
          disk.saboteur = () => (countdown-- <= 0 ? code : undefined);
          deliver(torrent, storage, events, intoTurns(slices, random, 2));
          disk.saboteur = () => undefined;
          expect(events.failures.length).toBe(countdown < 0 ? 1 : 0);
          for (const failure of events.failures) {
            expect(failure.code).toBe(expected);
            expect(failure.message).toMatch(/^cannot \w+( \w+)* .*: .+/);
            expect(failure.message).not.toContain("injected, ".repeat(2));
          }
          const verified = events.right;
          await storage.open(events);
          const rest = Array.from({ length: torrent.geometry.pieceCount }, (_, i) => i).filter(
            (piece) => !verified.includes(piece),
          );
          deliver(
            torrent,
            storage,
            events,
            rest.map((piece) => slicesOf(torrent, piece, 16_384)),
          );
          await events.verdictCount(torrent.geometry.pieceCount);
          await storage.finish();
          expectFiles(torrent);
          await storage.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells at the end of a turn what failed in its middle, and writes nothing more of it", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    let writes = 0;
    disk.saboteur = (operation) => (operation === "write" && ++writes === 2 ? "ENOSPC" : undefined);
    // Each begins another piece, so what came before is written.
    for (const piece of [0, 2, 1, 3]) storage.writeBlock(torrent.geometry.piece(piece), 0, new Uint8Array(16_384));
    expect(writes).toBe(2);
    expect(events.failures).toEqual([]);
    storage.endOfTurn();
    expect(events.failures.map(({ code }) => code)).toEqual(["disk-full"]);
    storage.endOfTurn();
    expect(events.failures.length).toBe(1);
    expect(writes).toBe(2);
  });

  it("gives an error to whoever waits for a read, a check, a sync or the end", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    disk.saboteur = (operation) => (operation === "read" ? "EIO" : undefined);
    expect(await failureOf(() => storage.read(torrent.geometry.piece(0), 0, 10))).toBe("io-error");
    expect(await failureOf(() => check(storage))).toBe("io-error");
    disk.saboteur = () => "EACCES";
    expect(await failureOf(() => check(storage))).toBe("permission");
    expect(await failureOf(() => storage.finish())).toBe("permission");
    disk.saboteur = () => undefined;
    expect((await storage.read(torrent.geometry.piece(0), 0, 10)).length).toBe(10);
    expect((await check(storage)).isFull).toBe(true);
  });

  it("tries again to sync what could not be synced", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [allSlices(torrent)]);
    disk.saboteur = (operation) => (operation === "sync" ? "EIO" : undefined);
    expect(await failureOf(() => storage.sync())).toBe("io-error");
    disk.saboteur = () => undefined;
    disk.operations.length = 0;
    await storage.sync();
    expect(disk.operations.filter((operation) => operation === "sync").length).toBe(3);
    await storage.sync();
    expect(disk.operations.filter((operation) => operation === "sync").length).toBe(3);
  });

  it.each(["sync", "syncDirectory"])(
    "tells nobody that %s was done while another one is still about it",
    async (what) => {
      const torrent = threeFiles();
      const { storage, events } = await open(torrent);
      deliver(torrent, storage, events, [allSlices(torrent)]);
      let first: string | undefined;
      disk.saboteur = (operation, path) => {
        if (operation === what) first ??= path;
        return operation === what && path === first ? "EIO" : undefined;
      };
      const failures = [storage.sync(), storage.sync()].map((syncing) => failureOf(() => syncing));
      expect(await Promise.all(failures)).toEqual(["io-error", "io-error"]);
      disk.saboteur = () => undefined;
      await Promise.all([storage.sync(), storage.sync()]);
    },
  );

  it("refuses a save path that is a file", async () => {
    writeFileSync(savePath, "a file");
    await expect(open(threeFiles())).rejects.toMatchObject({ code: "unsafe-path" });
  });

  it("says that a file is missing that was removed while it was being written", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent, { pool: new FilePool(disk, { openMax: 1 }) });
    deliver(torrent, storage, events, [slicesOf(torrent, 0, 16_384), slicesOf(torrent, 4, 16_384)]);
    rmSync(savePath, { recursive: true });
    deliver(torrent, storage, events, [slicesOf(torrent, 1, 16_384)]);
    expect(events.failures.map((error) => error.code)).toEqual(["missing"]);
  });
});

describe("reading for neighbours", () => {
  it("reads an extent once for all who ask, the next one of the piece ahead, and then answers at once", async () => {
    const torrent = makeTorrent(2 ** 20, [{ length: 2 ** 20 }]);
    const storage = await download(torrent);
    disk.operations.length = 0;
    const piece = torrent.geometry.piece(0);
    const results = Array.from({ length: 16 }, (_, i) => storage.read(piece, i * 16_384, 16_384));
    for (const [i, result] of results.entries()) {
      expect(result).toBeInstanceOf(Promise);
      expect(Buffer.compare(await result, spanOf(torrent, 0, i * 16_384, 16_384))).toBe(0);
    }
    expect(disk.operations.filter((operation) => operation === "read").length).toBe(2);
    expect(storage.read(piece, 16_384, 16_384)).toBeInstanceOf(Uint8Array);
    const across = storage.read(piece, 262_000, 1000);
    expect(Buffer.compare(await across, spanOf(torrent, 0, 262_000, 1000))).toBe(0);
    expect(storage.read(piece, 262_000, 1000)).toBeInstanceOf(Uint8Array);
  });

  it("never serves bytes from before they were written", async () => {
    const torrent = makeTorrent(16_384, [{ length: 200_000 }]);
    const { storage, events } = await open(torrent);
    for (let piece = 0; piece < torrent.geometry.pieceCount; piece++) {
      deliver(torrent, storage, events, [slicesOf(torrent, piece, 16_384)]);
      // While this is being read the next piece of the same extent is written.
      const reading = storage.read(torrent.geometry.piece(piece), 0, 10);
      const next = piece + 1;
      if (next < torrent.geometry.pieceCount) {
        deliver(torrent, storage, events, [slicesOf(torrent, next, 16_384)]);
        const begin = torrent.geometry.lengthOf(torrent.geometry.piece(next)) - 5;
        expect(await storage.read(torrent.geometry.piece(next), begin, 5)).toEqual(spanOf(torrent, next, begin, 5));
      }
      expect(await reading).toEqual(spanOf(torrent, piece, 0, 10));
    }
  });

  it("reads a verified piece though files beside it in the extent are not there, and fails for one that is gone", async () => {
    const torrent = threeFiles();
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [slicesOf(torrent, 0, 16_384)]);
    const piece = torrent.geometry.piece(0);
    expect(await storage.read(piece, 5, 100)).toEqual(spanOf(torrent, 0, 5, 100));
    await storage.close();
    rmSync(savePath, { recursive: true });
    const again = await open(torrent);
    expect(await failureOf(() => again.storage.read(piece, 5, 100))).toBe("missing");
  });

  it("is warm once it was read, reads what is written at once, and says what is missing", async () => {
    const torrent = threeFiles();
    const storage = await download(torrent);
    const piece = torrent.geometry.piece(1);
    expect(storage.isWarm).toBe(false);
    while (!storage.isWarm) await storage.read(torrent.geometry.piece(torrent.geometry.pieceCount - 1), 0, 10);
    const into = [new Uint8Array(5), new Uint8Array(95)];
    disk.operations.length = 0;
    storage.readInto(piece, 5, into);
    expect(new Uint8Array(Buffer.concat(into))).toEqual(spanOf(torrent, 1, 5, 100));
    await storage.close();
    expect(await failureOf(async () => storage.readInto(piece, 5, into))).toBe("closed");
    rmSync(savePath, { recursive: true });
    const again = await open(torrent);
    expect(await failureOf(async () => again.storage.readInto(piece, 5, into))).toBe("missing");
  });

  it("serves padding as zeros", async () => {
    const torrent = makeTorrent(65_536, [{ length: 10 }, { length: 65_526, isPadding: true }, { length: 7 }]);
    const storage = await download(torrent);
    expect(await storage.read(torrent.geometry.piece(0), 5, 20)).toEqual(spanOf(torrent, 0, 5, 20));
  });

  it("keeps the shared cache and the queue of reads within their limits", async () => {
    const cache = new ReadCache({ bytesMax: 600_000, concurrentMax: 2, queuedMax: 3 });
    const torrent = makeTorrent(2 ** 20, [{ length: 3 * 2 ** 20 }]);
    const storage = await download(torrent, { cache });
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        storage.read(torrent.geometry.piece(Math.floor(i / 4)), (i % 4) * 262_144, 16_384),
      ),
    );
    const busy = results.filter((result) => result.status === "rejected" && codeOf(result.reason) === "busy");
    expect(busy.length).toBe(7);
    expect(cache.bytes).toBeLessThanOrEqual(600_000);
    expect(cache.bytes).toBeGreaterThan(0);
    for (let i = 0; i < 12; i++) {
      const piece = torrent.geometry.piece(Math.floor(i / 4));
      expect((await storage.read(piece, (i % 4) * 262_144, 9)).length).toBe(9);
    }
    await storage.close();
    expect(cache.bytes).toBe(0);
    expect(await failureOf(() => storage.read(torrent.geometry.piece(0), 0, 5))).toBe("closed");
  });

  it("closes while reads are under way", async () => {
    const torrent = makeTorrent(2 ** 20, [{ length: 3 * 2 ** 20 }, { length: 2 ** 20 }]);
    await (await download(torrent)).close();
    const { storage } = await open(torrent);
    const results = Array.from({ length: 16 }, (_, i) =>
      Promise.resolve(storage.read(torrent.geometry.piece(Math.floor(i / 4)), (i % 4) * 262_144, 16_384)),
    );
    const settled = Promise.allSettled(results);
    const checking = check(storage).catch((error: unknown) => error);
    await storage.close();
    for (const result of await settled) {
      if (result.status === "rejected") expect(codeOf(result.reason)).toBe("closed");
    }
    await checking;
  });

  it("shares one bounded pool of open files between torrents", async () => {
    const pool = new FilePool(disk, { openMax: 2 });
    const torrent = threeFiles();
    const other = makeTorrent(16_384, [
      { path: ["u", "a"], length: 30_000 },
      { path: ["u", "b"], length: 30_000 },
    ]);
    const storages = [await download(torrent, { pool }), await download(other, { pool })];
    for (let i = 0; i < 3; i++) {
      for (const [index, of] of [torrent, other].entries()) {
        for (let piece = 0; piece < of.geometry.pieceCount; piece++) {
          const bytes = await storages[index]?.read(of.geometry.piece(piece), 0, 99);
          expect(bytes).toEqual(spanOf(of, piece, 0, 99));
        }
        expect((await check(storages[index] as FileStorage)).isFull).toBe(true);
      }
    }
    expect(pool.openCount).toBeLessThanOrEqual(2);
  });
});
