import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { Hasher } from "../../source/ports/hasher.ts";
import { FilePool } from "../../source/storage/file-pool.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { WorkMeter } from "../../source/storage/work-meter.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { deliver, RecordedEvents } from "./compliance.ts";
import { makeTorrent, slicesOf } from "./torrents.ts";

describe("the work that downloading makes", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "work-meter-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Hashing any bytes takes 3 ms here. */
  function slowHasher(clock: VirtualClock): Hasher {
    const hasher = new NodeHasher();
    const slow = <T>(work: () => T): T => {
      clock.advance(3);
      return work();
    };
    return {
      begin: () => {
        const hash = hasher.begin();
        return { update: (bytes) => slow(() => hash.update(bytes)), digest: () => hash.digest() };
      },
      sha1: (bytes) => slow(() => hasher.sha1(bytes)),
    };
  }

  it("is known by what it goes into, as parts of the time", async () => {
    const clock = new VirtualClock();
    const work = new WorkMeter(clock);
    const torrent = makeTorrent(65_536, [{ length: 655_360 }]);
    const files = new NodeFileSystem();
    const storage = new FileStorage(
      { files, hasher: slowHasher(clock), clock },
      { metainfo: torrent.metainfo, savePath: folder, pool: new FilePool(files), work },
    );
    const events = new RecordedEvents();
    await storage.open(events);
    expect(work.shares).toEqual({ hashing: 0, writing: 0 });
    const turns = Array.from({ length: torrent.geometry.pieceCount }, (_, piece) => slicesOf(torrent, piece, 16_384));
    deliver(torrent, storage, events, turns);
    // Forty blocks of 3 ms, in about a tenth of a second.
    expect(work.shares.hashing).toBeCloseTo(0.12, 2);
    await storage.close();
  });

  it("is forgotten after ten seconds", () => {
    const clock = new VirtualClock();
    const work = new WorkMeter(clock);
    clock.advance(400);
    work.wrote(0);
    expect(work.shares.writing).toBeCloseTo(0.4);
    clock.advance(11_000);
    expect(work.shares).toEqual({ hashing: 0, writing: 0 });
  });
});
