import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomBelow, SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { deliver, intoTurns, RecordedEvents } from "./compliance.ts";
import { SlowFileSystem } from "./slow-file-system.ts";
import { makeTorrent, slicesOf, spanOf, type Torrent } from "./torrents.ts";

const mebi = 1024 * 1024;

class RelievedEvents extends RecordedEvents {
  relievedCount = 0;
  readonly whenRelieved: Promise<void>;
  #relieved: () => void = () => undefined;

  constructor() {
    super();
    this.whenRelieved = new Promise((resolve) => {
      this.#relieved = resolve;
    });
  }

  override onRelieved(): void {
    this.relievedCount++;
    this.#relieved();
  }
}

let root = "";
let disk = new SlowFileSystem(new NodeFileSystem(), new NodeClock());
let letGo = () => {};
let storage: FileStorage | undefined;
beforeEach(() => {
  root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "slow-disk-"));
  disk = new SlowFileSystem(new NodeFileSystem(), new NodeClock());
});
afterEach(async () => {
  disk.saboteur = () => undefined;
  letGo();
  await storage?.close();
  expect(disk.openCount).toBe(0);
  rmSync(root, { recursive: true, force: true });
});

/** A storage on a disk that holds up each write. */
async function open(torrent: Torrent): Promise<{ readonly storage: FileStorage; readonly events: RelievedEvents }> {
  const ports = { files: disk, hasher: new NodeHasher(), clock: disk.clock };
  const made = new FileStorage(ports, { metainfo: torrent.metainfo, savePath: root });
  storage = made;
  const events = new RelievedEvents();
  await made.open(events);
  return { storage: made, events };
}

/** Later writes wait until `letGo` is called. */
function holdWrites(): void {
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  disk.hold = () => held;
}

const turnsOf = (torrent: Torrent, pieces: readonly number[], length = 256 * 1024) =>
  pieces.flatMap((piece) => slicesOf(torrent, piece, length).map((slice) => [slice]));

