/** A newer UI that finds an older engine: it asks, in the terminal, before anything else is shown. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enginePlace } from "../../source/commands/engine-place.ts";
import { ManagedProcess } from "../support/clients/managed-process.ts";
import { buildProblem, ProgramRun, programArguments } from "../support/clients/program.ts";
import { newMark } from "../support/marked-processes.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";

const reason = reasonToSkip(missingPrograms("tmux", "stty"), buildProblem());

describe.skipIf(reason !== "")(`beside an older engine ${reason}`, () => {
  let home = "";
  let mark = newMark();
  let terminal: Terminal | undefined;
  let old: ManagedProcess | undefined;
  const runtime = process.env["XDG_RUNTIME_DIR"];
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "p2p-old-"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    mkdirSync(join(home, "profile"), { mode: 0o700 });
    mark = newMark();
    process.env["XDG_RUNTIME_DIR"] = join(home, "run");
    const { controlPath } = await enginePlace(join(home, "profile"));
    const ready = Promise.withResolvers<void>();
    old = new ManagedProcess(
      "old engine",
      process.execPath,
      [join(import.meta.dirname, "../support/old-engine.ts"), controlPath],
      { env: mark.environment, onLine: () => ready.resolve() },
    );
    await ready.promise;
    terminal = new Terminal(
      programArguments(["--profile", join(home, "profile"), "--bind", "127.0.0.1", "--port", "0"]),
      {
        columns: 100,
        rows: 30,
        environment: { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment },
      },
    );
    await terminal.untilShows("Start it again as this version?");
  });
  afterEach(() => {
    terminal?.close();
    mark.killAll();
    if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = runtime;
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("the UI starts it again when told to, and it stays when the UI is left", async () => {
    terminal?.press("Enter");
    await terminal?.untilShows("No torrents");
    expect(await old?.exited).toBe(0);
    terminal?.press("q");
    await terminal?.untilShows("the engine goes on");
    const env = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    const stop = new ProgramRun(["engine", "stop", "--profile", join(home, "profile")], { env });
    expect(await stop.process.exited).toBe(0);
  });

  test("the UI leaves it alone when told not to, and says how to stop it", async () => {
    terminal?.press("n", "Enter");
    await terminal?.untilShows("stop it with `p2p-tui engine stop");
    expect(old?.ended).toBeNull();
  });
});
