/**
 * The demo as a stranger runs it: without a terminal it ends by itself, in time; in one it is watched, left in the
 * background and found again; and it leaves nothing behind, whoever is killed.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";

const reason = reasonToSkip(buildProblem());
const terminalReason = reasonToSkip(buildProblem(), missingPrograms("tmux", "stty"));

/** What the demo promises without a terminal. */
const demoLimitMs = 60_000;

describe.skipIf(reason !== "")(`the demo ${reason}`, () => {
  let home = "";
  let mark = newMark();
  let environment: Record<string, string> = {};
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-demo-"));
    mkdirSync(join(home, "tmp"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    mark = newMark();
    environment = { HOME: home, TMPDIR: join(home, "tmp"), XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
  });
  afterEach(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Files in what it takes for home and for temporary storage. */
  const leftFiles = (): string[] =>
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));

  const expectNothingLeft = async (): Promise<void> => {
    const running = (): string[] => mark.running().filter((line) => line.includes("p2p-tui.js"));
    await waitUntil(
      "all processes end",
      20_000,
      () => running().length === 0,
      () => running().join("\n"),
    );
    expect(leftFiles()).toEqual([]);
    expect(readdirSync(join(home, "tmp")).filter((name) => name.startsWith("p2p-tui-demo"))).toEqual([]);
  };

  const runInPipe = (): {
    readonly output: () => string;
    readonly ended: Promise<number | null>;
    readonly pid: number;
  } => {
    const command = programArguments(["demo"])
      .map((word) => `'${word}'`)
      .join(" ");
    const child = spawn("bash", ["-c", `set -o pipefail; ${command} < /dev/null 2>&1 | cat`], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
    return { output: () => text, ended, pid: child.pid ?? 0 };
  };

  test("without a terminal it prints plain progress, exits 0 within a minute, and leaves nothing behind", async () => {
    const begun = performance.now();
    const run = runInPipe();
    const code = await run.ended;
    const tookMs = performance.now() - begun;
    expect(code, run.output()).toBe(0);
    expect(run.output()).not.toContain("\x1b");
    expect(run.output().split("\n").length, "lines of progress").toBeGreaterThan(3);
    expect(run.output()).toMatch(/verified|complete/i);
    expect(tookMs).toBeLessThan(demoLimitMs);
    await expectNothingLeft();
  });

  for (const signal of ["SIGTERM", "SIGINT"] satisfies NodeJS.Signals[]) {
    test(`${signal} in the middle ends all of it and leaves nothing behind`, async () => {
      const run = runInPipe();
      await waitUntil("it runs", 30_000, () => run.output().split("\n").length > 3, run.output);
      const main = mark
        .running()
        .find((line) => / p2p-tui\.js demo$|\/p2p-tui\.js demo$/.test(line) && !line.includes("bash"));
      expect(main, mark.running().join("\n")).toBeDefined();
      process.kill(Number(main?.split(" ")[0]), signal);
      expect(await run.ended).not.toBe(0);
      await expectNothingLeft();
    });
  }

  describe.skipIf(terminalReason !== "")(`in a terminal ${terminalReason}`, () => {
    const terminals: Terminal[] = [];
    afterEach(() => {
      for (const terminal of terminals.splice(0)) terminal.close();
    });
    const watch = (): Terminal => {
      const terminal = new Terminal(programArguments(["demo"]), { columns: 120, rows: 40, environment });
      terminals.push(terminal);
      return terminal;
    };
    const stop = () => {
      const [command, ...args] = programArguments(["demo", "--stop"]);
      return spawnSync(command, args, { env: { ...process.env, ...environment }, encoding: "utf8", timeout: 60_000 });
    };
    const hosts = (): string[] => mark.running().filter((line) => line.includes(" demo-host"));
    const processOf = (name: string): number => {
      const found = mark.running().find((line) => line.includes(` ${name}`));
      expect(found, mark.running().join("\n")).toBeDefined();
      return Number(found?.split(" ")[0]);
    };
    /** From the torrent that is open to the list, and out of it. */
    const leave = async (terminal: Terminal, answer: string): Promise<void> => {
      await terminal.untilShows("q back");
      terminal.press("q");
      await askedInList(terminal, answer);
    };
    const askedInList = async (terminal: Terminal, answer: string): Promise<void> => {
      await terminal.untilShows("3 torrents");
      terminal.press("q");
      await terminal.untilShows("go on in the background");
      await terminal.untilShows("remove all of the demo");
      terminal.press(answer);
      expect(await terminal.untilEnded()).toBe(0);
      expect(terminal.leftBehind()).toEqual([]);
    };

    test("it shows a living swarm, and Ctrl-C leaves nothing behind", async () => {
      const terminal = watch();
      await terminal.untilShows(/%/);
      await terminal.untilShows(/[KM]i?B\/s/);
      terminal.press("C-c");
      expect([0, 130]).toContain(await terminal.untilEnded());
      expect(terminal.leftBehind()).toEqual([]);
      await expectNothingLeft();
    });

    test("left in the background it goes on, is found again as it was, asks again, and can be stopped", async () => {
      const first = watch();
      await first.untilShows(/[KM]i?B\/s/);
      await leave(first, "k");
      await first.untilShows("`p2p-tui demo` comes back to it");
      first.close();
      const host = processOf("demo-host");
      const again = watch();
      for (const name of ["p2p-tui demo.bin", "Tidal Flats", "harbour maps"]) await again.untilShows(name);
      expect(processOf("demo-host"), "it is the same").toBe(host);
      // It went on meanwhile: the third cannot be complete, and stands where it got to.
      await again.untilShows(/harbour maps\S* .* 79\.\d%/, 90_000);
      await askedInList(again, "k");
      expect(stop()).toMatchObject({
        status: 0,
        stdout: "the demo has ended, and nothing of it is left\n",
        stderr: "",
      });
      await expectNothingLeft();
      expect(stop()).toMatchObject({ status: 1, stderr: "p2p-tui: no demo runs: `p2p-tui demo` starts one\n" });
    });

    test("of two that start at the same moment one shows the other's, and stopping it there ends both", async () => {
      const both = [watch(), watch()];
      // The one that started it has the first torrent open, the other the list.
      const showing = (text: string): Terminal[] =>
        both.filter((terminal) => terminal.screen().join("\n").includes(text));
      let list: Terminal | undefined;
      await waitUntil(
        "one shows the torrent, the other the list",
        60_000,
        () => {
          // A message may stand in place of the keys a moment later; and half of a frame shows those of both.
          const [torrent, ...others] = showing("q back");
          list = showing("q quit").find((terminal) => terminal !== torrent);
          return list !== undefined && torrent !== undefined && others.length === 0;
        },
        () => both.map((terminal) => terminal.screen().join("\n")).join("\n"),
      );
      expect(hosts().length).toBe(1);
      for (const terminal of both) if (terminal === list) await askedInList(terminal, "s");
      for (const terminal of both) {
        if (terminal === list) continue;
        await terminal.untilShows("The engine is gone");
        terminal.press("q");
        expect(await terminal.untilEnded()).toBe(1);
      }
      await expectNothingLeft();
    });

    for (const name of ["demo-host", "demo-engine"]) {
      test(`one in the background whose ${name} is killed ends, and leaves nothing behind`, async () => {
        const terminal = watch();
        await leave(terminal, "k");
        process.kill(processOf(name), "SIGKILL");
        await expectNothingLeft();
      });
    }

    test("one that is watched ends when its UI is killed, and leaves nothing behind", async () => {
      const terminal = watch();
      await terminal.untilShows(/[KM]i?B\/s/);
      terminal.signal("SIGKILL");
      await expectNothingLeft();
    });
  });
});
