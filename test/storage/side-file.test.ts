/** Pieces that wanted files share with skipped ones: where their bytes are, and where they go. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { codeOf } from "../../source/base/errors.ts";
import { SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { sideNameOf } from "../../source/storage/side-file.ts";
import { piecePriorities } from "../../source/swarm/piece-priorities.ts";
import { deliver, intoTurns, RecordedEvents } from "./compliance.ts";
import { FailingFileSystem } from "./failing-file-system.ts";
import { infoHash, makeTorrent, slicesOf, type Torrent } from "./torrents.ts";

let root = "";
let savePath = "";
let disk = new FailingFileSystem(new NodeFileSystem());
let opened: FileStorage[] = [];
beforeEach(() => {
  root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "side-file-"));
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

async function open(torrent: Torrent): Promise<{ readonly storage: FileStorage; readonly events: RecordedEvents }> {
  const ports = { files: disk, hasher: new NodeHasher(), clock: new NodeClock() };
  const storage = new FileStorage(ports, { metainfo: torrent.metainfo, savePath });
  opened.push(storage);
  const events = new RecordedEvents();
  await storage.open(events);
  return { storage, events };
}

function bits(count: number, set: readonly number[]): Bitfield {
  const field = new Bitfield(count);
  for (const index of set) field.set(index);
  return field;
}

const indexes = (field: Bitfield) => [...Array(field.length).keys()].filter((index) => field.has(index));
const files = (torrent: Torrent, wanted: readonly number[]) => bits(torrent.metainfo.files.length, wanted);
const verified = (torrent: Torrent, pieces: readonly number[]) => bits(torrent.geometry.pieceCount, pieces);
const slices = (torrent: Torrent, pieces: readonly number[]) =>
  pieces.flatMap((piece) => slicesOf(torrent, piece, 16_384));
const check = (storage: FileStorage) => storage.check(() => undefined, new AbortController().signal);

/** Whether the piece holds a byte that is not padding. */
function isOfFile({ metainfo }: Torrent, piece: number): boolean {
  const begin = piece * metainfo.pieceLength;
  return metainfo.files.some(
    ({ isPadding, offset, length }) =>
      !isPadding && length > 0 && offset < begin + metainfo.pieceLength && offset + length > begin,
  );
}

/** All ordinary files below the save folder, by their paths. */
function onDisk(): string[] {
  if (!existsSync(savePath)) return [];
  const entries = readdirSync(savePath, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(savePath.length + 1))
    .sort();
}

function pathsOf(torrent: Torrent, wanted: readonly number[]): string[] {
  return wanted.map((index) => torrent.metainfo.files[index]?.path.join("/") ?? "").sort();
}

function expectContent(torrent: Torrent, index: number): void {
  const file = torrent.metainfo.files[index];
  if (file === undefined) throw new Error("a file of the torrent");
  const bytes = readFileSync(join(savePath, ...file.path));
  expect(Buffer.compare(bytes, torrent.bytes.subarray(file.offset, file.offset + file.length))).toBe(0);
}

/** Pieces of 40,000: "a" 0–2, "b" all in 2, "c" 2–4, "d" 4–5. */
const fourFiles = () =>
  makeTorrent(40_000, [
    { path: ["t", "a"], length: 100_000 },
    { path: ["t", "sub", "b"], length: 5000 },
    { path: ["t", "sub", "c"], length: 70_000 },
    { path: ["t", "d"], length: 50_000 },
  ]);
const sideName = sideNameOf(infoHash);

