/** What V8 has compiled is kept for the next start (source/start.ts), and nothing that is wrong with it does any harm. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
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
import { basename, dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { binPath, buildProblem, ProgramRun, projectFolder } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`compiled code ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-compiled-"));
  const dist = join(home, "dist");
  const kept = join(dist, ".compile-cache", `${process.version}-${process.arch}`);
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: "" } as Record<string, string>;

  beforeEach(() => {
    rmSync(dist, { recursive: true, force: true });
    cpSync(dirname(binPath), dist, { recursive: true, filter: (path) => basename(path) !== ".compile-cache" });
    cpSync(join(projectFolder, "package.json"), join(home, "package.json"));
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  /** What it says, of a command that fails. */
  const fails = (...args: readonly string[]) => {
    const command = [join(dist, basename(binPath)), ...args];
    const { status, stderr } = spawnSync(process.execPath, command, { env, encoding: "utf8", timeout: 60_000 });
    expect(status).toBe(1);
    return stderr;
  };
  const list = () => fails("ctl", "list");
  const track = async () => {
    const tracker = spawn(process.execPath, [join(dist, basename(binPath)), "track", "--port", "0"], { env });
    onTestFinished(() => {
      tracker.kill("SIGKILL");
    });
    await once(tracker.stderr, "data");
    return tracker;
  };
  /** When each file was written, in nanoseconds, by its name. */
  const written = () =>
    Object.fromEntries(readdirSync(kept).map((name) => [name, statSync(join(kept, name), { bigint: true }).mtimeNs]));

  it("is written by the first three runs of a command", () => {
    const first = list();
    expect(first).toContain("no engine runs");
    let then = written();
    expect(Object.keys(then).map((name) => name.replace(/-.*/, ""))).toEqual(["list", "main.js"]);
    for (let run = 2; run <= 3; run++) {
      expect(list()).toBe(first);
      for (const [name, at] of Object.entries(written())) expect(at).toBeGreaterThan(then[name] ?? 0n);
      then = written();
    }
    expect(list()).toBe(first);
    expect(written()).toEqual(then);
  });

  it("grows where the first run ended early, and is not less for one that does so later", async () => {
    const payload = writePayload(home, singleFile("payload.bin", 1_000_000), "compiled");
    const out = join(home, "payload.torrent");
    makeTorrent("p2p-tui", { payload, out, pieceLength: 32_768, tracker: "http://127.0.0.1:9/announce" });
    const common = ["--bind", "127.0.0.1", "--port", "0", "--json"];
    const seed = new ProgramRun(["seed", out, "--dir", home, "--profile", join(home, "seed"), ...common], { env });
    onTestFinished(() => seed.process.kill("SIGKILL"));
    await seed.until("seeding");
    const peer = `127.0.0.1:${seed.last("listening")?.["port"]}`;
    const download = () => {
      const into = mkdtempSync(join(home, "got-"));
      const args = ["get", out, "--dir", into, "--profile", join(into, "profile"), "--peer", peer, ...common];
      expect(
        spawnSync(process.execPath, [join(dist, basename(binPath)), ...args], { env, timeout: 60_000 }).status,
      ).toBe(0);
    };
    const failEarly = () => expect(fails("get", join(home, "missing.torrent"))).toContain("no such file");
    const length = () => statSync(join(kept, readdirSync(kept).find((name) => name.startsWith("get-")) ?? "")).size;

    failEarly();
    const ofShort = length();
    download();
    const ofLong = length();
    expect(ofLong).toBeGreaterThan(1.2 * ofShort);
    failEarly();
    expect(length()).toBeGreaterThanOrEqual(ofLong);
    const then = written();
    download();
    expect(written()).toEqual(then);
    expect(await seed.process.stop()).toBe(0);
  });

  it("is written by a run that lasts, where three were short", async () => {
    for (let run = 1; run <= 4; run++) {
      const tracker = await track();
      tracker.kill("SIGTERM");
      await once(tracker, "exit");
    }
    const then = written();
    const lasting = await track();
    await waitUntil("it is written", 30_000, () => written()["main.js"] !== then["main.js"]);
    lasting.kill("SIGTERM");
    await once(lasting, "exit");
  });

  it("is not written by what needs the beginning of the program alone", () => {
    spawnSync(process.execPath, [join(dist, basename(binPath)), "--help"], { env });
    expect(readdirSync(dist)).not.toContain(".compile-cache");
  });

  it("is made anew where it is damaged, cut off, or was something else", () => {
    const first = list();
    const sound = new Map(readdirSync(kept).map((name) => [name, readFileSync(join(kept, name))]));
    const damages: readonly ((file: Buffer) => Buffer)[] = [
      (file) => file.subarray(0, file.length >> 1),
      (file) => file.fill(0, file.length >> 1, (file.length >> 1) + 100),
      () => Buffer.alloc(0),
      () => Buffer.from("not what it should be"),
    ];
    for (const damage of damages) {
      for (const [name, file] of sound) writeFileSync(join(kept, name), damage(Buffer.from(file)));
      expect(list()).toBe(first);
      for (const [name, file] of sound) expect(readFileSync(join(kept, name)).length).toBeGreaterThan(file.length / 2);
    }
  });

  it("is of this program, not of one whose files have the same names and lengths", () => {
    list();
    for (const name of readdirSync(dist).filter((each) => each.endsWith(".js"))) {
      const text = readFileSync(join(dist, name), "utf8");
      writeFileSync(join(dist, name), text.replaceAll("no engine runs", "NO ENGINE RUNS"));
    }
    expect(list()).toContain("NO ENGINE RUNS");
  });

  it("does not stay when the file that it is of has gone", () => {
    list();
    writeFileSync(join(kept, "gone-AAAAAAAA.js"), "of an older build");
    rmSync(join(kept, "main.js"));
    for (const name of readdirSync(kept)) writeFileSync(join(kept, name), "");
    list();
    expect(readdirSync(kept)).not.toContain("gone-AAAAAAAA.js");
  });

  it("costs nothing where it cannot be kept", () => {
    rmSync(join(dist, ".compile-cache"), { recursive: true, force: true });
    symlinkSync("/dev/null", join(dist, ".compile-cache"));
    expect(list()).toContain("no engine runs");
    rmSync(join(dist, ".compile-cache"));
    symlinkSync("/proc", join(dist, ".compile-cache"));
    expect(list()).toContain("no engine runs");
  });

  it("leaves nothing behind where it cannot be put in place", () => {
    mkdirSync(join(kept, "main.js"), { recursive: true });
    list();
    expect(readdirSync(kept)).toEqual(["main.js"]);
  });

  it("is not kept of a program that was removed while it ran", async () => {
    const tracker = await track();
    rmSync(dist, { recursive: true });
    tracker.kill("SIGTERM");
    await once(tracker, "exit");
    expect(existsSync(dist)).toBe(false);
  });
});
