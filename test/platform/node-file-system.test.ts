import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeRandom } from "../../source/platform/node-random.ts";
import { canReserve } from "../support/can-reserve.ts";

const files = new NodeFileSystem();
const noReserve = await canReserve(tmpdir());
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "file-system-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function codeOfFailure(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return codeOf(error);
  }
  return "";
}

describe("NodeFileSystem", () => {
  it.skipIf(!existsSync("/proc/self"))("says so where no folder can be, and does not try for ever", async () => {
    expect(await codeOfFailure(() => files.makeDirectory("/proc/none/deep"))).toBe("ENOENT");
  });

  it("writes gathered buffers at a position and reads them back both ways", async () => {
    const file = await files.open(join(root, "a"), "create");
    file.writeSync([new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])], 4);
    await file.write([new Uint8Array([9, 8]), new Uint8Array([7])], 1);
    const sync = new Uint8Array(10);
    expect(file.readSync([sync], 0)).toBe(7);
    expect([...sync.subarray(0, 7)]).toEqual([0, 9, 8, 7, 1, 2, 3]);
    const async = new Uint8Array(3);
    expect(await file.read(async, 5)).toBe(2);
    expect([...async]).toEqual([2, 3, 0]);
    await file.close();
  });

  it.skipIf(noReserve !== "")(`reserves space, and leaves the file as it is ${noReserve}`, async () => {
    const file = await files.open(join(root, "-reserved"), "create");
    file.writeSync([new Uint8Array([1, 2, 3])], 0);
    const { signal } = new AbortController();
    // A later close waits for it, and a name is not looked up: it may have gone.
    rmSync(join(root, "-reserved"));
    const reserving = file.reserve(5_000_000, signal);
    const stat = reserving.then(() => file.stat());
    expect(await reserving).toBe(true);
    expect((await stat).length).toBe(3);
    expect((await stat).allocatedBytes).toBeGreaterThanOrEqual(5_000_000);
    expect(await file.reserve(5_000_000, AbortSignal.abort())).toBe(false);
    await file.close();
  });

  it("writes more buffers than the system takes at once", async () => {
    const file = await files.open(join(root, "many"), "create");
    const buffers = Array.from({ length: 2500 }, (_, i) => new Uint8Array([i & 255, i >> 8]));
    file.writeSync(buffers, 0);
    await file.write(buffers, 5000);
    await file.close();
    const expected = Buffer.concat([...buffers, ...buffers]);
    expect(readFileSync(join(root, "many")).equals(expected)).toBe(true);
  });

  it("does not follow a link in the last part of a path", async () => {
    writeFileSync(join(root, "target"), "precious");
    symlinkSync(join(root, "target"), join(root, "link"));
    symlinkSync(join(root, "nowhere"), join(root, "dangling"));
    for (const mode of ["read", "write", "create"] as const) {
      expect(await codeOfFailure(() => files.open(join(root, "link"), mode))).toBe("ELOOP");
      expect(await codeOfFailure(() => files.open(join(root, "dangling"), mode))).toBe("ELOOP");
      expect(() => files.openSync(join(root, "link"), mode)).toThrow(/ELOOP/);
    }
    expect(readdirSync(root)).not.toContain("nowhere");
    expect((await files.stat(join(root, "link")))?.kind).toBe("link");
  });

  it("refuses folders and pipes instead of waiting for them", async () => {
    mkdirSync(join(root, "folder"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await codeOfFailure(() => files.open(join(root, "folder"), "read"))).toBe("EISDIR");
    expect(await codeOfFailure(() => files.open(join(root, "pipe"), "read"))).toBe("EINVAL");
    expect(await codeOfFailure(() => files.open(join(root, "pipe"), "create"))).toBe("EINVAL");
    expect((await files.stat(join(root, "pipe")))?.kind).toBe("other");
  });

  it("closes only when reads under way have ended, and refuses later use", async () => {
    writeFileSync(join(root, "a"), new Uint8Array(1 << 20).fill(5));
    const file = await files.open(join(root, "a"), "read");
    const into = new Uint8Array(1 << 20);
    const reading = file.read(into, 0);
    const closing = file.close();
    expect(await reading).toBe(1 << 20);
    await closing;
    await file.close();
    expect(into.every((byte) => byte === 5)).toBe(true);
    expect(await codeOfFailure(() => file.read(into, 0))).toBe("EBADF");
    expect(() => file.writeSync([into], 0)).toThrow(/closed/);
  });

  it("replaces a file whole, leaves nothing beside it, and replaces a link rather than writing through it", async () => {
    const path = join(root, "state");
    await files.writeFileAtomic(path, new Uint8Array([1]));
    writeFileSync(join(root, "target"), "precious");
    symlinkSync(join(root, "target"), join(root, "link"));
    await files.writeFileAtomic(join(root, "link"), new Uint8Array([7]));
    await Promise.all([2, 3, 4].map((value) => files.writeFileAtomic(path, new Uint8Array(value).fill(value))));
    const bytes = readFileSync(path);
    expect([2, 3, 4]).toContain(bytes.length);
    expect(bytes.every((byte) => byte === bytes.length)).toBe(true);
    expect(readdirSync(root).sort()).toEqual(["link", "state", "target"]);
    expect(readFileSync(join(root, "target"), "utf8")).toBe("precious");
  });

  it("keeps who may read and write a file that it replaces", async () => {
    const path = join(root, "settings");
    for (const mode of [0o600, 0o664, 0o400]) {
      writeFileSync(path, "before");
      chmodSync(path, mode);
      await files.writeFileAtomic(path, new Uint8Array([1]));
      expect(statSync(path).mode & 0o777).toBe(mode);
      rmSync(path);
    }
  });

  it("leaves no temporary file when the atomic write cannot be finished", async () => {
    mkdirSync(join(root, "taken", "full"), { recursive: true });
    expect(await codeOfFailure(() => files.writeFileAtomic(join(root, "taken"), new Uint8Array(4)))).not.toBe("");
    expect(readdirSync(root)).toEqual(["taken"]);
  });

  it("reads a whole file up to its limit, also where the length is not known before", async () => {
    writeFileSync(join(root, "a"), new Uint8Array(9000).fill(3));
    writeFileSync(join(root, "empty"), "");
    expect((await files.readFile(join(root, "a"), 9000)).length).toBe(9000);
    expect((await files.readFile(join(root, "empty"), 0)).length).toBe(0);
    expect(await codeOfFailure(() => files.readFile(join(root, "a"), 8999))).toBe("too-large");
    expect(await codeOfFailure(() => files.readFile("/dev/zero", 100_000))).toBe("too-large");
    expect(new TextDecoder().decode(await files.readFile("/proc/self/status", 1e6))).toContain("Name:");
    expect(await codeOfFailure(() => files.readFile(join(root, "none"), 1))).toBe("ENOENT");
  });

  it("tells what is there, and that two paths are one file", async () => {
    writeFileSync(join(root, "a"), "abc");
    execFileSync("ln", [join(root, "a"), join(root, "b")]);
    const a = await files.stat(join(root, "a"));
    const b = files.statSync(join(root, "b"));
    expect(a?.length).toBe(3);
    expect(a?.kind).toBe("file");
    expect(a?.identity).toBe(b?.identity);
    expect(await files.stat(join(root, "none"))).toBeUndefined();
    expect(files.statSync(join(root, "a", "below"))).toBeUndefined();
    expect(await files.stat(join(root, "a", "below"))).toBeUndefined();
    expect(await files.freeSpace(root)).toBeGreaterThan(0);
  });

  it("makes and removes folders, only empty ones", async () => {
    await files.makeDirectory(join(root, "x", "y"));
    await files.makeDirectory(join(root, "x", "y"));
    files.makeDirectorySync(join(root, "x", "z"));
    expect(() => files.makeDirectorySync(join(root, "x", "z"))).toThrow(/EEXIST/);
    expect(await codeOfFailure(() => files.removeEmptyDirectory(join(root, "x")))).toBe("ENOTEMPTY");
    await files.removeEmptyDirectory(join(root, "x", "z"));
    expect(await files.list(join(root, "x"))).toEqual(["y"]);
  });
});

describe("the small platform ports", () => {
  it("hashes piecewise and at once to the same digest", () => {
    const hasher = new NodeHasher();
    const running = hasher.begin();
    running.update(new TextEncoder().encode("a"));
    running.update(new TextEncoder().encode("bc"));
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    expect(hex(running.digest())).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(hasher.sha1(new TextEncoder().encode("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  });

  it("draws different 32-bit values, also beyond one pool", () => {
    const random = new NodeRandom();
    const drawn = Array.from({ length: 5000 }, () => random.uint32());
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(4990);
  });

  it("does not fire a timer of years at once, and cancels it", async () => {
    const clock = new NodeClock();
    const fired: string[] = [];
    const years = clock.after(2 ** 33, () => fired.push("years"));
    await new Promise<void>((resolve) => {
      clock.after(5, resolve);
    });
    years.cancel();
    years.cancel();
    expect(fired).toEqual([]);
    expect(clock.nowMs()).toBeGreaterThan(0);
  });
});
