/** When a download's record is written, on a clock of the test's own. */
import { beforeEach, describe, expect, it } from "vitest";
import { RecordKeeper } from "../../../source/engine/profile/record-keeper.ts";
import type { Torrent } from "../../../source/engine/torrent.ts";
import type { TorrentRun } from "../../../source/engine/torrent-run.ts";
import type { TorrentServices } from "../../../source/engine/torrent-services.ts";

const mebibyte = 2 ** 20;

let nowMs = 0;
let count = 0;
/** When each record was begun. */
let records: number[] = [];
let syncTakesMs = 0;
let keeper: RecordKeeper;

const run = {
  isSynced: false,
  storage: {
    sync: async () => {
      nowMs += syncTakesMs;
    },
    fingerprint: async () => [],
  },
} as unknown as TorrentRun;
const services = {
  ports: { clock: { nowMs: () => nowMs } },
  house: { goals: { countsTime: () => false } },
  store: {
    save: async () => {
      records.push(nowMs - syncTakesMs);
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
  syncTakesMs = 0;
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

  it("is not written while nothing changes", async () => {
    await download(100, 0);
    expect(records).toEqual([]);
  });
});
