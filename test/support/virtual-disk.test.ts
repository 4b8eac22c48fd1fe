import { describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualDisk } from "./virtual-disk.ts";

const clock = new VirtualClock();
const bytesOf = (text: string) => new TextEncoder().encode(text);
const seeds = Array.from({ length: 60 }, (_, seed) => seed);

async function put(disk: VirtualDisk, path: string, text: string, mustSync = false): Promise<void> {
  const file = await disk.open(path, "create");
  await file.write([bytesOf(text)], 0);
  if (mustSync) await file.sync();
  await file.close();
}

async function codeOfFailure(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return codeOf(error);
  }
  return "";
}

/** Every outcome of a power cut, over many seeds, after the same steps. */
async function outcomes(steps: (disk: VirtualDisk) => Promise<void>): Promise<Map<string, string>[]> {
  const found: Map<string, string>[] = [];
  for (const seed of seeds) {
    const disk = new VirtualDisk({ clock });
    await steps(disk);
    found.push(disk.crash("power", seed).snapshot());
  }
  return found;
}

describe("a loss of power", () => {
  it("keeps what was synced, the bytes by their file and the name by its folder", async () => {
    const all = await outcomes(async (disk) => {
      await disk.makeDirectory("/a");
      await put(disk, "/a/both", "kept", true);
      await disk.syncDirectory("/a");
      await put(disk, "/a/bytes", "kept", true);
    });
    expect(all.every((left) => left.get("/a/both") === "kept")).toBe(true);
    expect(new Set(all.map((left) => left.get("/a/bytes")))).toEqual(new Set(["kept", undefined]));
  });

  it("may lose any page that was not synced, or leave zeros", async () => {
    const all = await outcomes(async (disk) => {
      await put(disk, "/file", "");
      await disk.syncDirectory("/");
      await put(disk, "/file", "x".repeat(4096) + "y".repeat(4096));
    });
    const first = new Set(all.map((left) => left.get("/file")?.[0]));
    const second = new Set(all.map((left) => left.get("/file")?.[4096]));
    expect(first).toEqual(new Set(["x", "\0", undefined]));
    expect(second).toEqual(new Set(["y", "\0", undefined]));
  });

  it("leaves a rename whole or undone, also between folders", async () => {
    const all = await outcomes(async (disk) => {
      await disk.makeDirectory("/a");
      await disk.makeDirectory("/b");
      await put(disk, "/a/file", "text", true);
      disk.syncAll();
      await disk.rename("/a/file", "/b/file");
    });
    const places = all.map((left) => [...left.keys()].filter((path) => path.endsWith("file")).join());
    expect(new Set(places)).toEqual(new Set(["/a/file", "/b/file"]));
  });

  it("has later changes of a folder only with the earlier ones", async () => {
    const all = await outcomes(async (disk) => {
      await disk.makeDirectory("/a");
      await put(disk, "/a/1", "", true);
      await put(disk, "/a/2", "", true);
      await disk.removeFile("/a/1");
    });
    for (const left of all) {
      if (left.has("/a/2")) expect(left.has("/a")).toBe(true);
      if (left.has("/a") && left.has("/a/2") && !left.has("/a/1")) expect(left.get("/a/2")).toBe("");
    }
    const names = new Set(all.map((left) => [...left.keys()].join()));
    expect(names).toEqual(new Set(["", "/a", "/a,/a/1", "/a,/a/1,/a/2", "/a,/a/2"]));
  });

  it("leaves a file that is replaced atomically old or new, and new when that was done", async () => {
    const found = new Set<string | undefined>();
    for (let count = 0; count <= 5; count++) {
      for (const seed of seeds) {
        const disk = new VirtualDisk({ clock });
        await disk.writeFileAtomic("/state", bytesOf("old"));
        disk.failAfter(count);
        const isDone = (await codeOfFailure(() => disk.writeFileAtomic("/state", bytesOf("new")))) === "";
        const state = disk.crash("power", seed).snapshot().get("/state");
        found.add(state);
        expect(isDone ? ["new"] : ["old", "new"]).toContain(state);
        expect(isDone).toBe(count === 5);
      }
    }
    expect(found).toEqual(new Set(["old", "new"]));
  });

  it("has the same outcome for the same seed, and what is left is on the disk", async () => {
    const left = (seed: number) => async () => {
      const disk = new VirtualDisk({ clock });
      for (let i = 0; i < 20; i++) await put(disk, `/file-${i}`, "x".repeat(i * 1000));
      return disk.crash("power", seed);
    };
    const disk = await left(5)();
    expect(disk.snapshot()).toEqual((await left(5)()).snapshot());
    expect(disk.snapshot()).not.toEqual((await left(6)()).snapshot());
    const before = disk.snapshot();
    expect(disk.crash("power", 9).snapshot()).toEqual(before);
  });
});

