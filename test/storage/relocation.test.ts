import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { codeOf, messageOf } from "../../source/base/errors.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { forgetRelocation, recoverRelocation, relocate } from "../../source/storage/relocation.ts";
import { type PlannedFile, planRelocation, type RelocationRequest } from "../../source/storage/relocation-plan.ts";
import type { VirtualDisk } from "../support/virtual-disk.ts";
import {
  diskOf,
  emptyFoldersOn,
  expectedFiles,
  filesOn,
  type MoveWorld,
  moveOnce,
  placeOn,
  profile,
  put,
  readEntry,
  recover,
  startAgain,
} from "./relocation-world.ts";

const names = ["torrent/a", "torrent/deep/b", "torrent/deep/c"];

function worldTo(toRoot: string, lengths: readonly number[] = [5000, 70_000, 0]): MoveWorld {
  const fromRoot = "/saves/old";
  const files = names.map((name) => ({ from: `${fromRoot}/${name}`, to: `${toRoot}/${name}` }));
  const own = new Map(files.map(({ from }, index) => [from, "abc".charAt(index).repeat(lengths[index] ?? 0)]));
  return { request: { fromRoot, toRoot, files }, own, foreign: new Map() };
}

async function failureOf(action: () => Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await action();
  } catch (error) {
    return { code: codeOf(error), message: messageOf(error) };
  }
  return { code: "", message: "" };
}

async function actions(disk: VirtualDisk, request: RelocationRequest): Promise<string[]> {
  return (await planRelocation(disk, request)).files.map(({ action }) => action);
}

function reasonOf(file: PlannedFile | undefined): string {
  return file?.action === "conflict" ? file.reason : "";
}

describe("the plan of a move", () => {
  it("tells what would be renamed, copied and made, and touches nothing", async () => {
    const world = worldTo("/usb/new");
    const disk = await diskOf(world);
    await disk.removeFile("/saves/old/torrent/a");
    const before = disk.snapshot();
    const changes = disk.changeCount;
    const plan = await planRelocation(disk, world.request);
    expect(plan.files.map(({ action }) => action)).toEqual(["absent", "copy", "copy"]);
    expect(plan).toMatchObject({
      copyBytes: 70_000,
      fits: true,
      newFolders: ["/usb/new", "/usb/new/torrent", "/usb/new/torrent/deep"],
    });
    expect(await actions(disk, worldTo("/saves/new").request)).toEqual(["absent", "rename", "rename"]);
    expect((await planRelocation(disk, worldTo("/saves/old").request)).files).toEqual([]);
    expect(disk.snapshot()).toEqual(before);
    expect(disk.changeCount).toBe(changes);
  });

  it("says when there is not the room, and nothing is then begun", async () => {
    const world = worldTo("/usb/new");
    const disk = await diskOf(world);
    disk.setCapacity("/usb", 65_536);
    const plan = await planRelocation(disk, world.request);
    expect(plan).toMatchObject({ copyBytes: 75_000, freeBytes: 65_536, fits: false });
    const failure = await failureOf(() => moveOnce(disk, plan));
    expect(failure).toMatchObject({ code: "disk-full" });
    expect(failure.message).toContain("/usb/new has 64.0 KiB free");
    expect(filesOn(disk)).toEqual(expectedFiles(world, "old"));
  });

  it("finds what is in the way, also where the torrent has no file yet", async () => {
    const world = worldTo("/saves/new");
    const disk = await diskOf(world);
    await disk.removeFile("/saves/old/torrent/deep/c");
    await put(disk, "/saves/new/torrent/a", "mine");
    await put(disk, "/saves/new/torrent/deep/c", "mine, too");
    const plan = await planRelocation(disk, world.request);
    expect(plan.files.map(({ action }) => action)).toEqual(["conflict", "rename", "conflict"]);
    expect(reasonOf(plan.files[0])).toBe("/saves/new/torrent/a is there already, and is not touched");
    const before = filesOn(disk);
    expect((await failureOf(() => moveOnce(disk, plan))).code).toBe("conflict");
    expect(filesOn(disk)).toEqual(before);
  });

  it("follows no link below a save folder, and takes nothing but ordinary files", async () => {
    const world = worldTo("/saves/new");
    const disk = await diskOf(world);
    await put(disk, "/elsewhere/c", "precious");
    await disk.makeDirectory("/saves/new/torrent");
    disk.makeLink("/saves/new/torrent/deep", "/elsewhere");
    expect(await actions(disk, world.request)).toEqual(["rename", "conflict", "conflict"]);
    await disk.removeFile("/saves/new/torrent/deep");
    await disk.removeFile("/saves/old/torrent/a");
    disk.makeLink("/saves/old/torrent/a", "/elsewhere/c");
    expect(await actions(disk, world.request)).toEqual(["conflict", "rename", "rename"]);
    await disk.rename("/saves/old/torrent/deep", "/saves/old/torrent/kept");
    disk.makeLink("/saves/old/torrent/deep", "/saves/old/torrent/kept");
    expect(await actions(disk, world.request)).toEqual(["conflict", "conflict", "conflict"]);
    disk.makeLink("/saves/linked", "/saves/new");
    const [first] = (await planRelocation(disk, worldTo("/saves/linked").request)).files;
    expect(reasonOf(first)).toBe("/saves/old/torrent/a is no ordinary file");
  });

  it("refuses paths that leave a save folder, and two files with one new name", async () => {
    const disk = await diskOf(worldTo("/saves/new"));
    const plan = (to: string, from = "/saves/old/torrent/a") =>
      failureOf(() => planRelocation(disk, { fromRoot: "/saves/old", toRoot: "/saves/new", files: [{ from, to }] }));
    for (const to of [
      "/saves/newer/a",
      "/saves/new/../a",
      "/saves/new",
      "/saves/new/",
      "/saves/new//a",
      "saves/new/a",
    ]) {
      expect((await plan(to)).code).toBe("unsafe-path");
    }
    expect((await plan("/saves/new/a", "/saves/other/a")).code).toBe("unsafe-path");
    const files = names.map((name) => ({ from: `/saves/old/${name}`, to: "/saves/new/one" }));
    expect(await actions(disk, { fromRoot: "/saves/old", toRoot: "/saves/new", files })).toEqual([
      "rename",
      "conflict",
      "conflict",
    ]);
  });
});

