import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { WatchFolders } from "../../../source/engine/housekeeping/watch-folders.ts";
import { NodeClock } from "../../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { VirtualDisk } from "../../support/virtual-disk.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a watch folder", () => {
  let clock: VirtualClock;
  let disk: VirtualDisk;
  let added: string[];
  let warnings: string[];
  let problem: OperationalError | undefined;
  const watches: WatchFolders[] = [];

  beforeEach(async () => {
    clock = new VirtualClock();
    disk = new VirtualDisk({ clock });
    added = [];
    warnings = [];
    problem = undefined;
    await disk.makeDirectory("/watch");
  });
  afterEach(() => {
    for (const watch of watches.splice(0)) watch.close();
    expect(clock.pendingTimers).toBe(0);
  });

  function watch(folders = ["/watch"]): WatchFolders {
    const made = new WatchFolders(
      { clock, files: disk },
      {
        add: async (metainfo) => {
          const text = new TextDecoder().decode(metainfo);
          if (text.startsWith("bad")) throw new OperationalError("bad-metainfo", "not a valid torrent");
          if (problem !== undefined) throw problem;
          added.push(text);
        },
        place: { files: disk, folder: "/profile", warn: (message) => warnings.push(message) },
        warn: (message) => warnings.push(message),
      },
    );
    watches.push(made);
    made.use(folders);
    return made;
  }

  const put = async (name: string, text: string) => {
    const file = await disk.open(`/watch/${name}`, "create");
    await file.write([bytes(text)], 0);
    await file.close();
  };
  const names = async () => [...(await disk.list("/watch"))].sort();

  it("has its torrents added when they have come to rest, and renamed", async () => {
    watch();
    await put("a.torrent", "half");
    await clock.run(1_500);
    await put("a.torrent", "half and the rest");
    await put("other.txt", "x");
    await put("empty.torrent", "");
    await clock.run(2_000);
    expect(added).toEqual([]);
    await clock.run(10_000);
    expect(added).toEqual(["half and the rest"]);
    expect(await names()).toEqual(["a.torrent.added", "empty.torrent", "other.txt"]);
  });

  it("never writes over what is called so already", async () => {
    watch();
    await put("a.torrent.added", "old");
    await put("a.torrent", "new");
    await clock.run(10_000);
    expect(await names()).toEqual(["a.torrent.added", "a.torrent.added.2"]);
  });

  it("has bad ones renamed and told once", async () => {
    watch();
    await put("b.torrent", "bad");
    await put("huge.torrent", "x");
    const huge = await disk.open("/watch/huge.torrent", "write");
    await huge.truncate(40 * 1024 * 1024);
    await huge.close();
    await clock.run(60_000);
    expect(await names()).toEqual(["b.torrent.invalid", "huge.torrent.invalid"]);
    expect(warnings).toHaveLength(2);
    expect(added).toEqual([]);
  });

  it("has them tried again when it was not their fault", async () => {
    problem = new OperationalError("disk-full", "the disk is full");
    watch();
    await put("a.torrent", "a");
    await clock.run(300_000);
    expect([added, warnings.length, await names()]).toEqual([[], 1, ["a.torrent"]]);
    problem = undefined;
    await clock.run(61_000);
    expect([added, await names()]).toEqual([["a"], ["a.torrent.added"]]);
  });

  it("has them added once where they cannot be renamed, restarts or not", async () => {
    disk.fault = (operation) => (operation === "rename" ? "EACCES" : undefined);
    const first = watch();
    await put("a.torrent", "a");
    await clock.run(60_000);
    disk.fault = (operation, path) => (operation === "rename" && path.startsWith("/watch") ? "EACCES" : undefined);
    await put("b.torrent", "b");
    await clock.run(60_000);
    expect(added).toEqual(["a", "b"]);
    first.close();
    watch();
    await clock.run(60_000);
    expect(added).toEqual(["a", "b"]);
    await put("a.torrent", "a, but other");
    await clock.run(60_000);
    expect(added).toEqual(["a", "b", "a, but other"]);
  });

  it("that is not there is told once, and watched when it comes", async () => {
    watch(["/later"]);
    await clock.run(60_000);
    expect(warnings).toEqual(["the watch folder /later is waited for: it is not there"]);
    await disk.makeDirectory("/later");
    const file = await disk.open("/later/a.torrent", "create");
    await file.write([bytes("late")], 0);
    await clock.run(10_000);
    expect(added).toEqual(["late"]);
  });

  it("may have thousands of files", async () => {
    watch();
    for (let i = 0; i < 3000; i++) await put(`${i}.torrent`, `torrent ${i}`);
    for (let i = 0; i < 100 && added.length < 3000; i++) await clock.run(1000);
    expect(new Set(added).size).toBe(3000);
    expect((await names()).every((name) => name.endsWith(".added"))).toBe(true);
  });
});

describe("a watch folder on a real disk", () => {
  it("takes what is moved or written into it", async () => {
    const home = mkdtempSync(join(tmpdir(), "p2p-tui-watch-"));
    const folder = join(home, "in");
    mkdirSync(folder);
    const added: string[] = [];
    const files = new NodeFileSystem();
    const watch = new WatchFolders(
      { clock: new NodeClock(), files },
      {
        add: async (metainfo) => added.push(new TextDecoder().decode(metainfo)),
        place: { files, folder: home, warn: () => {} },
        warn: () => {},
      },
    );
    try {
      watch.use([folder]);
      writeFileSync(join(home, "a.torrent"), "moved");
      renameSync(join(home, "a.torrent"), join(folder, "a.torrent"));
      writeFileSync(join(folder, "B.TORRENT"), "written");
      await expect
        .poll(() => readdirSync(folder).sort(), { timeout: 20_000 })
        .toEqual(["B.TORRENT.added", "a.torrent.added"]);
      expect(added.sort()).toEqual(["moved", "written"]);
      expect(readFileSync(join(folder, "a.torrent.added"), "utf8")).toBe("moved");
    } finally {
      watch.close();
      rmSync(home, { recursive: true });
    }
  });
});
