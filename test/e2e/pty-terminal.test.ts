/** The full-screen UI in a real terminal: what it shows, how it takes new sizes, and how it leaves. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildProblem, ProgramRun, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(missingPrograms("tmux", "stty"), buildProblem());

/** Includes the time the engine gets to say goodbye to its trackers. */
const goneTimeoutMs = 20_000;

describe.skipIf(reason !== "")(`in a terminal ${reason}`, () => {
  const seedHome = reason === "" ? mkdtempSync(join(tmpdir(), "p2p-pty-seed-")) : "";
  const torrentPath = join(seedHome, "shown.torrent");
  let seed: ProgramRun | undefined;
  let tracker: ProgramRun | undefined;
  beforeAll(async () => {
    const payload = writePayload(join(seedHome, "content"), singleFile("shown content.bin", 12_000_000), "pty");
    const loopback = ["--bind", "127.0.0.1", "--port", "0", "--json"];
    tracker = new ProgramRun(["track", ...loopback]);
    const url = `http://127.0.0.1:${(await tracker.until("listening"))["port"]}/announce`;
    makeTorrent("p2p-tui", { payload, out: torrentPath, pieceLength: 65_536, tracker: url });
    const place = ["--dir", payload.parent, "--profile", join(seedHome, "profile")];
    const env = { HOME: seedHome, XDG_RUNTIME_DIR: seedHome };
    seed = new ProgramRun(["seed", torrentPath, ...place, ...loopback], { env });
    await seed.until("seeding");
  });
  afterAll(async () => {
    const ends = [await seed?.process.stop(), await tracker?.process.stop()];
    if (seedHome !== "") rmSync(seedHome, { recursive: true, force: true });
    if (seed !== undefined) expect(ends).toEqual([0, 0]);
  });

  let home = "";
  let mark = newMark();
  let terminal: Terminal | undefined;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-pty-home-"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    mark = newMark();
  });
  afterEach(() => {
    terminal?.close();
    terminal = undefined;
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Slow enough that the download is still going on while it is looked at. */
  const start = (columns: number, rows: number, onQuit = "stop"): Terminal => {
    const place = ["--dir", join(home, "downloads"), "--profile", join(home, "profile")];
    const network = ["--bind", "127.0.0.1", "--port", "0", "--max-down", "1MB"];
    const command = programArguments([torrentPath, "--on-quit", onQuit, ...place, ...network]);
    const environment = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    terminal = new Terminal(command, { columns, rows, environment });
    return terminal;
  };

  /** Both the UI and the engine that it started. */
  const untilNobodyRuns = async (): Promise<void> => {
    const ours = (): string[] => mark.running().filter((line) => line.includes("p2p-tui.js"));
    await waitUntil(
      "UI and engine end",
      goneTimeoutMs,
      () => ours().length === 0,
      () => ours().join("\n"),
    );
  };

  test("shows the torrent and its progress on the alternate screen", async () => {
    const screen = start(100, 30);
    await screen.untilShows("shown content.bin");
    await screen.untilWritten("\x1b[?1049h");
    await screen.untilShows(/[1-9]\d*(\.\d+)? ?%/);
    expect(screen.screen().length).toBeLessThanOrEqual(30);
  });

  test("q gives the terminal back as it was, exits 0, and the engine ends too", async () => {
    const screen = start(100, 30);
    await screen.untilShows("shown content.bin");
    // Out of the torrent's own screen first, should it be open, then out of the program.
    screen.press("q");
    await waitUntil("q is taken", 5_000, () => {
      if (mark.running().every((line) => !line.includes("p2p-tui.js"))) return true;
      screen.press("q");
      return false;
    }).catch(() => undefined);
    expect(await screen.untilEnded()).toBe(0);
    expect(screen.leftBehind()).toEqual([]);
    await untilNobodyRuns();
  });

  test("Ctrl-C gives the terminal back as it was, and the engine ends too", async () => {
    const screen = start(80, 24);
    await screen.untilShows("shown content.bin");
    screen.press("C-c");
    expect([0, 130]).toContain(await screen.untilEnded());
    expect(screen.leftBehind()).toEqual([]);
    await untilNobodyRuns();
  });

  for (const signal of ["SIGTERM", "SIGHUP"] satisfies NodeJS.Signals[]) {
    test(`${signal} gives the terminal back as it was, and the engine ends too`, async () => {
      const screen = start(120, 40);
      await screen.untilShows("shown content.bin");
      screen.signal(signal);
      await screen.untilEnded();
      expect(screen.leftBehind()).toEqual([]);
      await untilNobodyRuns();
    });
  }

  const profile = (): string => join(home, "profile");
  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments([...args, "--profile", profile()]);
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    return spawnSync(command, rest, { env, encoding: "utf8", timeout: 60_000 });
  };
  const leaveByQ = async (screen: Terminal): Promise<void> => {
    await screen.untilShows("shown content.bin");
    // Out of the torrent's own screen first, then out of the program.
    await screen.untilShows("q back");
    screen.press("q");
    // It asks where there are torrents: the list must have come.
    await screen.untilShows("1 torrent ");
    await screen.untilShows("q quit");
    screen.press("q");
  };

  test("q asks, and an engine that is kept goes on alone, is found again, and is stopped by name", async () => {
    const screen = start(100, 30, "ask");
    await leaveByQ(screen);
    await screen.untilShows("go on in the background");
    screen.press("k");
    expect(await screen.untilEnded()).toBe(0);
    expect(screen.leftBehind()).toEqual([]);
    await screen.untilShows("p2p-tui engine stop");
    expect(run("ctl", "list").stdout).toContain("shown content.bin");
    // Another UI finds it, and does not end it.
    screen.close();
    const again = start(100, 30, "ask");
    await again.untilShows("shown content.bin");
    again.press("C-c");
    await again.untilEnded();
    await again.untilShows("the engine goes on");
    expect(run("engine", "stop")).toMatchObject({ status: 0, stderr: "" });
    await untilNobodyRuns();
  });

  test("an engine that is to be kept outlives a UI that is killed", async () => {
    const screen = start(100, 30, "keep");
    await screen.untilShows("shown content.bin");
    screen.signal("SIGKILL");
    await screen.untilEnded();
    expect(run("engine", "status").stdout).toMatch(/It has 1 torrent /);
    expect(run("engine", "stop").status).toBe(0);
    await untilNobodyRuns();
  });

  test("an engine that dies is told in words, and r starts another that goes on with the download", async () => {
    const screen = start(100, 30);
    await screen.untilShows(/[1-9]\d*(\.\d+)? ?%/);
    const engines = (): string[] => mark.running().filter((line) => / engine /.test(line));
    const [engine] = engines();
    expect(engine, mark.running().join("\n")).toBeDefined();
    process.kill(Number(engine?.split(" ")[0]), "SIGKILL");
    await screen.untilShows("The engine is gone");
    screen.press("r");
    await waitUntil("another engine runs", goneTimeoutMs, () => engines().some((line) => line !== engine));
    await screen.until("the notice goes", (text) => !text.includes("The engine is gone"));
    await screen.untilShows(/ 100(\.0)? ?%|[Ss]eeding/, 60_000);
    screen.press("C-c");
    await screen.untilEnded();
    expect(screen.leftBehind()).toEqual([]);
    await untilNobodyRuns();
  });

  test("takes every new size: the torrent is there, and no row is wider or lower than the screen", async () => {
    const screen = start(80, 24);
    await screen.untilShows("shown content.bin");
    const sizes: readonly (readonly [columns: number, rows: number])[] = [
      [60, 15],
      [200, 60],
      [61, 40],
      [120, 16],
      [80, 24],
    ];
    for (const [columns, rows] of sizes) {
      screen.resize(columns, rows);
      await screen.untilShows(/shown con/);
      await screen.until(`nothing of the old size is left at ${columns}×${rows}`, (text) => {
        const lines = text.split("\n");
        // The header once, and at the top: a frame that scrolled would show it twice, or lower. The keys at the bottom.
        const headers = lines.flatMap((line, row) => (line.includes("shown content.bin") ? [row] : []));
        return headers.length === 1 && headers[0] === 0 && (lines.at(-1) ?? "").includes("Esc");
      });
    }
    screen.press("C-c");
    await screen.untilEnded();
    expect(screen.leftBehind()).toEqual([]);
  });

  test("a torrent file that is none is told in words, and the terminal is as it was", async () => {
    const environment = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    const command = programArguments([
      join(seedHome, "content", "shown content.bin"),
      "--profile",
      join(home, "profile"),
    ]);
    terminal = new Terminal(command, { columns: 100, rows: 30, environment });
    const screen = terminal;
    await screen.untilShows(/torrent/i);
    await screen.untilEnded();
    expect(screen.raw()).not.toContain("\x1b[?1049h");
    expect(screen.leftBehind()).toEqual([]);
    await untilNobodyRuns();
  });
});