describe("file storage on a disk that holds writers up", () => {
  it("keeps the thread waiting once, not for each write", async () => {
    const torrent = makeTorrent(mebi, [{ length: 8 * mebi }]);
    const { storage, events } = await open(torrent);
    deliver(torrent, storage, events, turnsOf(torrent, [0, 1, 2, 3, 4, 5, 6, 7]));
    await storage.finish();
    expect(disk.atOnce).toEqual([256 * 1024]);
    expect(disk.later.reduce((sum, length) => sum + length, 0)).toBe(8 * mebi - 256 * 1024);
    // The first, and then what had gathered meanwhile.
    expect(disk.later.length).toBeLessThan(5);
    expect(events.right.length).toBe(8);
    expect(Buffer.compare(readFileSync(join(root, "torrent", "folder 0", "file 0")), torrent.bytes)).toBe(0);
  });

  it("gives no verdict before the whole piece is written, and serves it from then on", async () => {
    const torrent = makeTorrent(mebi, [{ length: 2 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    deliver(torrent, storage, events, turnsOf(torrent, [0, 1]));
    expect(events.verdicts).toEqual([]);
    letGo();
    await events.verdictCount(2);
    expect(events.right).toEqual([0, 1]);
    expect(await storage.read(torrent.geometry.piece(1), 5, 1000)).toEqual(spanOf(torrent, 1, 5, 1000));
  });

  it("hashes what came ahead of a gap from what waits to be written", async () => {
    const torrent = makeTorrent(mebi, [{ length: 2 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    deliver(torrent, storage, events, turnsOf(torrent, [0]).reverse());
    deliver(torrent, storage, events, turnsOf(torrent, [1]).reverse());
    disk.operations.length = 0;
    letGo();
    await events.verdictCount(2);
    expect(events.right).toEqual([0, 1]);
    expect(disk.operations).not.toContain("read");
  });

  it("takes a dropped piece anew though its old bytes still wait to be written", async () => {
    const torrent = makeTorrent(mebi, [{ length: 2 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    deliver(torrent, storage, events, turnsOf(torrent, [0]).slice(0, 1));
    deliver(torrent, storage, events, turnsOf(torrent, [1]).slice(0, 3), (_, bytes) => bytes.fill(1));
    storage.dropPiece(torrent.geometry.piece(1));
    deliver(torrent, storage, events, turnsOf(torrent, [1]).reverse());
    letGo();
    await events.verdictCount(1);
    expect(events.verdicts).toEqual([{ piece: 1, isRight: true }]);
    await storage.sync();
    const bytes = readFileSync(join(root, "torrent", "folder 0", "file 0"));
    expect(Buffer.compare(bytes.subarray(mebi), torrent.bytes.subarray(mebi))).toBe(0);
  });

  it("is congested while too much waits, and says when it takes more", async () => {
    const torrent = makeTorrent(mebi, [{ length: 40 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    const pieces = Array.from({ length: 40 }, (_, piece) => piece);
    let asked = 0;
    for (; !storage.isCongested; asked++) deliver(torrent, storage, events, turnsOf(torrent, [asked]));
    expect(asked).toBe(17);
    for (; !storage.isFull; asked++) deliver(torrent, storage, events, turnsOf(torrent, [asked]));
    expect(asked).toBe(25);
    letGo();
    await events.whenRelieved;
    expect(storage.isCongested).toBe(false);
    deliver(torrent, storage, events, turnsOf(torrent, pieces.slice(asked)));
    await storage.finish();
    expect(events.right.length).toBe(40);
    expect(events.failures).toEqual([]);
  });

  it("fails once when a later write fails, tells of no piece that is not written, and can be opened again", async () => {
    const torrent = makeTorrent(mebi, [{ length: 4 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    deliver(torrent, storage, events, turnsOf(torrent, [0, 1, 2]));
    disk.saboteur = (operation) => (operation === "write" ? "ENOSPC" : undefined);
    letGo();
    await storage.sync();
    expect(events.failures.map(({ code }) => code)).toEqual(["disk-full"]);
    expect(events.verdicts).toEqual([]);
    expect(storage.isCongested).toBe(false);
    disk.saboteur = () => undefined;
    const again = new RelievedEvents();
    await storage.open(again);
    deliver(torrent, storage, again, turnsOf(torrent, [0, 1, 2, 3]));
    await storage.finish();
    expect(again.right.length).toBe(4);
  });

  it("writes what waits before it is closed", async () => {
    const torrent = makeTorrent(mebi, [{ length: 2 * mebi }]);
    const { storage, events } = await open(torrent);
    holdWrites();
    deliver(torrent, storage, events, turnsOf(torrent, [0, 1]));
    const closed = storage.close();
    letGo();
    await closed;
    expect(events.right).toEqual([0, 1]);
    expect(Buffer.compare(readFileSync(join(root, "torrent", "folder 0", "file 0")), torrent.bytes)).toBe(0);
  });

  it("makes the right files whatever comes when, is dropped, is wrong, and however slow the disk is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pieceLength: fc.constantFrom(16_384, 40_000, 200_000),
          lengths: fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 5 }),
          seed: fc.integer(),
        }),
        async ({ pieceLength, lengths, seed }) => {
          await storage?.close();
          rmSync(root, { recursive: true, force: true });
          disk = new SlowFileSystem(new NodeFileSystem(), new NodeClock());
          const torrent = makeTorrent(
            pieceLength,
            [...lengths, 1].map((length) => ({ length })),
            seed,
          );
          const random = new SeededRandom(seed);
          disk.hold = async () => {
            disk.writeMs = randomBelow(random, 3) * 75;
            for (let i = randomBelow(random, 4); i > 0; i--) await new Promise(setImmediate);
          };
          const { storage: under, events } = await open(torrent);
          const missing = new Set(Array.from({ length: torrent.geometry.pieceCount }, (_, piece) => piece));
          while (missing.size > 0) {
            const slices = [...missing].flatMap((piece) => slicesOf(torrent, piece, 16_384));
            if (randomBelow(random, 2) === 0) shuffle(random, slices);
            const dropped = randomBelow(random, 2) === 0 ? [...missing][randomBelow(random, missing.size)] : undefined;
            const isBad = randomBelow(random, 2) === 0;
            const told = events.verdicts.length;
            const turns = intoTurns(slices, random, 6);
            for (const [at, turn] of turns.entries()) {
              deliver(torrent, under, events, [turn], (_, bytes) => {
                if (isBad) bytes[0] = (bytes[0] ?? 0) ^ 1;
              });
              if (dropped !== undefined && at === turns.length >> 1) under.dropPiece(torrent.geometry.piece(dropped));
              if (randomBelow(random, 4) === 0) await new Promise(setImmediate);
            }
            await under.sync();
            const verdicts = events.verdicts.slice(told);
            for (const { piece, isRight } of verdicts) {
              if (!isRight) continue;
              missing.delete(piece);
              const length = torrent.geometry.lengthOf(torrent.geometry.piece(piece));
              const bytes = await under.read(torrent.geometry.piece(piece), 0, length);
              expect(Buffer.compare(bytes, spanOf(torrent, piece, 0, length))).toBe(0);
            }
            for (const piece of missing) under.dropPiece(torrent.geometry.piece(piece));
          }
          await under.finish();
          expect((await under.check(() => undefined, new AbortController().signal)).isFull).toBe(true);
          expect(events.failures).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});