describe("a move", () => {
  it.each(["/saves/new", "/usb/new", "/saves/old/torrent/inside"])(
    "brings all files to %s, and empty folders go",
    async (toRoot) => {
      const world = worldTo(toRoot);
      const disk = await diskOf(world);
      const fractions: number[] = [];
      const plan = await planRelocation(disk, world.request);
      const options = { ...placeOn(disk), random: new SeededRandom(1), note: "new" };
      expect(await relocate(plan, { ...options, onProgress: (fraction) => fractions.push(fraction) })).toBe("");
      await forgetRelocation(options);
      expect(new Map([...filesOn(disk)].filter(([path]) => !path.startsWith(profile)))).toEqual(
        new Map([...expectedFiles(world, "new")].filter(([path]) => !path.startsWith(profile))),
      );
      expect(emptyFoldersOn(disk).filter((folder) => folder !== "/usb" && folder !== "/saves/old")).toEqual([]);
      expect(fractions.at(-1)).toBe(1);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    },
  );

  it("loses no file where a rename is done and its answer lost, as on a network", async () => {
    const world = worldTo("/saves/new");
    const disk = await diskOf(world);
    const rename = disk.rename.bind(disk);
    let isLost = false;
    disk.rename = async (from, to) => {
      await rename(from, to);
      if (isLost || !from.endsWith("/b")) return;
      isLost = true;
      throw Object.assign(new Error("ENOENT: lost"), { code: "ENOENT" });
    };
    const options = { ...placeOn(disk), random: new SeededRandom(1), note: "new" };
    const { code } = await failureOf(async () => relocate(await planRelocation(disk, world.request), options));
    expect([code, isLost]).toEqual(["missing", true]);
    expect(filesOn(disk)).toEqual(expectedFiles(world, "old"));
  });

  it("keeps what others have in the torrent's folder, and the save folder itself", async () => {
    const world = { ...worldTo("/usb/new"), foreign: new Map([["/saves/old/torrent/deep/subtitles", "s"]]) };
    const disk = await diskOf(world);
    await moveOnce(disk, await planRelocation(disk, world.request));
    expect(filesOn(disk)).toEqual(expectedFiles(world, "new"));
    const empty = await diskOf(worldTo("/usb/new"));
    await moveOnce(empty, await planRelocation(empty, world.request));
    expect(empty.snapshot().get("/saves/old")).toBe("/");
  });

  it("takes no name that somebody else takes at the last moment", async () => {
    for (const toRoot of ["/saves/new", "/usb/new"]) {
      const world = worldTo(toRoot);
      const disk = await diskOf(world);
      const plan = await planRelocation(disk, world.request);
      const contested = `${toRoot}/torrent/deep/b`;
      disk.fault = (operation, path) => {
        if (operation !== "open" || path !== contested) return undefined;
        disk.fault = () => undefined;
        disk.openSync(contested, "create").writeSync([new TextEncoder().encode("theirs")], 0);
        return undefined;
      };
      const failure = await failureOf(() => moveOnce(disk, plan));
      expect(failure).toEqual({ code: "conflict", message: `${contested} is there already, and is not touched` });
      expect(filesOn(disk)).toEqual(expectedFiles({ ...world, foreign: new Map([[contested, "theirs"]]) }, "old"));
    }
  });

  it("is undone when the disk fills in the middle of a copy, and can be tried again", async () => {
    const world = worldTo("/usb/new", [5000, 3_000_000, 100]);
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    disk.setCapacity("/usb", 2_000_000);
    expect((await failureOf(() => moveOnce(disk, plan))).code).toBe("disk-full");
    expect(filesOn(disk)).toEqual(expectedFiles(world, "old"));
    expect(emptyFoldersOn(disk)).toEqual(["/usb"]);
    disk.setCapacity("/usb", 4_000_000);
    await moveOnce(disk, await planRelocation(disk, world.request));
    expect(filesOn(disk)).toEqual(expectedFiles(world, "new"));
  });

  it("can be cancelled while it copies", async () => {
    const world = worldTo("/usb/new", [5000, 3_000_000, 100]);
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    const cancelling = new AbortController();
    const options = { ...placeOn(disk), random: new SeededRandom(1), note: "new", signal: cancelling.signal };
    const moving = relocate(plan, { ...options, onProgress: (fraction) => fraction > 0.5 && cancelling.abort() });
    expect((await failureOf(() => moving)).code).toBe("cancelled");
    expect(filesOn(disk)).toEqual(expectedFiles(world, "old"));
    expect((await failureOf(() => relocate(plan, options))).code).toBe("cancelled");
  });

  it("leaves the holes of a download out of its copy", async () => {
    const world = worldTo("/usb/new", [0, 0, 0]);
    const disk = await diskOf(world);
    const file = await disk.open("/saves/old/torrent/a", "write");
    await file.write([new Uint8Array(10_000).fill(1)], 2_000_000);
    await file.truncate(3_000_000);
    await file.close();
    const free = await disk.freeSpace("/usb");
    const bytes = disk.snapshot().get("/saves/old/torrent/a");
    await moveOnce(disk, await planRelocation(disk, world.request));
    expect(disk.snapshot().get("/usb/new/torrent/a")).toBe(bytes);
    expect(free - (await disk.freeSpace("/usb"))).toBeLessThan(200_000);
  });

  it("copies where one file system turns out to be two", async () => {
    const world = worldTo("/saves/new");
    const disk = await diskOf(world);
    disk.fault = (operation, path) => (operation === "rename" && path.startsWith("/saves/old") ? "EXDEV" : undefined);
    await moveOnce(disk, await planRelocation(disk, world.request));
    expect(filesOn(disk)).toEqual(expectedFiles(world, "new"));
  });

  it("is not removed at its old place where it was changed while it was copied", async () => {
    const world = worldTo("/usb/new");
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    await put(disk, "/saves/old/torrent/deep/b", "longer".repeat(20_000));
    expect((await failureOf(() => moveOnce(disk, plan))).code).toBe("busy");
    expect(filesOn(disk).get("/saves/old/torrent/deep/b")).toContain("120000 bytes");
    expect([...filesOn(disk).keys()].filter((path) => path.startsWith("/usb"))).toEqual([]);
  });

  it("is done when only the old copies cannot be removed, which is tried again later", async () => {
    const world = worldTo("/usb/new");
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    disk.fault = (operation, path) => (operation === "removeFile" && path.startsWith("/saves") ? "EIO" : undefined);
    const left = await relocate(plan, { ...placeOn(disk), random: new SeededRandom(1), note: "new" });
    expect(left).toContain("what is left at the old place could not be removed");
    disk.fault = () => undefined;
    expect(await startAgain(disk)).toBe("new");
    expect(filesOn(disk)).toEqual(expectedFiles(world, "new"));
  });
});

