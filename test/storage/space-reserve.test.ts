/** The room kept for records, on a disk that is full when the test says so. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { SpaceReserve } from "../../source/storage/space-reserve.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

/** As the system's, but as if it had no more room than `free`; writing a record needs one byte more than there is at 0. */
class SmallDisk extends NodeFileSystem {
  free = 1_000_000;
  override async freeSpace(): Promise<number> {
    return this.free;
  }
  override async writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
    if (this.free < bytes.length) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
    await super.writeFileAtomic(path, bytes);
  }
  override async removeFile(path: string): Promise<void> {
    const { size } = statSync(path);
    await super.removeFile(path);
    this.free += size;
  }
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reserve-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function setUp() {
  const files = new SmallDisk();
  const clock = new VirtualClock();
  const reserve = new SpaceReserve({ files, clock, random: new SeededRandom(1) }, join(folder, "reserve"), 10_000);
  const write = (text: string) => reserve.writeFileAtomic(join(folder, "record"), new TextEncoder().encode(text));
  const read = () => readFileSync(join(folder, "record"), "utf8");
  return { files, clock, reserve, write, read };
}

it("gives its room to a record when the disk is full, and takes it again when there is plenty", async () => {
  const { files, clock, reserve, write, read } = setUp();
  await reserve.take();
  expect(statSync(join(folder, "reserve")).size).toBe(10_000);
  files.free = 0;
  await write("one");
  expect(read()).toBe("one");
  expect(reserve.isHeld).toBe(false);
  await write("two");
  expect(read()).toBe("two");
  files.free = 1_000_000;
  await clock.run(61_000);
  await write("three");
  expect(reserve.isHeld).toBe(true);
  expect(statSync(join(folder, "reserve")).size).toBe(10_000);
});

it("gives its room to all that are written at once when the disk is full", async () => {
  const { files, reserve } = setUp();
  await reserve.take();
  files.free = 0;
  const names = ["a", "b", "c", "d"];
  const late = files.writeFileAtomic.bind(files);
  files.writeFileAtomic = async (path, bytes) => {
    // It fails when the others have been given the room already.
    const wasFull = files.free < bytes.length;
    if (path.endsWith("d")) await new Promise((resolve) => setTimeout(resolve, 50));
    if (wasFull) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
    await late(path, bytes);
  };
  await Promise.all(names.map((name) => reserve.writeFileAtomic(join(folder, name), new TextEncoder().encode(name))));
  expect(names.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(names);
});

it("takes nothing from a disk that is nearly full", async () => {
  const { files, reserve } = setUp();
  files.free = 20_000;
  await reserve.take();
  expect(reserve.isHeld).toBe(false);
});

it("says that the disk is full when the reserve is used up, and leaves the old record", async () => {
  const { files, reserve, write, read } = setUp();
  await reserve.take();
  await write("old");
  files.free = -20_000;
  await expect(write("new")).rejects.toMatchObject({ code: "ENOSPC" });
  expect(read()).toBe("old");
});

it("finds the room that an earlier run took", async () => {
  const first = setUp();
  await first.reserve.take();
  const second = setUp();
  second.files.free = 0;
  await second.reserve.take();
  expect(second.reserve.isHeld).toBe(true);
});