describe("a killed process", () => {
  it("ends at the change it was told, half in a write, and leaves all that it did", async () => {
    const disk = new VirtualDisk({ clock });
    disk.failAfter(2);
    await put(disk, "/a", "whole");
    const file = await disk.open("/a", "write");
    expect(await codeOfFailure(() => file.write([bytesOf("HALF")], 0))).toBe("EKILLED");
    expect(disk.isDead).toBe(true);
    expect(await codeOfFailure(() => disk.stat("/a"))).toBe("EKILLED");
    expect(await codeOfFailure(() => disk.open("/a", "read"))).toBe("EKILLED");
    const next = disk.crash("kill");
    expect(next.snapshot().get("/a")).toBe("HAole");
    await put(next, "/b", "alive");
    expect(next.changeCount).toBe(2);
  });

  it("leaves to a later loss of power what was never synced", async () => {
    const lost = seeds.filter((seed) => {
      const disk = new VirtualDisk({ clock });
      disk.openSync("/a", "create");
      return !disk.crash("kill").crash("power", seed).snapshot().has("/a");
    });
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(seeds.length);
  });
});

describe("a disk with limits", () => {
  it("is full page by page, and has room again when files go", async () => {
    const disk = new VirtualDisk({ clock, capacityBytes: 3 * 4096, mounts: ["/other"] });
    await put(disk, "/a", "x".repeat(5000));
    expect(await disk.freeSpace("/")).toBe(4096);
    expect(await codeOfFailure(() => put(disk, "/b", "y".repeat(5000)))).toBe("ENOSPC");
    expect(disk.snapshot().get("/b")).toBe("y".repeat(4096));
    await put(disk, "/other/c", "z".repeat(50_000));
    await disk.removeFile("/a");
    expect(await disk.freeSpace("/")).toBe(2 * 4096);
    await put(disk, "/b", "y".repeat(5000));
    const holes = await disk.open("/b", "write");
    await holes.truncate(1e9);
    expect(await disk.crash("kill").freeSpace("/")).toBe(4096);
  });

  it("has file systems of their own, between which nothing is renamed", async () => {
    const disk = new VirtualDisk({ clock, mounts: ["/other"] });
    await put(disk, "/a", "a");
    expect(await codeOfFailure(() => disk.rename("/a", "/other/a"))).toBe("EXDEV");
    const device = async (path: string) => (await disk.stat(path))?.identity.split(":")[0];
    expect(await device("/a")).not.toBe(await device("/other"));
    disk.setReadOnly("/other", true);
    expect(await codeOfFailure(() => put(disk, "/other/b", "b"))).toBe("EROFS");
    expect(await codeOfFailure(() => disk.makeDirectory("/other/b"))).toBe("EROFS");
    await put(disk, "/b", "b");
  });

  it("fails on the paths and operations that it is told", async () => {
    const disk = new VirtualDisk({ clock });
    await put(disk, "/a", "a");
    disk.fault = (operation, path) => (operation === "read" && path === "/a" ? "EIO" : undefined);
    const file = await disk.open("/a", "read");
    expect(await codeOfFailure(() => file.read(new Uint8Array(1), 0))).toBe("EIO");
    await put(disk, "/b", "b");
    disk.fault = () => undefined;
    expect(await file.read(new Uint8Array(1), 0)).toBe(1);
  });

  it("stamps files with the time of its clock", async () => {
    const own = new VirtualClock(1000);
    const disk = new VirtualDisk({ clock: own });
    await put(disk, "/a", "a");
    own.advance(500);
    expect((await disk.stat("/a"))?.modifiedMs).toBe(1000);
    await put(disk, "/a", "b");
    expect((await disk.stat("/a"))?.modifiedMs).toBe(1500);
  });
});
