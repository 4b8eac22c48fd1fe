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
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { binPath, buildProblem, projectFolder } from "../support/clients/program.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`compiled code ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-compiled-"));
  const dist = join(home, "dist");
  const kept = join(dist, ".compile-cache", `${process.version}-${process.arch}`);
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: "" };

  beforeEach(() => {
    rmSync(dist, { recursive: true, force: true });
    cpSync(dirname(binPath), dist, { recursive: true, filter: (path) => basename(path) !== ".compile-cache" });
    cpSync(join(projectFolder, "package.json"), join(home, "package.json"));
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const list = () => {
    const args = [join(dist, basename(binPath)), "ctl", "list"];
    const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8", timeout: 60_000 });
    expect(status).toBe(1);
    return stderr;
  };
  /** When each file was written, in nanoseconds, by its name. */
  const written = () =>
    Object.fromEntries(readdirSync(kept).map((name) => [name, statSync(join(kept, name), { bigint: true }).mtimeNs]));

  it("is written once, by the first run of a command", () => {
    const first = list();
    expect(first).toContain("no engine runs");
    const then = written();
    expect(Object.keys(then).map((name) => name.replace(/-.*/, ""))).toEqual(["list", "main.js"]);
    expect(list()).toBe(first);
    expect(written()).toEqual(then);
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
    const tracker = spawn(process.execPath, [join(dist, basename(binPath)), "track", "--port", "0"], { env });
    await once(tracker.stderr, "data");
    rmSync(dist, { recursive: true });
    tracker.kill("SIGTERM");
    await once(tracker, "exit");
    expect(existsSync(dist)).toBe(false);
  });
});
