/** The built program from outside: exit codes, signals, one engine for a profile, one writer for a download. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binPath, buildProblem, ProgramRun, programArguments } from "../support/clients/program.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`the program ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-e2e-"));
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: "" } as Record<string, string>;
  const torrent = join(home, "payload.torrent");
  const data = join(home, "data");
  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    return spawnSync(command, rest, { env, cwd: home, encoding: "utf8", timeout: 60_000 });
  };
  const start = (...args: readonly string[]) =>
    new ProgramRun([...args, "--bind", "127.0.0.1", "--port", "0", "--json"], { env, cwd: home });
  const stopped = async (program: ProgramRun, signal: NodeJS.Signals): Promise<number | string> => {
    program.process.kill(signal);
    return program.process.exited;
  };

  beforeAll(() => {
    mkdirSync(data);
    writeFileSync(
      join(data, "payload.bin"),
      new Uint8Array(3_000_000).map((_, i) => (i * 31) >> 3),
    );
    const made = run("create", join(data, "payload.bin"), "-o", torrent, "--piece-length", "64KiB");
    expect(made.stderr).toBe("");
  });

  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it("answers --version and --help, and refuses what it does not know", () => {
    expect(run("--version")).toMatchObject({ status: 0, stderr: "" });
    expect(run("--help").stdout).toContain("Commands:");
    expect(run("--nonsense")).toMatchObject({ status: 2, stdout: "" });
    expect(run("info", "nowhere.torrent")).toMatchObject({ status: 1, stdout: "" });
  });

  it("does not open its UI without a terminal", () => {
    const { status, stderr, stdout } = run();
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("`p2p-tui get`");
  });

  it("says in one sentence that Node is too old", () => {
    // The bin looks at one number: what an old Node would find there.
    const pretend = `Object.defineProperty(process.versions, "node", { value: "20.19.5" }); require(${JSON.stringify(binPath)})`;
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--eval", pretend], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe("p2p-tui needs Node 22.12 or newer, this is v20.19.5\n");
  });

  it("ends quietly when its reader has seen enough", () => {
    const [command, ...rest] = programArguments(["--help"]);
    const line = [command, ...rest].map((part) => `'${part}'`).join(" ");
    expect(execFileSync("sh", ["-c", `${line} | head -1`], { env, encoding: "utf8" })).toContain("BitTorrent");
  });

  it("downloads from a peer it was told of, seeds on, and says who holds a download", async () => {
    const seed = start("seed", torrent, "--dir", data, "--profile", join(home, "seed"));
    await seed.until("seeding");
    const port = Number(seed.last("listening")?.["port"]);
    const into = join(home, "in");
    const leech = start("get", torrent, "--dir", into, "--seed", "--peer", `127.0.0.1:${port}`);
    await leech.until("seeding");
    expect(leech.last("complete")).toMatchObject({ bytes: 3_000_000 });
    expect(run("verify", torrent, "--dir", into)).toMatchObject({ status: 0 });
    // Another profile, the same download, under another name of the directory.
    const second = run("get", torrent, "--dir", join(home, "data", "..", "in"), "--profile", join(home, "other"));
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`by p2p-tui get (process ${leech.process.pid})`);
    expect(await stopped(leech, "SIGINT")).toBe(0);
    expect(await stopped(seed, "SIGTERM")).toBe(0);
    expect(leech.events.at(-1)).toEqual({ event: "stopped" });
    expect([...leech.strayLines, ...seed.strayLines]).toEqual([]);
    // Records are kept, nothing else; and the locks are gone.
    expect(existsSync(join(home, ".local/state/p2p-tui"))).toBe(true);
    expect(readdirSync(join(home, "p2p-tui"))).toEqual([]);
  });

  it("exits 130 when a download is interrupted, and has made no file by then", async () => {
    const get = start("get", torrent, "--dir", join(home, "never"));
    await get.until("checked");
    expect(await stopped(get, "SIGINT")).toBe(130);
    expect(existsSync(join(home, "never"))).toBe(false);
  });

  it("takes a download over from a process that was killed", async () => {
    const into = join(home, "killed");
    const first = start("get", torrent, "--dir", into);
    await first.until("checked");
    await stopped(first, "SIGKILL");
    const again = start("get", torrent, "--dir", into);
    await again.until("checked");
    expect(again.last("failed")).toBeUndefined();
    await stopped(again, "SIGINT");
  });

  it("refuses to seed what is not complete, and leaves it alone", () => {
    const seed = (folder: string) => run("seed", torrent, "--dir", folder, "--bind", "127.0.0.1");
    const empty = mkdtempSync(join(home, "empty-"));
    expect(seed(empty)).toMatchObject({ status: 1, stderr: expect.stringContaining("nothing of it is in") });
    expect(readdirSync(empty)).toEqual([]);
    const missing = join(home, "nothing-here");
    expect(seed(missing)).toMatchObject({ status: 1, stderr: expect.stringContaining("there is no folder") });
    expect(existsSync(missing)).toBe(false);
  });

  it("runs one engine for a profile, which lingers only as long as it was told", async () => {
    const profile = join(home, "engine");
    const [command, ...rest] = programArguments([
      "engine",
      "run",
      "--profile",
      profile,
      "--linger",
      "1",
      "--bind",
      "127.0.0.1",
      "--port",
      "0",
    ]);
    const engine = spawn(command, rest, { env, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(engine, "exit");
    const [ready] = await once(engine.stdout, "data");
    expect(String(ready)).toBe("ready\n");
    const second = run("engine", "run", "--profile", profile);
    expect(second).toMatchObject({ status: 1, stdout: "held\n" });
    expect(second.stderr).toContain(`is in use by p2p-tui (process ${engine.pid})`);
    expect(await exited).toEqual([0, null]);
    expect(readdirSync(join(home, "p2p-tui"))).toEqual([]);
  });
});