describe("a move that was cut short", () => {
  it("is waited for where its record cannot be read at the moment", async () => {
    const disk = await diskOf(worldTo("/saves/new"));
    disk.fault = (operation, path) => (operation === "read" && path.endsWith(".move") ? "EMFILE" : undefined);
    const place = { files: disk, recordPath: "/profile/it.move" };
    expect(await failureOf(() => recoverRelocation(place))).toMatchObject({ code: "io-error" });
  });

  async function cutInClearing(world: MoveWorld): Promise<VirtualDisk> {
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    disk.fault = (operation, path) => {
      if (operation === "removeFile" && path === "/saves/old/torrent/deep/b") disk.failAfter(0);
      return undefined;
    };
    await failureOf(() => moveOnce(disk, plan));
    return disk.crash("kill");
  }

  it("never takes the only copy back, whatever became of the others", async () => {
    const world = worldTo("/usb/new");
    const disk = await cutInClearing(world);
    expect(disk.snapshot().has("/saves/old/torrent/a")).toBe(false);
    // Somebody removed a new file meanwhile: its old one is still there, and stays.
    await disk.removeFile("/usb/new/torrent/deep/b");
    expect(await startAgain(disk)).toBe("new");
    expect(disk.snapshot().get("/usb/new/torrent/a")).toBe("a".repeat(5000));
    expect(disk.snapshot().get("/saves/old/torrent/deep/b")).toBe("b".repeat(70_000));
  });

  it("does not remove what somebody has put at an old place since", async () => {
    const world = worldTo("/usb/new");
    const disk = await cutInClearing(world);
    await put(disk, "/saves/old/torrent/a", "a new one");
    await put(disk, "/saves/old/torrent/deep/b", "longer".repeat(20_000));
    expect(await startAgain(disk)).toBe("new");
    expect(disk.snapshot().get("/saves/old/torrent/a")).toBe("a new one");
    expect(disk.snapshot().get("/saves/old/torrent/deep/b")?.length).toBe(120_000);
  });

  it("waits while no file can be found in either place", async () => {
    const world = worldTo("/usb/new");
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    disk.fault = (operation, path) => {
      if (operation === "rename" && path.endsWith("-1.part")) disk.failAfter(0);
      return undefined;
    };
    await failureOf(() => moveOnce(disk, plan));
    const next = disk.crash("kill");
    for (const folder of ["/saves/old", "/usb/new"]) await next.rename(folder, `${folder}-away`);
    expect((await failureOf(() => recover(next))).code).toBe("unfinished");
    for (const folder of ["/saves/old", "/usb/new"]) await next.rename(`${folder}-away`, folder);
    expect(await startAgain(next)).toBe("new");
    expect(filesOn(next)).toEqual(expectedFiles(world, "new"));
  });

  it("comes before another", async () => {
    const world = worldTo("/saves/new");
    const disk = await diskOf(world);
    const plan = await planRelocation(disk, world.request);
    disk.fault = (operation, path) => (operation === "rename" && !path.startsWith(profile) ? "EIO" : undefined);
    await failureOf(() => moveOnce(disk, plan));
    disk.fault = () => undefined;
    await moveOnce(disk, plan);
    expect(readEntry(disk)).toBe("new");
    await put(disk, placeOn(disk).recordPath, "damaged");
    expect((await failureOf(() => recover(disk))).code).toBe("bad-record");
    expect((await failureOf(() => moveOnce(disk, plan))).code).toBe("unfinished");
  });
});

