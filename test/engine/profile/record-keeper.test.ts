/** When a download's record is written, on a clock of the test's own. */
import { beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { RecordKeeper } from "../../../source/engine/profile/record-keeper.ts";
import type { SavedRecord } from "../../../source/engine/profile/torrent-store.ts";
import { UnsyncedPieces } from "../../../source/engine/profile/unsynced-pieces.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import type { TorrentRun } from "../../../source/engine/torrent-run.ts";
import type { TorrentServices } from "../../../source/engine/torrent-services.ts";

const mebibyte = 2 ** 20;

let nowMs = 0;
let count = 0;
/** When each record was begun. */
let records: number[] = [];
let syncTakesMs = 0;
let profileFails = false;
/** Of each record, whether its files were closed. */
let clean: boolean[] = [];
/** What a look at the files waits for. */
let looking: Promise<void> | undefined;
let keeper: RecordKeeper;

const run = {
  unsynced: new UnsyncedPieces(),
  storage: {
    sync: async () => {
      nowMs += syncTakesMs;
    },
    fingerprint: async () => {
      await looking;
      return [];
    },
  },
} as unknown as TorrentRun;
const services = {
  ports: { clock: { nowMs: () => nowMs } },
  house: { goals: { countsTime: () => false } },
  store: {
    save: async (_entry: unknown, { isClean }: SavedRecord) => {
      records.push(nowMs - syncTakesMs);
      if (profileFails) throw new OperationalError("profile-failed", "the disk is full");
      clean.push(isClean);
    },
  },
} as unknown as TorrentServices;
const torrent = {
  summary: { pieceLength: mebibyte },
  get have() {
    return { count, isFull: false, clone: () => ({ count }) };
  },
  state: "downloading",
  uploadedBytes: 0,
  downloadedBytes: 0,
  seedingTime: { seconds: 0, idleSeconds: 0 },
  completedWallMs: null,
  entry: {},
  log: () => {},
} as unknown as Torrent;

beforeEach(() => {
  nowMs = 0;
  count = 0;
  records = [];
  clean = [];
  looking = undefined;
  syncTakesMs = 0;
  profileFails = false;
  keeper = new RecordKeeper(services, torrent);
});

/** Seconds in which so many mebibytes are verified each. */
async function download(seconds: number, mebibytes: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    nowMs = Math.ceil((nowMs + 1) / 1000) * 1000;
    count += mebibytes;
    keeper.tick(run);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a download's record", () => {
  it("is written every five seconds", async () => {
    await download(15, 10);
    expect(records).toEqual([5000, 10_000, 15_000]);
  });

  it("is written as soon as a second after the last where very much has come since", async () => {
    await download(5, 150);
    expect(records).toEqual([1000, 2000, 3000, 4000, 5000]);
  });

  it("leaves a disk alone that took long to sync, however much comes", async () => {
    syncTakesMs = 2000;
    await download(12, 150);
    // Two seconds to sync, then four times as long to rest, from when it began.
    expect(records).toEqual([1000, 10_000]);
  });

  it("is tried again where it could not be written, though nothing more comes", async () => {
    profileFails = true;
    await download(5, 10);
    await download(5, 0);
    profileFails = false;
    await download(20, 0);
    expect([records, clean]).toEqual([[5000, 10_000, 15_000], [false]]);
  });

  it("does not replace a later one, however long it waited for the disk", async () => {
    const looked = Promise.withResolvers<void>();
    looking = looked.promise;
    await download(5, 10);
    looking = undefined;
    const paused = keeper.save(run, true);
    await new Promise((resolve) => setImmediate(resolve));
    looked.resolve();
    await paused;
    await new Promise((resolve) => setImmediate(resolve));
    expect(clean).toEqual([false, true]);
  });

  it("is not written while nothing changes", async () => {
    await download(100, 0);
    expect(records).toEqual([]);
  });
});
