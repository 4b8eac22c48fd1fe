import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archivedTorrentsMax, RateArchive } from "../../../source/engine/statistics/rate-archive.ts";
import { bucketAt, Rings, ringSpans } from "../../../source/engine/statistics/rate-rings.ts";
import type { FileSystem } from "../../../source/ports/file-system.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

class Counted {
  downloadedBytes = 0;
  uploadedBytes = 0;
  readonly infoHash: string;

  constructor(infoHash: string) {
    this.infoHash = infoHash;
  }
}

/** A profile in memory, and the engine's runs in it. */
class Profile {
  readonly warnings: string[] = [];
  readonly files = new Map<string, Uint8Array>();
  readonly place = {
    folder: "/profile",
    warn: (message: string) => this.warnings.push(message),
    files: {
      stat: async (path: string) => (this.files.has(path) ? {} : undefined),
      readFile: async (path: string) => this.files.get(path) ?? new Uint8Array(),
      makeDirectory: async () => undefined,
      rename: async (from: string, to: string) => {
        this.files.set(to, this.files.get(from) ?? new Uint8Array());
        this.files.delete(from);
      },
      writeFileAtomic: async (path: string, bytes: Uint8Array) => {
        this.files.set(path, bytes.slice());
      },
    } as unknown as FileSystem,
  };

  async run(clock: VirtualClock): Promise<RateArchive> {
    const archive = new RateArchive(clock, this.place);
    await archive.restore();
    return archive;
  }
}

const startMs = Date.UTC(2026, 0, 1);
const noFailure = (error: unknown) => {
  throw error;
};

/** So many seconds in which each torrent moves so many bytes a second. */
function live(archive: RateArchive, clock: VirtualClock, seconds: number, torrents: readonly Counted[], rate: number) {
  archive.tick(torrents, noFailure);
  for (let i = 0; i < seconds; i++) {
    clock.advance(1000);
    for (const torrent of torrents) {
      torrent.downloadedBytes += rate;
      torrent.uploadedBytes += 2 * rate;
    }
    archive.tick(torrents, noFailure);
  }
}