describe("a move on the host's disks", () => {
  const made: string[] = [];
  afterEach(() => {
    for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
  });
  const shared = "/dev/shm";
  const isOther = existsSync(shared) && statSync(shared).dev !== statSync(tmpdir()).dev;

  async function moveBetween(fromRoot: string, toRoot: string): Promise<string[]> {
    mkdirSync(join(fromRoot, "torrent", "deep"), { recursive: true });
    const bytes = new Uint8Array(2_500_000).map((_, index) => index % 251);
    writeFileSync(join(fromRoot, "torrent", "deep", "b"), bytes);
    writeFileSync(join(fromRoot, "torrent", "a"), "");
    const files = names.map((name) => ({ from: `${fromRoot}/${name}`, to: `${toRoot}/${name}` }));
    const disk = new NodeFileSystem();
    const plan = await planRelocation(disk, { fromRoot, toRoot, files });
    const place = { files: disk, recordPath: join(fromRoot, "record") };
    expect(await relocate(plan, { ...place, random: new SeededRandom(1), note: "n" })).toBe("");
    expect(await recoverRelocation(place)).toEqual({ outcome: "moved", note: "n", reason: "" });
    await forgetRelocation(place);
    expect(Buffer.compare(readFileSync(join(toRoot, "torrent", "deep", "b")), bytes)).toBe(0);
    expect(readdirSync(fromRoot)).toEqual([]);
    expect(readdirSync(toRoot, { recursive: true }).sort()).toEqual([
      "torrent",
      "torrent/a",
      "torrent/deep",
      "torrent/deep/b",
    ]);
    return plan.files.map(({ action }) => action);
  }

  it("renames within one", async () => {
    const root = mkdtempSync(join(tmpdir(), "relocation-"));
    made.push(root);
    mkdirSync(join(root, "from"));
    expect(await moveBetween(join(root, "from"), join(root, "to", "deep"))).toEqual(["rename", "rename", "absent"]);
  });

  it.skipIf(!isOther)("copies to another (where /dev/shm is one)", async () => {
    const from = mkdtempSync(join(tmpdir(), "relocation-"));
    const to = mkdtempSync(join(shared, "relocation-"));
    made.push(from, to);
    expect(await moveBetween(from, join(to, "new"))).toEqual(["copy", "copy", "absent"]);
  });
});
