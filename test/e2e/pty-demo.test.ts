/** The demo as a stranger runs it: without a terminal it ends by itself, in time; and it leaves nothing behind. */
import { spawn } from "node:child_process";
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

  /** Files in what it takes for home and for temporary storage; the compile cache of Node may stay. */
  const leftFiles = (): string[] =>
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes("node-compile-cache"));

  const expectNothingLeft = async (): Promise<void> => {
    const running = (): string[] => mark.running().filter((line) => !line.includes("tmux"));
    await waitUntil(
      "all processes end",
      20_000,
      () => running().length === 0,
      () => running().join("\n"),
    );
    expect(leftFiles()).toEqual([]);
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

  test.skipIf(terminalReason !== "")(`in a terminal it shows a living swarm, and q leaves nothing behind`, async () => {
    const terminal = new Terminal(programArguments(["demo"]), { columns: 120, rows: 40, environment });
    try {
      await terminal.untilShows(/%/);
      await terminal.untilShows(/[KM]i?B\/s/);
      terminal.press("C-c");
      expect([0, 130]).toContain(await terminal.untilEnded());
      expect(terminal.leftBehind()).toEqual([]);
    } finally {
      terminal.close();
    }
    await expectNothingLeft();
  });
});
