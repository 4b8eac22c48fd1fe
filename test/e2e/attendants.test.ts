/** What the built engine does by itself, and whom it keeps away: watch folders, a program, bans and IP filters. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProblem, ProgramRun, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`the engine by itself ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-attendants-"));
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
  const watched = join(home, "watched");
  const downloads = join(home, "downloads");
  const complete = join(home, "complete");
  const told = join(home, "told");
  let seed: ProgramRun | undefined;
  let seedAt = "";

  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    return spawnSync(command, rest, { env, cwd: home, encoding: "utf8", timeout: 60_000 });
  };
  const json = (...args: readonly string[]): readonly Record<string, unknown>[] =>
    run(...args, "--json")
      .stdout.split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const refused = (): number => Number(json("ctl", "stats")[0]?.["refused"]);
  const state = (): unknown => json("ctl", "list")[0]?.["state"];

  beforeAll(async () => {
    mkdirSync(watched);
    writeFileSync(
      join(home, "content 'of' $HOME"),
      new Uint8Array(500_000).map((_, i) => (i * 31) >> 3),
    );
    run("create", "content 'of' $HOME", "-o", "a.torrent", "--piece-length", "16KiB");
    seed = new ProgramRun(["seed", "a.torrent", "--dir", home, ...loopback, "--json"], { env, cwd: home });
    const listening = await seed.until("listening");
    seedAt = `127.0.0.1:${String(listening["port"])}`;
    writeFileSync(join(home, "tell"), `#!/bin/sh\nprintf '%s|' "$@" "$PWD" "$P2P_TUI_LABEL" >> '${told}'\nexit 3\n`);
    chmodSync(join(home, "tell"), 0o755);
    mkdirSync(join(home, ".config/p2p-tui"), { recursive: true });
    writeFileSync(
      join(home, ".config/p2p-tui/settings.toml"),
      `[downloads]\ndirectory = "${downloads}"\nwatch = ["${watched}"]\n` +
        `move-when-complete = "${complete}"\non-complete = ["${home}/tell", "{name}", "at {path}"]\n[filter]\nfiles = ["${home}/filter"]\n`,
    );
    writeFileSync(join(home, "filter"), "127.0.0.0 - 127.0.0.255 , 100 , here\n");
  });

  afterAll(async () => {
    run("engine", "stop");
    await seed?.process.stop();
    mark.killAll();
    rmSync(home, { recursive: true, force: true });
  });

  it("adds what is put into a watch folder, and has nothing to do with whom a filter or a ban names", async () => {
    run("engine", "start", ...loopback, "--log", join(home, "log"));
    copyFileSync(join(home, "a.torrent"), join(watched, "a.torrent"));
    await waitUntil("it is added", 20_000, () => json("ctl", "list").length === 1);
    await waitUntil("it is renamed", 20_000, () => readdirSync(watched).includes("a.torrent.added"));
    expect(json("ctl", "list")).toMatchObject([{ directory: downloads, state: "downloading" }]);
    // Given to it once more, with somebody to ask.
    run("ctl", "remove", "content 'of' $HOME");
    run("ctl", "add", "a.torrent", "--dir", downloads, "--label", "one,two", "--peer", seedAt);
    await waitUntil("the filter works", 20_000, () => refused() > 0);
    expect(state()).toBe("downloading");

    expect(json("ctl", "ban", "127.0.0.0/8")).toEqual([{ event: "banned", address: "127.0.0.0/8" }]);
    process.kill(Number(json("engine", "status")[0]?.["pid"]), "SIGKILL");
    writeFileSync(join(home, "filter"), "# nobody\n");
    run("engine", "start", ...loopback, "--log", join(home, "log"));
    expect(json("ctl", "bans")).toEqual([{ address: "127.0.0.0/8" }]);
    await waitUntil("the ban works", 20_000, () => refused() > 0);
    expect([state(), existsSync(told)]).toEqual(["downloading", false]);
  });

  it("downloads when it may, moves the files, runs the program once, and says that it failed", async () => {
    expect(run("ctl", "unban", "127.0.0.0/8").stdout).toBe("unbanned 127.0.0.0/8\n");
    run("ctl", "pause", "all");
    run("ctl", "resume", "all");
    await waitUntil("it is complete", 30_000, () => state() === "seeding");
    await waitUntil("the program has run", 20_000, () => readFileSync(told, "utf8").endsWith("|one,two|"));
    const name = "content 'of' $HOME";
    expect(readFileSync(told, "utf8")).toBe(`${name}|at ${join(complete, name)}|${complete}|one,two|`);
    await waitUntil("it is told", 20_000, () => readFileSync(join(home, "log"), "utf8").includes("ended with code 3"));
    run("engine", "stop");
    run("engine", "start", ...loopback);
    await waitUntil("it seeds again", 20_000, () => state() === "seeding");
    expect(readFileSync(told, "utf8").split(name)).toHaveLength(3);
  });
});
