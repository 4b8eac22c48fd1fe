/** Files that go to the trash: real files, and a file system that says it is several. */
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
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { trashPlace } from "../../source/commands/trash-place.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { FileStat, FileSystem } from "../../source/ports/file-system.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import type { TrashPlace } from "../../source/storage/trash.ts";
import { RecordedEvents } from "./compliance.ts";
import { makeTorrent, type Torrent } from "./torrents.ts";

let root = "";
let save = "";
let trash = "";
let place: TrashPlace;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "p2p-trash-"));
  save = join(root, "mount", "in it", "save");
  trash = join(root, "home", "Trash");
  mkdirSync(save, { recursive: true });
  place = { homeTrash: trash, userId: 1234, localTime: () => "2026-11-21T10:15:00" };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Everything below `root/mount` is on another file system than the rest. */
class TwoFileSystems extends NodeFileSystem {
  override async stat(path: string): Promise<FileStat | undefined> {
    const stat = await super.stat(path);
    if (stat === undefined) return undefined;
    return { ...stat, identity: `${`${path}/`.startsWith(`${root}/mount/`) ? "2" : "1"}:${stat.identity}` };
  }
}

async function opened(torrent: Torrent, files: FileSystem = new NodeFileSystem()): Promise<FileStorage> {
  const ports = { files, hasher: new NodeHasher(), clock: new NodeClock() };
  const storage = new FileStorage(ports, { metainfo: torrent.metainfo, savePath: save, trash: place });
  await storage.open(new RecordedEvents());
  return storage;
}

const album = () =>
  makeTorrent(16_384, [
    { path: ["t", "one"], length: 5 },
    { path: ["t", "more", "two"], length: 7 },
  ]);

function lay(path: string, text: string): void {
  mkdirSync(join(save, path, ".."), { recursive: true });
  writeFileSync(join(save, path), text);
}

describe("the trash", () => {
  it("takes a torrent's own files in their folders, tells where they were, and leaves what is not its own", async () => {
    lay("t/one", "first");
    lay("t/more/two", "second!");
    lay("t/more/mine", "mine");
    await (await opened(album())).removeFiles("trash");
    expect(readdirSync(join(trash, "files")).sort()).toEqual(["t"]);
    expect(readFileSync(join(trash, "files/t/one"), "utf8")).toBe("first");
    expect(readFileSync(join(trash, "files/t/more/two"), "utf8")).toBe("second!");
    expect(readFileSync(join(trash, "info/t.trashinfo"), "utf8")).toBe(
      `[Trash Info]\nPath=${save.replace("in it", "in%20it")}/t\nDeletionDate=2026-11-21T10:15:00\n`,
    );
    expect(readdirSync(join(save, "t/more"))).toEqual(["mine"]);
    expect(existsSync(join(save, "t/one"))).toBe(false);
  });

  it("takes a torrent of one file, and gives a second of that name another", async () => {
    const torrent = makeTorrent(16_384, [{ path: ["日本.iso"], length: 3 }]);
    for (const text of ["one", "two"]) {
      lay("日本.iso", text);
      await (await opened(torrent)).removeFiles("trash");
    }
    expect(readdirSync(save)).toEqual([]);
    expect(readFileSync(join(trash, "files/日本.iso"), "utf8")).toBe("one");
    expect(readFileSync(join(trash, "files/日本.iso.2"), "utf8")).toBe("two");
    expect(readdirSync(join(trash, "info")).sort()).toEqual(["日本.iso.2.trashinfo", "日本.iso.trashinfo"]);
    expect(readFileSync(join(trash, "info/日本.iso.trashinfo"), "utf8")).toContain("/save/%E6%97%A5%E6%9C%AC.iso\n");
  });

  it("makes nothing where nothing is there, and follows no link", async () => {
    const other = join(root, "other");
    mkdirSync(other);
    writeFileSync(join(other, "two"), "not ours");
    mkdirSync(join(save, "t"));
    symlinkSync(other, join(save, "t", "more"));
    await (await opened(album())).removeFiles("trash");
    expect(existsSync(trash)).toBe(false);
    expect(readFileSync(join(other, "two"), "utf8")).toBe("not ours");
  });

  it("is at the top of the file system that the files are on, where that is not the home's", async () => {
    lay("t/one", "first");
    await (await opened(album(), new TwoFileSystems())).removeFiles("trash");
    const atTop = join(root, "mount", ".Trash-1234");
    expect(readFileSync(join(atTop, "files/t/one"), "utf8")).toBe("first");
    expect(readFileSync(join(atTop, "info/t.trashinfo"), "utf8")).toContain("Path=in%20it/save/t\n");
    expect(existsSync(trash)).toBe(false);
  });

  it("that somebody else has put a link in the place of is not used: nothing moves", async () => {
    lay("t/one", "first");
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), join(root, "mount", ".Trash-1234"));
    const storage = await opened(album(), new TwoFileSystems());
    await expect(storage.removeFiles("trash")).rejects.toMatchObject({ code: "no-trash" });
    expect(readFileSync(join(save, "t/one"), "utf8")).toBe("first");
    expect(readdirSync(join(root, "elsewhere"))).toEqual([]);
  });

  it("is told of all that went there where the first file was taken away meanwhile", async () => {
    lay("t/one", "first");
    lay("t/more/two", "second!");
    class Racing extends NodeFileSystem {
      override async rename(from: string, to: string): Promise<void> {
        if (from.endsWith("/one")) rmSync(from);
        await super.rename(from, to);
      }
    }
    const storage = await opened(album(), new Racing());
    await storage.removeFiles("trash");
    expect(readFileSync(join(trash, "files/t/more/two"), "utf8")).toBe("second!");
    expect(readdirSync(join(trash, "info"))).toEqual(["t.trashinfo"]);
  });

  it("is told of before anything is moved", async () => {
    lay("t/one", "first");
    class Unmoving extends NodeFileSystem {
      override rename(): Promise<void> {
        expect(readdirSync(join(trash, "info"))).toEqual(["t.trashinfo"]);
        return Promise.reject(Object.assign(new Error("no"), { code: "EXDEV" }));
      }
    }
    const storage = await opened(album(), new Unmoving());
    await expect(storage.removeFiles("trash")).rejects.toThrow(
      /one cannot go to the trash: it lies on another file system$/,
    );
    expect(readFileSync(join(save, "t/one"), "utf8")).toBe("first");
    expect(readdirSync(join(trash, "info"))).toEqual([]);
  });
});

describe("the user's trash", () => {
  it("is where the desktop has it", () => {
    expect(trashPlace({ HOME: "/home/me" }).homeTrash).toBe("/home/me/.local/share/Trash");
    expect(trashPlace({ HOME: "/home/me", XDG_DATA_HOME: "/data" }).homeTrash).toBe("/data/Trash");
    expect(trashPlace({ HOME: "/home/me", XDG_DATA_HOME: "not/absolute" }).homeTrash).toBe(
      "/home/me/.local/share/Trash",
    );
    expect(trashPlace({ HOME: "/home/me" }).localTime()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });
});
