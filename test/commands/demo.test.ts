import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clearDemo, lockDemo, runningDemo } from "../../source/commands/demo-place.ts";
import { demoContent, demoMetainfo, watchedTorrents } from "../../source/commands/demo-plan.ts";
import { runCommandLine } from "../../source/commands/run.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { acquireLockSocket, runtimeSocketPath } from "../../source/platform/lock-socket.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FakeIo } from "./fake-io.ts";

describe("the demo's torrents", () => {
  it.each(watchedTorrents)("$name is what its plan says", (torrent) => {
    const hasher = new NodeHasher();
    const metainfo = parseMetainfo(demoMetainfo(torrent, hasher, "http://127.0.0.1:1/announce"), hasher);
    expect(metainfo).toMatchObject({ name: torrent.name, totalLength: torrent.length });
    expect(metainfo.files.length).toBe(torrent.files?.length ?? 1);
    const last = new Geometry(torrent.pieceLength, torrent.length).pieceCount - 1;
    const block = new Uint8Array(1);
    demoContent(torrent).fill(torrent.length - 1, block);
    for (const [first, end] of torrent.swarm.lost) expect([0 <= first, first <= end, end <= last]).not.toContain(false);
  });

  it("are one that is lively, one with files to choose from, and one of which a fifth is lost", () => {
    const [lively, files, stalled] = watchedTorrents;
    expect(lively?.swarm.churnMs).not.toBeNull();
    expect(new Set(files?.files?.map(([path]) => path.split("/")[0])).size).toBeGreaterThan(3);
    expect(stalled?.swarm.seedUpRate).toBeNull();
    const lost = stalled?.swarm.lost.reduce((sum, [first, last]) => sum + last - first + 1, 0) ?? 0;
    const { pieceCount } = new Geometry(stalled?.pieceLength ?? 1, stalled?.length ?? 1);
    expect(lost / pieceCount).toBeCloseTo(0.2, 1);
    // All that is not lost must be somewhere.
    expect(stalled?.swarm.leeches.some(({ has }) => has === 1)).toBe(true);
  });
});

describe("the demo's place", () => {
  const before = process.env["XDG_RUNTIME_DIR"];
  let runtime = "";
  beforeEach(() => {
    runtime = mkdtempSync(join(tmpdir(), "p2p-demo-"));
    process.env["XDG_RUNTIME_DIR"] = runtime;
  });
  afterEach(() => {
    if (before === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = before;
    rmSync(runtime, { recursive: true, force: true });
  });

  it("is one for a user: of two that start at the same moment one is first, and both then know which", async () => {
    const locks = await Promise.all([lockDemo("/demo/a"), lockDemo("/demo/b")]);
    const [lock, ...more] = locks.filter((each) => !("holder" in each));
    expect(more).toEqual([]);
    const running = await runningDemo();
    expect(running).toEqual({ pid: process.pid, directory: locks[0] === lock ? "/demo/a" : "/demo/b" });
    if (lock !== undefined && !("holder" in lock)) await lock.release();
    expect(await runningDemo()).toBeUndefined();
  });

  it("is left without a socket, but those of a demo that is there stay", async () => {
    const directory = join(runtime, "demo");
    const self = { pid: process.pid, command: "p2p-tui", profile: join(directory, "profile") };
    const lock = await lockDemo(directory);
    const engine = await acquireLockSocket(await runtimeSocketPath("profile", self.profile), self);
    await clearDemo(join(runtime, "another"), []);
    expect(readdirSync(join(runtime, "p2p-tui")).length).toBe(2);
    if (!("holder" in engine)) await engine.release();
    if (!("holder" in lock)) await lock.release();
    await clearDemo(directory, []);
    expect(readdirSync(join(runtime, "p2p-tui"))).toEqual([]);
  });

  it("is empty for who wants to stop a demo that does not run, which is said in the words that started it", async () => {
    const io = new FakeIo();
    expect(await runCommandLine(["demo", "--stop"], io)).toBe(1);
    expect(io.errText).toBe("p2p-tui: no demo runs: `p2p-tui demo` starts one\n");
    const fromClone = new FakeIo();
    Object.assign(fromClone.environment, { npm_lifecycle_event: "start", npm_package_name: "p2p-tui" });
    await runCommandLine(["demo", "--stop"], fromClone);
    expect(fromClone.errText).toContain("`npm start` starts one");
  });
});
