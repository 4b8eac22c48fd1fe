/** The running engine from a shell: `engine` and `ctl` of the built program, with real processes and a real transfer. */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { enginePlace } from "../../source/commands/engine-place.ts";
import type { Channel } from "../../source/control/channel.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import type { EngineMessage } from "../../source/control/protocol.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { listenControl } from "../../source/platform/ws-channel.ts";
import { FakeTarget } from "../control/fake-target.ts";
import { binPath, buildProblem, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";

const problem = buildProblem();

describe.skipIf(problem !== "")(`engine and ctl ${problem}`, () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-tui-ctl-"));
  const mark = newMark();
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: "", ...mark.environment };
  const data = join(home, "data");
  const torrents = join(home, "torrents");
  const loopback = ["--bind", "127.0.0.1", "--port", "0"];
  const sizes = { "first.bin": 1_000_000, "second file.bin": 300_000, "日本.bin": 100_000 } as const;

  const runWith = (input: string | Buffer, ...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    return spawnSync(command, rest, { env, cwd: home, encoding: "utf8", timeout: 60_000, input });
  };
  const run = (...args: readonly string[]) => runWith("", ...args);
  const json = (...args: readonly string[]): readonly Record<string, unknown>[] =>
    run(...args, "--json")
      .stdout.split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const untilState = async (state: string, ...more: readonly string[]): Promise<void> => {
    let rows: readonly Record<string, unknown>[] = [];
    await waitUntil(
      `all are ${state}`,
      30_000,
      () => {
        rows = json("ctl", "list", ...more);
        return rows.length > 0 && rows.every((row) => row["state"] === state);
      },
      () => JSON.stringify(rows),
    );
  };

  beforeAll(() => {
    mkdirSync(data);
    mkdirSync(torrents);
    for (const [name, size] of Object.entries(sizes)) {
      writeFileSync(
        join(data, name),
        new Uint8Array(size).map((_, i) => (i * 31 + size) >> 3),
      );
      const made = run("create", join(data, name), "-o", join(torrents, `${name}.torrent`), "--piece-length", "16KiB");
      expect(made.stderr).toBe("");
    }
    writeFileSync(join(torrents, "readme.txt"), "");
  });

  afterEach(() => {
    run("engine", "stop");
    for (const name of [".local", ".config"]) rmSync(join(home, name), { recursive: true, force: true });
    expect(mark.running()).toEqual([]);
    // No lock and no socket of anybody is left.
    expect(existsSync(join(home, "p2p-tui")) ? readdirSync(join(home, "p2p-tui")) : []).toEqual([]);
  });

  afterAll(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true });
  });

  it("says that no engine runs, and how one is started; and starts none", () => {
    for (const args of [
      ["engine", "status"],
      ["engine", "stop"],
      ["ctl", "list"],
      ["ctl", "pause", "all"],
      ["ctl", "add", join(torrents, "first.bin.torrent")],
    ]) {
      const { status, stdout, stderr } = run(...args);
      expect({ status, stdout }, args.join(" ")).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/^p2p-tui: no engine runs with the profile .*: `p2p-tui engine start` starts one\n$/);
    }
    expect(run("ctl", "list", "--profile", join(home, "x")).stderr).toContain(
      `\`p2p-tui engine start --profile ${join(home, "x")}\``,
    );
    expect(json("ctl", "list")).toMatchObject([{ event: "error", code: "no-engine" }]);
  });

  it("starts no engine that would go past a tunnel of which the settings say something wrong", () => {
    const settings = join(home, ".config/p2p-tui/settings.toml");
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, 'bind = "tun0"\n');
    const { status, stdout, stderr } = run("engine", "start");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/there is no setting bind; did you mean network\.bind\?.*repair it, or say --bind\n$/);
    expect(run("engine", "start", ...loopback).status).toBe(0);
  });

  it("starts an engine that stays, once; tells how it is; and stops it for good", () => {
    const started = run("engine", "start", ...loopback, "--max-up", "1MB");
    expect(started).toMatchObject({ status: 0, stderr: "" });
    const [, pid = "", port = ""] =
      /^the engine runs: process (\d+), profile .*, listening on port (\d+) of 127\.0\.0\.1\n$/.exec(started.stdout) ??
      [];
    expect(run("engine", "start", ...loopback).stdout).toBe(started.stdout.replace("runs:", "runs already:"));
    const status = run("engine", "status");
    expect(status.status).toBe(0);
    expect(status.stdout).toContain(`process ${pid}`);
    expect(status.stdout).toContain("It has no torrents");
    expect(json("engine", "status")).toMatchObject([
      { pid: Number(pid), listenPort: Number(port), maxUpRate: 1_000_000, torrents: { total: 0, seeding: 0 } },
    ]);
    expect(run("ctl", "list")).toMatchObject({ status: 0, stdout: "", stderr: "there are no torrents\n" });
    expect(run("engine", "stop")).toMatchObject({ status: 0, stdout: `the engine (process ${pid}) has stopped\n` });
    expect(mark.running()).toEqual([]);
    expect(run("engine", "stop").status).toBe(1);
  });

  it("adds, lists, pauses, resumes, sets and removes, and does the rest where one thing fails", async () => {
    run("engine", "start", ...loopback);
    const added = run("ctl", "add", torrents, "nowhere.torrent", "--dir", data, "--json");
    expect(added.status).toBe(1);
    expect(added.stderr).toBe("p2p-tui: cannot read nowhere.torrent: there is no such file\n");
    const lines = added.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ event, name }) => [event, name])).toEqual([
      ...Object.keys(sizes).map((name) => ["added", name]),
      ["error", undefined],
    ]);
    await untilState("seeding");
    // By digits, by name, by a part of it; and one that is none.
    const first = String(lines[0]?.["infoHash"]);
    const paused = run("ctl", "pause", first.slice(0, 6), "日本", "nix", "SECOND");
    expect(paused.status).toBe(1);
    expect(paused.stderr).toBe('p2p-tui: there is no torrent "nix"\n');
    expect(paused.stdout.trim().split("\n")).toHaveLength(3);
    await untilState("paused");
    expect(run("ctl", "resume", "all").status).toBe(0);
    await untilState("seeding");

    const table = run("ctl", "list").stdout.trimEnd().split("\n");
    expect(table[0]).toMatch(/^HASH +STATE +DONE +SIZE .* NAME$/);
    expect(table[1]).toMatch(new RegExp(`^${first.slice(0, 8)}  seeding  100%   977 KiB .*  first\\.bin$`));
    expect(json("ctl", "files", "first")).toMatchObject([
      { index: 0, path: "first.bin", priority: "normal", totalBytes: 1_000_000, bytes: 1_000_000 },
    ]);
    expect(run("ctl", "trackers", "first")).toMatchObject({ status: 0, stdout: "", stderr: "it names no tracker\n" });
    expect(run("ctl", "set", "--max-down", "2MB")).toMatchObject({ status: 0 });
    expect(json("ctl", "stats")).toMatchObject([{ maxDownRate: 2_000_000, maxUpRate: 0, torrents: { seeding: 3 } }]);
    expect(run("ctl", "recheck", "first").status).toBe(0);
    await untilState("seeding");

    expect(run("ctl", "remove", "first").stderr).toContain("there is no torrent");
    expect(json("ctl", "remove", "first.bin")).toMatchObject([{ event: "removed", withData: false }]);
    expect(existsSync(join(data, "first.bin"))).toBe(true);
    run("engine", "stop");
    run("engine", "start", ...loopback);
    expect(json("ctl", "restore")).toMatchObject([{ name: "first.bin", totalBytes: 1_000_000 }]);
    expect(json("ctl", "restore", "first")).toMatchObject([{ event: "restored", name: "first.bin", directory: data }]);
    expect(json("ctl", "list").map(({ name }) => name)).toContain("first.bin");
    expect(json("ctl", "remove", "first.bin")).toMatchObject([{ event: "removed", withData: false }]);
    expect(run("ctl", "remove", "日本.bin", "--with-data").status).toBe(2);
    expect(existsSync(join(data, "日本.bin"))).toBe(true);
    expect(run("ctl", "remove", "日本.bin", "--with-data", "--yes").status).toBe(0);
    expect(readdirSync(data).sort()).toEqual(["first.bin", "second file.bin"]);
    // To the trash, and back by hand.
    const trash = join(home, ".local/share/Trash");
    run("ctl", "add", join(torrents, "first.bin.torrent"), "--dir", data);
    expect(json("ctl", "remove", "first.bin", "--trash")).toMatchObject([{ event: "removed", data: "trash" }]);
    expect(readdirSync(data)).toEqual(["second file.bin"]);
    expect(readFileSync(join(trash, "info/first.bin.trashinfo"), "utf8")).toContain(`Path=${data}/first.bin\n`);
    renameSync(join(trash, "files/first.bin"), join(data, "first.bin"));
    // What is left is there after a restart, too.
    run("engine", "stop");
    run("engine", "start", ...loopback);
    expect(json("ctl", "list").map(({ name }) => name)).toEqual(["second file.bin"]);
  });

  it("adds with labels, files and order chosen; changes them; and knows them after a restart", () => {
    const album = join(home, "album");
    mkdirSync(join(album, "extras"), { recursive: true });
    for (const name of ["one.flac", "two.flac", "extras/cover.jpg"])
      writeFileSync(join(album, name), name.repeat(9000));
    run("create", album, "-o", join(home, "album.torrent"), "--piece-length", "16KiB");
    run("engine", "start", ...loopback);
    const choices = ["--label", "music,new", "--skip", "*.jpg", "--skip", "*.nfo", "--sequential", "--paused"];
    expect(run("ctl", "add", join(home, "album.torrent"), "--dir", join(home, "to"), ...choices)).toMatchObject({
      status: 0,
      stderr: "",
    });
    run("ctl", "add", torrents, "--dir", data, "--paused", "--top");
    const places = json("ctl", "list").map(({ name, queuePosition }) => [name, queuePosition]);
    expect(places).toEqual([["album", 4], ...Object.keys(sizes).map((name, i) => [name, i + 1])]);
    const priorities = () => json("ctl", "files", "album").map(({ path, priority }) => `${path}: ${priority}`);
    expect(priorities()).toEqual(
      ["extras/cover.jpg: skip", "one.flac: normal", "two.flac: normal"].map((at) => `album/${at}`),
    );
    expect(run("ctl", "label", "label:music", "first", "+kept", "-new").stdout).toMatch(
      /^\[kept, music\] \w{8} album\n\[kept\] \w{8} first\.bin\n$/,
    );
    expect(run("ctl", "why", "album").stdout).toMatch(
      /^\w{8} album: paused\n {2}stops {2}it is paused\n {9}→ resume it\n$/,
    );
    expect(json("ctl", "why", "first")).toMatchObject([
      { weight: "stops", code: "paused" },
      { bound: null, forecast: null, time: null },
    ]);
    expect(run("ctl", "files", "album", "--only", "1-2", "--high", "two.*", "--low", "extras").status).toBe(0);
    expect(run("ctl", "sequential", "album", "off").status).toBe(0);
    run("engine", "stop");
    run("engine", "start", ...loopback);
    expect(json("ctl", "list", "label:kept", "state:paused", "-first")).toMatchObject([
      { name: "album", labels: ["kept", "music"] },
    ]);
    expect(priorities()).toEqual(["album/extras/cover.jpg: low", "album/one.flac: normal", "album/two.flac: high"]);
    expect(run("ctl", "add", join(home, "album.torrent"), "--only", "nothing").stderr).toContain(
      "no file that --only names",
    );
  });

  it("moves the files of a torrent and gives them other names; nothing is overwritten", async () => {
    const [from, to] = [join(home, "from"), join(home, "to there")];
    mkdirSync(join(from, "tape", "side a"), { recursive: true });
    for (const name of ["side a/1.ogg", "side b.ogg"]) writeFileSync(join(from, "tape", name), name.repeat(20_000));
    run("create", join(from, "tape"), "-o", join(home, "tape.torrent"), "--piece-length", "16KiB");
    run("engine", "start", ...loopback);
    run("ctl", "add", join(home, "tape.torrent"), "--dir", from);
    await untilState("seeding");

    const planned = run("ctl", "move", "tape", "to there", "--dry-run");
    expect(planned).toMatchObject({ status: 0, stderr: "" });
    expect(planned.stdout).toMatch(/^would move to .*\/to there \(2 renamed\): \w{8} tape\n$/);
    expect(existsSync(to)).toBe(false);
    expect(json("ctl", "move", "tape", "to there")).toMatchObject([
      { event: "moved", name: "tape", directory: to, isDryRun: false, renamed: 2, copied: 0, conflicts: 0, fits: true },
    ]);
    expect(readdirSync(from)).toEqual([]);
    expect(readdirSync(join(to, "tape"))).toEqual(["side a", "side b.ogg"]);

    expect(run("ctl", "rename", "tape", "Tape 1").stdout).toMatch(/^renamed to Tape 1: \w{8} tape\n$/);
    expect(run("ctl", "rename", "tape", "Tape 1/side a/1.ogg", "01.ogg").status).toBe(0);
    expect(run("ctl", "rename", "tape", "Tape 1/side a/1.ogg", "x").stderr).toContain("has nothing called");
    expect(run("ctl", "rename", "tape", "../x").stderr).toContain("is no name that every disk takes");
    expect(json("ctl", "files", "tape").map(({ path, bytes, totalBytes }) => [path, bytes === totalBytes])).toEqual([
      ["Tape 1/side a/01.ogg", true],
      ["Tape 1/side b.ogg", true],
    ]);

    mkdirSync(join(from, "Tape 1"));
    writeFileSync(join(from, "Tape 1", "side b.ogg"), "mine");
    const blocked = run("ctl", "move", "tape", from, "--dry-run");
    expect(blocked.status).toBe(1);
    expect(blocked.stderr).toContain("side b.ogg is there already, and is not touched");
    expect(run("ctl", "move", "tape", from).stderr).toContain("Tape 1: nothing was moved:");
    expect(readFileSync(join(from, "Tape 1", "side b.ogg"), "utf8")).toBe("mine");
    run("engine", "stop");
    run("engine", "start", ...loopback);
    await untilState("seeding");
    expect(json("ctl", "list")).toMatchObject([{ name: "Tape 1", directory: to }]);
  });

  it("moves torrents in the queue, gives them limits and goals, and knows all of it after a restart", () => {
    run("engine", "start", ...loopback);
    run("ctl", "set", "queue.seeds=1");
    run("ctl", "add", torrents, "--dir", data);
    const places = () =>
      json("ctl", "list")
        .map(({ name, queuePosition }) => `${queuePosition} ${name}`)
        .sort();
    const before = places();
    expect(run("ctl", "queue", "second", "top").stdout).toMatch(/^place 1: \w{8} second file\.bin\n$/);
    const after = places();
    expect(after[0]).toBe("1 second file.bin");
    expect(after).toHaveLength(before.length);
    expect(run("ctl", "set", "first", "--max-up", "10KiB", "--ratio", "2").status).toBe(0);
    expect(json("ctl", "alternative", "on")).toMatchObject([{ event: "alternative", isOn: true, isByHand: true }]);
    const { sessions } = Object(json("ctl", "stats")[0]?.["lifetime"]) as { sessions: number };
    run("engine", "stop");
    run("engine", "start", ...loopback);
    expect(places()).toEqual(after);
    expect(json("ctl", "stats")).toMatchObject([{ alternative: { isOn: true }, lifetime: { sessions: sessions + 1 } }]);
    expect(run("ctl", "alternative", "auto").stdout).toContain("the usual limits hold");
    run("ctl", "set", "queue.seeds=");
  });

  it("takes a torrent from standard input, and downloads it from a peer that it is told of", async () => {
    const other = ["--profile", join(home, "other")];
    run("engine", "start", ...loopback);
    run("engine", "start", ...loopback, ...other);
    expect(run("ctl", "add", join(torrents, "first.bin.torrent"), "--dir", data).status).toBe(0);
    await untilState("seeding");
    const port = Number(json("engine", "status")[0]?.["listenPort"]);
    const into = join(home, "in");
    const torrent = readFileSync(join(torrents, "first.bin.torrent"));
    const peer = ["--peer", `127.0.0.1:${port}`];
    expect(runWith(torrent, "ctl", "add", "-", "--dir", into, ...peer, ...other)).toMatchObject({
      status: 0,
      stderr: "",
    });
    await untilState("seeding", ...other);
    expect(readFileSync(join(into, "first.bin")).equals(readFileSync(join(data, "first.bin")))).toBe(true);
    expect(runWith(torrent, "ctl", "add", "-", "--dir", into, ...other).stdout).toMatch(/^there already: /);
    expect(runWith("nonsense", "ctl", "add", "-", ...other).stderr).toContain("standard input: ");
    run("engine", "stop", ...other);
    rmSync(join(home, "other"), { recursive: true });
  });

  it("shows the neighbours of a torrent", async () => {
    const other = ["--profile", join(home, "other")];
    run("engine", "start", ...loopback);
    run("engine", "start", ...loopback, ...other, "--max-down", "100KB");
    run("ctl", "add", join(torrents, "first.bin.torrent"), "--dir", data);
    await untilState("seeding");
    const port = Number(json("engine", "status")[0]?.["listenPort"]);
    const into = join(home, "slow");
    const peer = ["--peer", `127.0.0.1:${port}`];
    run("ctl", "add", join(torrents, "first.bin.torrent"), "--dir", into, ...peer, ...other);
    await waitUntil("it has a neighbour", 30_000, () => json("ctl", "peers", "first", ...other).length > 0);
    expect(json("ctl", "peers", "first", ...other)).toMatchObject([
      { endpoint: `127.0.0.1:${port}`, isIncoming: false },
    ]);
    expect(run("ctl", "peers", "first", ...other).stdout).toMatch(/^ADDRESS +FLAGS .*\n127\.0\.0\.1:\d+ /);
    // Of its pieces, the seed alone has what is missing.
    await waitUntil("something has come", 30_000, () => Number(json("ctl", "list", ...other)[0]?.["pieces"]) > 2);
    const [head, rare] = json("ctl", "pieces", "first", ...other);
    expect(head).toMatchObject({ totalPieces: 62, pieceLength: 16_384, neighbours: 1, of: "missing", copiesNear: 1 });
    const missing = Object(head?.["copies"]) as readonly number[];
    expect([missing[0], (missing[1] ?? 0) + Number(head?.["pieces"])]).toEqual([0, 62]);
    expect(rare).toMatchObject({ availability: 1, holders: [`127.0.0.1:${port}`] });
    const table = run("ctl", "pieces", "first", ...other).stdout;
    expect(table).toMatch(new RegExp(`PIECES +COPIES +ONLY WITH\\n[\\d-]+ +1 +127\\.0\\.0\\.1:${port}\\n`));
    const last = Number(rare?.["last"]);
    const [piece] = json("ctl", "pieces", "first", String(last), ...other);
    expect(piece).toMatchObject({ index: last, availability: 1, holderCount: 1, files: [{ path: "first.bin" }] });
    expect(run("ctl", "pieces", "first", String(last), ...other).stdout).toContain(`127.0.0.1:${port}`);
    expect(run("ctl", "pieces", "first", "62", ...other).stderr).toContain("there is no piece 62: it has 0 to 61");
    expect(json("ctl", "files", "first", ...other)).toMatchObject([{ path: "first.bin", availability: 1 }]);
    // The seed sees what only it has.
    const [ours] = json("ctl", "pieces", "first");
    expect(ours).toMatchObject({ of: "ours", neighbours: 1, pieces: 62 });

    expect(run("ctl", "kick", "first", "127.0.0.1:1", ...other).stderr).toContain("127.0.0.1:1 is no neighbour of it");
    expect(json("ctl", "kick", "first", `127.0.0.1:${port}`, ...other)).toMatchObject([
      { event: "kicked", name: "first.bin", endpoint: `127.0.0.1:${port}` },
    ]);
    await waitUntil("it is gone", 10_000, () => json("ctl", "peers", "first", ...other).length === 0);
    expect(json("ctl", "files", "first", ...other)).toMatchObject([{ availability: 0 }]);
    run("engine", "stop", ...other);
    rmSync(join(home, "other"), { recursive: true });
  });

  it("prints a unit that systemd can run: this very program, with the profile and the options given", () => {
    const profile = join(home, "with space");
    const { status, stdout } = run("engine", "unit", "--profile", profile, "--max-up", "5MB");
    expect(status).toBe(0);
    const [firstComment, secondComment, ...lines] = stdout.split("\n");
    expect(firstComment).toMatch(/^# .*systemctl --user enable --now p2p-tui/);
    expect(secondComment).toMatch(/^# .*loginctl enable-linger/);
    expect(lines).toContain("Restart=on-failure");
    expect(lines).toContain(
      `ExecStart=${process.execPath} ${binPath} engine run "--profile=${profile}" --max-up=5000000`,
    );
  });

  describe("beside an engine of another version", () => {
    /** Listens where the engine of the profile would. */
    const pretend = async (onChannel: (channel: Channel<EngineMessage, unknown>) => void) => {
      const runtime = process.env["XDG_RUNTIME_DIR"];
      process.env["XDG_RUNTIME_DIR"] = home;
      const { controlPath } = await enginePlace(join(home, ".local/state/p2p-tui"));
      if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
      else process.env["XDG_RUNTIME_DIR"] = runtime;
      return listenControl(controlPath, onChannel);
    };
    /** The programs run beside us: we must be able to answer. */
    const runBeside = async (...args: readonly string[]) => {
      const { promise, resolve } = Promise.withResolvers<{ status: number | null; stdout: string; stderr: string }>();
      const [command, ...rest] = programArguments(args);
      const child = spawn(command, rest, { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.once("close", (status) => resolve({ status, stdout, stderr }));
      return promise;
    };

    it("that is spoken to, it says so and how to update it", async () => {
      const target = new FakeTarget();
      const server = new ControlServer({ clock: new NodeClock() }, target, {
        version: "0.0.1",
        profile: join(home, ".local/state/p2p-tui"),
        pid: process.pid,
      });
      const listener = await pretend((channel) => server.attach(channel));
      try {
        const { status, stderr } = await runBeside("ctl", "stats");
        expect(status).toBe(0);
        expect(stderr).toMatch(
          /^p2p-tui: the running engine is p2p-tui 0\.0\.1, this is [\d.]+: `p2p-tui engine stop`, then start it again\n$/,
        );
      } finally {
        server.close();
        await listener.close();
      }
    });

    it("that cannot be spoken to, it says which, and can still end it", async () => {
      const engine = spawn("sleep", ["1000"], { env, stdio: "ignore" });
      const exited = new Promise((resolve) => engine.once("exit", (_code, signal) => resolve(signal)));
      const listener = await pretend((channel) => {
        channel.onMessage = () => {
          channel.send({ type: "welcome", protocol: 0, version: "0.0.1", pid: engine.pid ?? 0, profile: "/x" });
          channel.close();
        };
      });
      try {
        for (const args of [
          ["ctl", "list"],
          ["engine", "status"],
          ["engine", "start"],
        ]) {
          const { status, stderr } = await runBeside(...args);
          expect(status, args.join(" ")).toBe(1);
          expect(stderr).toMatch(
            /is p2p-tui 0\.0\.1 \(process \d+\), .* cannot talk to: stop it with `p2p-tui engine stop`\n$/,
          );
        }
        expect(await runBeside("engine", "stop")).toMatchObject({ status: 0, stderr: "" });
        expect(await exited).toBe("SIGTERM");
      } finally {
        engine.kill("SIGKILL");
        await listener.close();
      }
    });
  });
});