describe("the archive of rates", () => {
  it("has each torrent's and all rates at every resolution", async () => {
    const clock = new VirtualClock(startMs);
    const archive = await new Profile().run(clock);
    const [one, two] = [new Counted("a".repeat(40)), new Counted("b".repeat(40))];
    live(archive, clock, 4000, [one, two], 5000);
    for (const span of ["3h", "week", "month"] as const) {
      const { down, up, stepSeconds, newestWallMs } = archive.rates(one.infoHash, span);
      expect([down.length, stepSeconds]).toEqual([ringSpans[span].steps, ringSpans[span].stepSeconds]);
      expect(newestWallMs).toBe(bucketAt(span, clock.wallMs()) * stepSeconds * 1000);
      const [seen, seenUp] = [down, up].map((all) => all.filter((rate) => rate !== null));
      expect(seen?.length).toBe(Math.floor(4000 / stepSeconds) + 1);
      for (const rate of seen?.slice(0, -1) ?? []) expect(Math.abs(rate - 5000)).toBeLessThan(150);
      for (const rate of seenUp?.slice(0, -1) ?? []) expect(Math.abs(rate - 10_000)).toBeLessThan(300);
      expect(archive.rates(null, span).down.find((rate) => rate !== null)).toBeGreaterThan(9800);
    }
    expect(archive.downHistory.values.at(-1)).toBe(10_000);
    archive.forget(one.infoHash);
    expect(archive.rates(one.infoHash, "3h").down.findLast((rate) => rate !== null)).toBe(0);
  });

  it("is there after a restart, with a gap where the engine did not run", async () => {
    const profile = new Profile();
    const before = new VirtualClock(startMs);
    const first = await profile.run(before);
    const torrent = new Counted("a".repeat(40));
    live(first, before, 1800, [torrent], 5000);
    await first.save();
    const after = new VirtualClock(startMs + 3_600_000);
    const second = await profile.run(after);
    live(second, after, 600, [torrent], 1000);
    expect(profile.warnings).toEqual([]);
    for (const who of [torrent.infoHash, null]) {
      const { down } = second.rates(who, "3h");
      // It began at a whole hour: minutes 0 … 29 of it, then none, then 60 … 69, of which the last has just begun.
      const minutes = down.slice(-71);
      for (const rate of minutes.slice(0, 30)) expect(Math.abs((rate ?? 0) - 5000)).toBeLessThan(150);
      expect(minutes.slice(31, 60)).toEqual(new Array(29).fill(null));
      for (const rate of minutes.slice(60, 70)) expect(Math.abs((rate ?? 0) - 1000)).toBeLessThan(50);
    }
    // Much later the old is gone from the short spans, and is not taken for something new.
    const late = await profile.run(new VirtualClock(startMs + 86_400_000));
    expect(new Set(late.rates(null, "3h").down)).toEqual(new Set([null]));
    expect(late.rates(null, "week").down.filter((rate) => rate !== null).length).toBeGreaterThan(1);
  });

  it("loses to a damaged record nothing but its graphs, and says so", async () => {
    const profile = new Profile();
    const clock = new VirtualClock(startMs);
    const first = await profile.run(clock);
    live(first, clock, 100, [new Counted("a".repeat(40))], 5000);
    await first.save();
    const path = "/profile/graphs";
    const whole = profile.files.get(path) ?? new Uint8Array();
    fc.assert(
      await fc.asyncProperty(
        fc.nat({ max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const spoilt = whole.slice();
          spoilt[at] = (spoilt[at] ?? 0) ^ change;
          profile.files.set(path, spoilt);
          profile.warnings.length = 0;
          const again = await profile.run(clock);
          expect(profile.warnings.length).toBe(1);
          expect(new Set(again.rates(null, "month").down)).toEqual(new Set([null]));
        },
      ),
    );
  });

  it("waits for a clock that is behind it when the machine starts, and is written over by none such", async () => {
    const profile = new Profile();
    const torrent = new Counted("a".repeat(40));
    const before = new VirtualClock(startMs);
    const first = await profile.run(before);
    live(first, before, 1800, [torrent], 5000);
    await first.save();
    const written = profile.files.get("/profile/graphs");
    // Without a battery it is 1970, until somebody asks what time it is.
    const clock = new VirtualClock(0);
    const second = await profile.run(clock);
    live(second, clock, 400, [torrent], 1000);
    await second.save();
    expect(profile.files.get("/profile/graphs")).toEqual(written);
    clock.jumpWall(startMs + 1_860_000 - clock.wallMs());
    live(second, clock, 120, [torrent], 1000);
    const seen = second.rates(torrent.infoHash, "3h").down.filter((rate) => rate !== null);
    expect(seen.filter((rate) => Math.abs(rate - 5000) < 150).length).toBeGreaterThanOrEqual(29);
    expect(second.rates(null, "month").down.some((rate) => rate !== null && rate > 4000)).toBe(true);
    await second.save();
    expect(profile.files.get("/profile/graphs")).not.toEqual(written);
  });

  it("of a clock that was wrong holds up those of the right one for an hour", async () => {
    const profile = new Profile();
    const torrent = new Counted("a".repeat(40));
    const future = new VirtualClock(startMs + 10 * 365 * 86_400_000);
    const first = await profile.run(future);
    live(first, future, 200, [torrent], 5000);
    await first.save();
    const clock = new VirtualClock(startMs);
    const second = await profile.run(clock);
    live(second, clock, 3700, [torrent], 700);
    await second.save();
    const third = await profile.run(clock);
    const rates = third.rates(null, "3h").down.filter((rate) => rate !== null);
    for (const rate of rates.slice(0, 60)) expect(Math.abs(rate - 700)).toBeLessThan(30);
    expect(rates.length).toBeGreaterThan(60);
  });

  it("survives a clock that is set", async () => {
    const profile = new Profile();
    const torrent = new Counted("a".repeat(40));
    const future = new VirtualClock(startMs + 10 * 365 * 86_400_000);
    const first = await profile.run(future);
    live(first, future, 200, [torrent], 5000);
    await first.save();
    const clock = new VirtualClock(startMs);
    const second = await profile.run(clock);
    live(second, clock, 200, [torrent], 700);
    const rates = second.rates(null, "3h").down.filter((rate) => rate !== null);
    expect(rates.length).toBe(4);
    for (const rate of rates.slice(0, 3)) expect(Math.abs(rate - 700)).toBeLessThan(30);
  });

  it("remembers a bounded number of torrents, those that moved last, in a small record", async () => {
    const profile = new Profile();
    const clock = new VirtualClock(startMs);
    const archive = await profile.run(clock);
    const all = Array.from(
      { length: archivedTorrentsMax + 50 },
      (_, i) => new Counted(i.toString(16).padStart(40, "0")),
    );
    archive.tick(all, noFailure);
    for (const torrent of all) torrent.uploadedBytes += 1e6;
    clock.advance(1000);
    archive.tick(all, noFailure);
    const upOf = (torrent: Counted | undefined) => archive.rates(torrent?.infoHash ?? "", "3h").up.at(-1);
    expect(upOf(all[0])).toBe(0);
    expect(upOf(all.at(-1))).toBeGreaterThan(0);
    await archive.save();
    expect(profile.files.get("/profile/graphs")?.length).toBeLessThan(300_000);
  });
});

describe("packed rings", () => {
  it("come back as they were, nearly", () => {
    const newest = 30_000_000;
    const amounts = fc.array(fc.tuple(fc.nat({ max: 179 }), fc.double({ min: 0, max: 1e13, noNaN: true })));
    fc.assert(
      fc.property(amounts, (all) => {
        const rings = new Rings();
        for (const [age, amount] of all) rings.add("3h", newest - age, amount);
        const packed = rings.pack("3h", newest);
        const again = new Rings();
        if (packed !== null) again.unpack("3h", newest, packed);
        for (let age = 0; age < 180; age++) {
          const was = rings.of("3h", newest - age);
          expect(Math.abs(again.of("3h", newest - age) - was)).toBeLessThanOrEqual(0.001 * was + 0.01);
        }
      }),
    );
  });
});
