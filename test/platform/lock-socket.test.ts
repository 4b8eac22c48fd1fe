import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { acquireLockSocket, LockSockets, realPathOf } from "../../source/platform/lock-socket.ts";
import { makePrivate, runtimeDirectory } from "../../source/platform/runtime-directory.ts";

const self = { pid: process.pid, command: "p2p-tui seed", profile: "/profile" };
const holder = new URL("../support/hold-lock.ts", import.meta.url).pathname;

let directory = "";
let path = "";
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  path = join(directory, "lock");
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  await rm(directory, { recursive: true });
});

/** @returns the process and its first line. */
async function hold(): Promise<{ readonly child: ChildProcess; readonly line: string }> {
  const child = spawn(process.execPath, [holder, path], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [data] = await once(child.stdout, "data");
  return { child, line: String(data).trim() };
}

describe("a lock", () => {
  it("is held by one, who is named to the second, and free after release", async () => {
    const lock = await acquireLockSocket(path, self);
    if ("holder" in lock) throw new Error("held");
    expect(await acquireLockSocket(path, { ...self, pid: 2 })).toEqual({ holder: self });
    await lock.release();
    await lock.release();
    await expect(access(path)).rejects.toThrow();
    const again = await acquireLockSocket(path, self);
    if ("holder" in again) throw new Error("held");
    await again.release();
  });

  it("is taken over from a process that was killed", async () => {
    const first = await hold();
    expect(first.line).toBe("held");
    expect(await acquireLockSocket(path, self)).toMatchObject({ holder: { pid: first.child.pid } });
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    expect((await lstat(path)).isSocket()).toBe(true);
    const lock = await acquireLockSocket(path, self);
    if ("holder" in lock) throw new Error("held");
    await lock.release();
  });

  it("goes to exactly one of many processes that find a dead one's", async () => {
    const first = await hold();
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const lines = (await Promise.all(Array.from({ length: 6 }, hold))).map(({ line }) => line);
    expect(lines.filter((line) => line === "held")).toHaveLength(1);
  });

  it("goes to exactly one of many attempts inside a process", async () => {
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all(Array.from({ length: 8 }, () => acquireLockSocket(path, self)));
      const locks = results.flatMap((result) => ("holder" in result ? [] : [result]));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
    }
  });

  it("stays with a process that is stopped and cannot answer", async () => {
    const first = await hold();
    first.child.kill("SIGSTOP");
    expect(await acquireLockSocket(path, self)).toEqual({ holder: { pid: 0, command: "p2p-tui", profile: "" } });
    first.child.kill("SIGCONT");
  });

  it("has a path that a socket can have", async () => {
    await expect(acquireLockSocket(join(directory, "x".repeat(120)), self)).rejects.toMatchObject({
      code: "path-too-long",
    });
  });
});

describe("the lock of a download", () => {
  const locks = new LockSockets(self);
  const a = infoHashFromHex("a".repeat(40));
  const b = infoHashFromHex("b".repeat(40));

  it("is one for each torrent in each directory, whatever the directory is called", async () => {
    const real = join(directory, "real");
    await mkdir(real);
    await symlink(real, join(directory, "alias"));
    const first = await locks.acquire(a, real);
    await expect(locks.acquire(a, join(directory, "alias"))).rejects.toMatchObject({ code: "held" });
    await expect(locks.acquire(a, join(real, "..", "real"))).rejects.toThrow(/p2p-tui seed \(process \d+\)/);
    const others = [await locks.acquire(b, real), await locks.acquire(a, join(directory, "other"))];
    for (const lock of [first, ...others]) await lock.release();
    await (await locks.acquire(a, join(directory, "alias"))).release();
  });

  it("is made again where the runtime directory was removed and made anew", async () => {
    const runtime = process.env["XDG_RUNTIME_DIR"];
    const session = join(directory, "session");
    process.env["XDG_RUNTIME_DIR"] = session;
    try {
      await mkdir(session, { mode: 0o700 });
      const [first, second] = [await locks.acquire(a, directory), await locks.acquire(b, directory)];
      await rm(session, { recursive: true });
      await mkdir(session, { mode: 0o700 });
      await second.release();
      await locks.restore();
      await expect(locks.acquire(a, directory)).rejects.toMatchObject({ code: "held" });
      await (await locks.acquire(b, directory)).release();
      await first.release();
      await locks.restore();
      await (await locks.acquire(a, directory)).release();
    } finally {
      if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
      else process.env["XDG_RUNTIME_DIR"] = runtime;
    }
  });

  it("needs no directory to be there", async () => {
    await symlink(directory, join(directory, "loop"));
    expect(await realPathOf(join(directory, "loop", "not", "there"))).toBe(
      join(await realPathOf(directory), "not", "there"),
    );
  });
});

describe("the runtime directory", () => {
  it("is the session's, if only its user can enter that, and otherwise another", async () => {
    const session = join(directory, "session");
    await mkdir(session, { mode: 0o700 });
    expect(await runtimeDirectory({ XDG_RUNTIME_DIR: session })).toBe(join(session, "p2p-tui"));
    expect((await lstat(join(session, "p2p-tui"))).mode & 0o777).toBe(0o700);
    const open = join(directory, "open");
    await mkdir(open, { mode: 0o755 });
    expect(await runtimeDirectory({ XDG_RUNTIME_DIR: open })).not.toContain(open);
    const long = join(directory, "x".repeat(80));
    await mkdir(long, { mode: 0o700 });
    expect(await runtimeDirectory({ XDG_RUNTIME_DIR: long })).not.toContain(long);
  });

  it("is refused where others can reach into it", async () => {
    const open = join(directory, "open");
    await mkdir(open, { mode: 0o777 });
    await expect(makePrivate(open)).rejects.toMatchObject({ code: "unsafe-directory" });
    await symlink(directory, join(directory, "link"));
    await expect(makePrivate(join(directory, "link"))).rejects.toMatchObject({ code: "unsafe-directory" });
    await writeFile(join(directory, "file"), "");
    await expect(makePrivate(join(directory, "file"))).rejects.toMatchObject({ code: "unsafe-directory" });
  });
});
