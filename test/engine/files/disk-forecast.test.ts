import { describe, expect, it } from "vitest";
import { type DiskSpace, forecastDisks, worstOf } from "../../../source/engine/files/disk-forecast.ts";
import { SessionWorld } from "../../support/session-world.ts";

const spaces = (record: Readonly<Record<string, readonly [disk: string, freeBytes: number]>>) =>
  new Map(
    Object.entries(record).map(([folder, [disk, freeBytes]]): [string, DiskSpace] => [folder, { disk, freeBytes }]),
  );

describe("the forecast of disks", () => {
  it("adds up what goes to one disk, whatever the folder", () => {
    const loads = [
      { folder: "/a", left: 600, rate: 10 },
      { folder: "/b", left: 500, rate: 40 },
      { folder: "/c", left: 100, rate: 5 },
    ];
    const forecasts = forecastDisks(loads, spaces({ "/a": ["1", 1000], "/b": ["1", 1000], "/c": ["2", 100] }));
    expect(forecasts.get("/b")).toEqual({
      folder: "/a",
      freeBytes: 1000,
      leftBytes: 1100,
      missingBytes: 100,
      fullSeconds: 20,
    });
    expect(forecasts.get("/a")).toEqual(forecasts.get("/b"));
    expect(forecasts.get("/c")).toMatchObject({ missingBytes: 0, fullSeconds: null });
    expect(worstOf(forecasts.values())?.folder).toBe("/a");
  });

  it("says nothing of disks that it does not know, nor when a disk is full to which nothing comes", () => {
    const loads = [
      { folder: "/a", left: 600, rate: 10 },
      { folder: "/b", left: 5, rate: 0 },
    ];
    const forecasts = forecastDisks(loads, spaces({ "/b": ["1", 1] }));
    expect([...forecasts]).toEqual([
      ["/b", { folder: "/b", freeBytes: 1, leftBytes: 5, missingBytes: 4, fullSeconds: null }],
    ]);
  });

  it("worries first about the disk that is full first", () => {
    const loads = [
      { folder: "/late", left: 1000, rate: 1 },
      { folder: "/soon", left: 101, rate: 10 },
      { folder: "/never", left: 9000, rate: 0 },
      { folder: "/fits", left: 1, rate: 100 },
    ];
    const free = spaces({ "/late": ["1", 100], "/soon": ["2", 100], "/never": ["3", 100], "/fits": ["4", 100] });
    expect(worstOf(forecastDisks(loads, free).values())?.folder).toBe("/soon");
    expect(worstOf(forecastDisks(loads.slice(3), free).values())).toBe(undefined);
  });
});

describe("a session", () => {
  it("asks the disks of its downloads now and then, and never one that has not answered", async () => {
    const world = new SessionWorld();
    const torrents = [world.torrent("one", 1_000_000), world.torrent("two", 500_000)];
    let free = 1_200_000;
    let asked = 0;
    let answers: (() => void)[] = [];
    let isHung = false;
    const session = await world.start("10.0.0.1", {
      files: {
        freeSpace: async () => {
          asked++;
          if (isHung) await new Promise<void>((resolve) => answers.push(resolve));
          return free;
        },
        realPath: async (path) => path,
        stat: async () => ({ kind: "directory", length: 0, allocatedBytes: 0, modifiedMs: 0, identity: "7:1" }),
      },
    });
    for (const torrent of torrents) await world.add(session, torrent);
    await world.run(5);
    const before = asked;
    const missing = () => torrents.map(({ infoHash }) => session.torrent(infoHash).diskForecast?.missingBytes);
    expect(missing()).toEqual([300_000, 300_000]);
    await world.run(20);
    expect(asked).toBe(before);
    free = 2_000_000;
    await world.run(20);
    expect(missing()).toEqual([0, 0]);
    isHung = true;
    const answered = asked;
    await world.run(200);
    expect(asked).toBe(answered + 1);
    expect(missing()).toEqual([0, 0]);
    free = 1_499_999;
    isHung = false;
    for (const answer of answers) answer();
    answers = [];
    await world.run(5);
    expect(missing()).toEqual([1, 1]);
    await world.close();
  });

  it("does not miss the room that files hold already, on a disk that seems too small for what is to come", async () => {
    const world = new SessionWorld();
    const torrents = [world.torrent("one", 1_000_000), world.torrent("two", 500_000)];
    let held = 1_000_000;
    let stats = 0;
    let free = 600_000;
    const session = await world.start("10.0.0.1", {
      files: {
        freeSpace: async () => free,
        realPath: async (path) => path,
        stat: async (path) => {
          const isFile = path.endsWith("/one");
          if (isFile) stats++;
          const kind = isFile ? "file" : "directory";
          return { kind, length: 1_000_000, allocatedBytes: held, modifiedMs: 0, identity: "7:1" };
        },
      },
    });
    for (const torrent of torrents) await world.add(session, torrent);
    await world.run(10);
    const forecasts = () => torrents.map(({ infoHash }) => session.torrent(infoHash).diskForecast);
    expect(forecasts()[0]).toMatchObject({ leftBytes: 500_000, missingBytes: 0 });
    expect(forecasts()[1]).toBe(forecasts()[0]);
    held = 300_000;
    await world.run(60);
    expect(forecasts()[0]).toMatchObject({ leftBytes: 1_200_000, missingBytes: 600_000 });
    // Where there is room for everything, files are not looked at.
    free = 2_000_000;
    await world.run(60);
    stats = 0;
    await world.run(60);
    expect(stats).toBe(0);
    await world.close();
  });

  it("tells how much is free on each disk in use while somebody looks, and lets disks sleep else", async () => {
    const world = new SessionWorld();
    const torrent = world.torrent("one", 1_000);
    const asked: string[] = [];
    const session = await world.start("10.0.0.1", {
      isSeed: true,
      files: {
        freeSpace: async (path) => {
          asked.push(path);
          return path.startsWith("/other") ? 7_000 : 5_000;
        },
        realPath: async (path) => path,
        stat: async (path) => ({
          kind: "directory",
          length: 0,
          allocatedBytes: 0,
          modifiedMs: 0,
          identity: path.startsWith("/other") ? "8:1" : "7:1",
        }),
      },
    });
    session.apply({ ...session.rules, downloads: { directory: "/other/downloads" } });
    await world.add(session, torrent);
    await world.run(60);
    expect(asked).toEqual([]);
    expect(session.house.disks.look()).toEqual([]);
    await world.run(5);
    const disks = session.house.disks.look();
    expect(disks).toMatchObject([
      { folder: "/other/downloads", freeBytes: 7_000, leftBytes: 0 },
      { freeBytes: 5_000, leftBytes: 0 },
    ]);
    await world.run(5);
    // Nothing has changed: the same list, so that no row is sent for it.
    expect(session.house.disks.look()).toBe(disks);
    await world.run(60);
    const before = asked.length;
    await world.run(120);
    expect(asked.length).toBe(before);
    await world.close();
  });
});