describe("the side file", () => {
  it("holds what wanted pieces have of skipped files, of any shape, until these are wanted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pieceLength: fc.constantFrom(1000, 16_384, 40_000),
          shapes: fc.array(
            fc.record({
              length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 60_000 })),
              isPadding: fc.boolean(),
              steps: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
            }),
            { minLength: 2, maxLength: 7 },
          ),
          seed: fc.integer(),
        }),
        async ({ pieceLength, shapes, seed }) => {
          rmSync(savePath, { recursive: true, force: true });
          const whole = [...shapes, { length: 10, isPadding: false, steps: [true, false, false] }];
          const torrent = makeTorrent(pieceLength, whole, seed);
          const random = new SeededRandom(seed);
          let have = new Bitfield(torrent.geometry.pieceCount);
          const everWanted = new Set<number>();
          for (const step of [0, 1, 2, "all"] as const) {
            const wanted = whole.flatMap(({ steps }, file) => (step === "all" || steps[step] === true ? [file] : []));
            for (const file of wanted) everWanted.add(file);
            const { storage, events } = await open(torrent);
            const found = await check(storage);
            for (const piece of indexes(have)) expect(found.has(piece)).toBe(true);
            // Only padding is right without having come.
            const isPad = (piece: number) => !isOfFile(torrent, piece);
            expect(indexes(found).filter((piece) => !have.has(piece) && !isPad(piece))).toEqual([]);
            have = found;
            await storage.setWanted(files(torrent, wanted), have);
            const priorities = piecePriorities(
              torrent.metainfo,
              Uint8Array.from(whole, (_, file) => (wanted.includes(file) ? 2 : 0)),
            );
            const missing = [...priorities.keys()].filter((piece) => priorities[piece] !== 0 && !have.has(piece));
            deliver(torrent, storage, events, intoTurns(shuffle(random, slices(torrent, missing)), random));
            await events.verdictCount(missing.length);
            expect([...events.right].sort((a, b) => a - b)).toEqual(missing);
            for (const piece of missing) have.set(piece);
            await storage.finish();
            have = await check(storage);
            await storage.close();
            const isFile = (index: number) => everWanted.has(index) && whole[index]?.isPadding === false;
            const mine = onDisk().filter((path) => path !== sideName);
            expect(mine).toEqual(pathsOf(torrent, [...whole.keys()].filter(isFile)));
            for (const file of wanted) if (isFile(file)) expectContent(torrent, file);
          }
          expect(have.isFull).toBe(true);
          expect(existsSync(join(savePath, sideName))).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("gives a file what comes while it is being brought back", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    const [first, second, third] = slicesOf(torrent, 2, 16_384);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three blocks");
    deliver(torrent, storage, events, [[third]]);
    const change = storage.setWanted(files(torrent, [0, 1, 2]), verified(torrent, []));
    deliver(torrent, storage, events, [[first]]);
    await new Promise((resolve) => setImmediate(resolve));
    deliver(torrent, storage, events, [[second]]);
    await change;
    deliver(torrent, storage, events, [slices(torrent, [0, 1, 3, 4])]);
    expect([...events.right].sort()).toEqual([0, 1, 2, 3, 4]);
    await storage.finish();
    for (const file of [0, 1, 2]) expectContent(torrent, file);
  });

  it("is not used for a skipped file that is there", async () => {
    const torrent = fourFiles();
    mkdirSync(join(savePath, "t", "sub"), { recursive: true });
    writeFileSync(join(savePath, "t", "sub", "b"), "");
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    deliver(torrent, storage, events, [slices(torrent, [2])]);
    await storage.sync();
    expectContent(torrent, 1);
    expect(onDisk()).toEqual([sideName, "t/a", "t/sub/b"]);
    expect(indexes(await check(storage))).toEqual([2]);
  });

  it("takes a file that is skipped in the middle as it is", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, [slices(torrent, [3])]);
    await storage.setWanted(files(torrent, [0]), verified(torrent, [3]));
    deliver(torrent, storage, events, [slices(torrent, [2])]);
    expect(indexes(await check(storage))).toEqual([2, 3]);
    await storage.finish();
    expect(onDisk()).toEqual([sideName, "t/a", "t/sub/c"]);
  });

  it("is removed with the torrent's files, and so is a draft that a kill has left", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    deliver(torrent, storage, events, [slices(torrent, [0, 1, 2])]);
    await storage.close();
    mkdirSync(join(savePath, "t", "sub"), { recursive: true });
    writeFileSync(join(savePath, "t", "sub", `.${infoHash}.1.part`), "half");
    expect(onDisk()).toContain(sideName);
    const again = await open(torrent);
    await again.storage.removeFiles();
    expect(readdirSync(savePath)).toEqual([]);
  });

  it("keeps what it has where the file cannot be made, and gives it when it can", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    deliver(torrent, storage, events, [slices(torrent, [2])]);
    for (const operation of ["makeDirectory", "write", "sync"]) {
      disk.saboteur = (asked) => (asked === operation ? "ENOSPC" : undefined);
      const failure = await storage.setWanted(files(torrent, [0, 1, 2, 3]), verified(torrent, [2])).catch(codeOf);
      expect(failure).toBe("disk-full");
      disk.saboteur = () => undefined;
      expect(indexes(await check(storage))).toEqual([2]);
      expect(existsSync(join(savePath, "t", "sub", "b"))).toBe(false);
    }
    await storage.setWanted(files(torrent, [0, 1, 2, 3]), verified(torrent, [2]));
    expectContent(torrent, 1);
    expect(onDisk()).toEqual(["t/a", "t/sub/b", "t/sub/c"]);
    expect(indexes(await check(storage))).toEqual([2]);
  });

  it("does not overwrite what somebody has put in the place of a skipped file", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    deliver(torrent, storage, events, [slices(torrent, [2])]);
    mkdirSync(join(savePath, "t", "sub"), { recursive: true });
    writeFileSync(join(savePath, "t", "sub", "b"), "precious");
    const failure = await storage.setWanted(files(torrent, [0, 1]), verified(torrent, [2])).catch(codeOf);
    expect(failure).toBe("io-error");
    expect(readFileSync(join(savePath, "t", "sub", "b"), "utf8")).toBe("precious");
    // Opened anew, the file is what it is: what it holds is to be checked.
    await storage.close();
    const again = await open(torrent);
    expect(indexes(await check(again.storage))).toEqual([]);
  });

  it("follows no link where a skipped file's folder should be", async () => {
    const torrent = fourFiles();
    const { storage, events } = await open(torrent);
    await storage.setWanted(files(torrent, [0]), verified(torrent, []));
    deliver(torrent, storage, events, [slices(torrent, [2])]);
    const elsewhere = join(root, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(savePath, "t", "sub"));
    const failure = await storage.setWanted(files(torrent, [0, 1]), verified(torrent, [2])).catch(codeOf);
    expect(failure).toBe("unsafe-path");
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});
