/** The settings file of the built program: made, broken, changed under a running engine, and after a kill. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`the settings file ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-settings-"));
  const path = join(home, ".config/p2p-tui/settings.toml");
  const mark = newMark();
  const env = {
    ...process.env,
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_STATE_HOME: "",
    XDG_CONFIG_HOME: "",
    ...mark.environment,
  };
  const loopback = ["--bind", "127.0.0.1", "--port", "0"];
  const logPath = join(home, "engine.log");

  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    return spawnSync(command, rest, { env, cwd: home, encoding: "utf8", timeout: 60_000 });
  };
  const json = (...args: readonly string[]): readonly Record<string, unknown>[] =>
    run(...args, "--json")
      .stdout.split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const holds = (key: string): unknown => json("ctl", "settings", key)[0]?.["value"];
  const write = (text: string): void => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  };
  const log = (): string => (existsSync(logPath) ? readFileSync(logPath, "utf8") : "");

  afterEach(() => {
    run("engine", "stop");
    for (const name of [".local", ".config", "engine.log"]) rmSync(join(home, name), { recursive: true, force: true });
    expect(mark.running()).toEqual([]);
  });

  afterAll(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true });
  });

  it("is made when an engine first runs, and what is set in it outlives the engine, however that ends", () => {
    run("engine", "start", ...loopback);
    expect(readFileSync(path, "utf8")).toMatch(/^# Settings of p2p-tui\./);
    for (let up = 1; up <= 3; up++) {
      expect(run("ctl", "set", `limits.up=${up} MB`, "network.connections=500")).toMatchObject({
        status: 0,
        stdout: `limits.up = "${up} MB"\nnetwork.connections = 500\n`,
      });
      process.kill(Number(json("engine", "status")[0]?.["pid"]), "SIGKILL");
      run("engine", "start", ...loopback);
      expect(json("ctl", "stats")).toMatchObject([{ maxUpRate: up * 1e6, maxDownRate: 0 }]);
      expect(holds("network.connections")).toBe(500);
    }
    const settings = readFileSync(path, "utf8");
    expect(settings.split("\n").filter((line) => /^[a-z]/.test(line))).toEqual(["connections = 500", 'up = "3 MB"']);
    expect(settings).toContain("# Connections of all torrents together");
  });

  it("does not keep an engine from starting however broken it is, and is left as it is", () => {
    const broken = '[limits]\nup = "2 MB"\ndown = fast\n';
    write(broken);
    const profile = join(home, "other");
    mkdirSync(profile);
    writeFileSync(join(profile, "settings.toml"), broken);
    const mine = run("engine", "run", ...loopback, "--linger", "1", "--log", logPath);
    expect(mine).toMatchObject({ status: 0, stdout: "ready\n" });
    expect(mine.stderr).toBe(`warning: ${path}: line 3: this is no TOML: invalid value\n`);
    expect(log()).toContain("line 3: this is no TOML");
    const other = run("engine", "run", ...loopback, "--linger", "1", "--profile", profile);
    expect(other.stderr).toBe(`warning: ${profile}/settings.toml: line 3: this is no TOML: invalid value\n`);
    expect(readFileSync(path, "utf8")).toBe(broken);

    // Where the engine cannot start at all, the reason is not hidden by what is wrong with the file.
    const start = run("engine", "start", "--bind", "203.0.113.9");
    expect(start.status).toBe(1);
    expect(start.stderr).toMatch(/^p2p-tui: .*203\.0\.113\.9/);
    expect(start.stderr).not.toContain("TOML");
  });

  it("says which value is wrong and why, and has the rest hold", () => {
    write('[limits]\nup = "2 MB"\ndown = "fast"\nslts = 3\n');
    run("engine", "start", ...loopback);
    const listed = run("ctl", "settings");
    expect(listed.stderr.split("\n").slice(1)).toEqual([
      expect.stringContaining(`${path}: line 3: limits.down: "fast" is not a rate such as "2 MB"`),
      `p2p-tui: ${path}: line 4: there is no setting limits.slts; did you mean limits.slots?`,
      "",
    ]);
    expect(json("ctl", "stats")).toMatchObject([{ maxUpRate: 2e6, maxDownRate: 0 }]);
  });

  it("is followed by the running engine, and where it is no TOML nothing changes", async () => {
    write("[limits]\nup = 1000\n");
    run("engine", "start", ...loopback, "--max-down", "7000", "--log", logPath);
    expect(json("ctl", "stats")).toMatchObject([{ maxUpRate: 1000, maxDownRate: 7000 }]);
    write("[limits]\nup = 2000\ndown = 8000\n");
    await waitUntil("the engine follows", 20_000, () => json("ctl", "stats")[0]?.["maxUpRate"] === 2000);
    // The command line's word holds for this run.
    expect(holds("limits.down")).toBe(7000);
    write("[limits\nup = 3000\n");
    await waitUntil("the engine complains", 20_000, () => log().includes(`${path}: line 1: this is no TOML`));
    expect(json("ctl", "stats")).toMatchObject([{ maxUpRate: 2000 }]);
    const refused = run("ctl", "set", "limits.up=4000");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("it has to be mended first: line 1");
    expect(readFileSync(path, "utf8")).toBe("[limits\nup = 3000\n");
    write("[limits]\nup = 5000\n");
    await waitUntil("the engine follows again", 20_000, () => json("ctl", "stats")[0]?.["maxUpRate"] === 5000);
    expect(run("ctl", "set", "--max-down", "9000").status).toBe(0);
    expect(json("ctl", "stats")).toMatchObject([{ maxUpRate: 5000, maxDownRate: 9000 }]);
    expect(readFileSync(path, "utf8")).toBe('[limits]\nup = 5000\ndown = "9 KB"\n');
  });

  it("is gone by in the foreground, too, and not made there", () => {
    const data = join(home, "isos");
    mkdirSync(data);
    writeFileSync(join(data, "a.bin"), new Uint8Array(100_000));
    expect(run("create", join(data, "a.bin"), "-o", join(home, "a.torrent")).status).toBe(0);
    const without = run("seed", join(home, "a.torrent"), "--dir", join(home, "nowhere"), ...loopback, "--json");
    expect(without.status).toBe(1);
    expect(existsSync(path)).toBe(false);
    write('[downloads]\ndirectory = "~/isos"\n');
    const got = run("get", join(home, "a.torrent"), ...loopback, "--json");
    expect(got.status).toBe(0);
    expect(got.stdout.split("\n")[1]).toContain(`"directory":"${data}"`);
  });
});
