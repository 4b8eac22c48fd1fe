/** What a user has chosen of the UI, in real terminals on one real engine: from the file, from a key, from ctl. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";

const reason = reasonToSkip(missingPrograms("tmux", "stty"), buildProblem());

describe.skipIf(reason !== "")(`the UI's settings ${reason}`, () => {
  let home = "";
  let profile = "";
  let path = "";
  let mark = newMark();
  const terminals: Terminal[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-ui-settings-"));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    profile = join(home, "profile");
    mkdirSync(profile);
    path = join(profile, "settings.toml");
    mark = newMark();
  });

  afterEach(() => {
    run("engine", "stop");
    for (const terminal of terminals.splice(0)) terminal.close();
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  const environment = (): Readonly<Record<string, string>> => ({
    HOME: home,
    XDG_RUNTIME_DIR: join(home, "run"),
    COLORTERM: "truecolor",
    ...mark.environment,
  });
  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments([...args, "--profile", profile]);
    return spawnSync(command, rest, { env: { ...process.env, ...environment() }, encoding: "utf8", timeout: 60_000 });
  };
  const openUi = async (): Promise<Terminal> => {
    const command = programArguments(["--profile", profile]);
    const terminal = new Terminal(command, { columns: 100, rows: 24, environment: environment() });
    terminals.push(terminal);
    await terminal.untilShows("No torrents yet");
    return terminal;
  };
  /** The background of `light`, as tmux writes it. */
  const isLight = (terminal: Terminal): boolean => terminal.colouredScreen().includes("48;2;252;252;250");

  it("are followed by every UI, whoever changes them", async () => {
    writeFileSync(path, '[ui]\ntheme = "light"\n[ui.keys]\nadd = "i"\n');
    expect(run("engine", "start", "--bind", "127.0.0.1", "--port", "0").status).toBe(0);
    const [first, second] = [await openUi(), await openUi()];
    for (const terminal of [first, second]) {
      expect(terminal.screen().join("\n")).toMatch(/^ +i +add a/m);
      expect(isLight(terminal)).toBe(true);
    }

    // By a key in one of them.
    first.press("T");
    await first.untilShows("theme: high-contrast");
    await waitUntil("the other follows", 10_000, () => !isLight(second));
    await waitUntil("it is in the file", 10_000, () => readFileSync(path, "utf8").includes('theme = "high-contrast"'));

    // In an editor.
    writeFileSync(path, '[ui]\ntheme = "light"\n[ui.keys]\nadd = "b"\nquit = "F1"\n');
    await first.untilShows(/^ +b +add a/m);
    await first.untilShows('line 5: ui.keys.quit: "F1" is no key');
    await waitUntil("the other is light again", 10_000, () => isLight(second));

    // By ctl, which refuses what the file would refuse.
    expect(run("ctl", "set", "ui.keys.add=?").stderr).toContain("? means help already");
    expect(run("ctl", "set", "ui.keys.add=o", "ui.keys.options=a").status).toBe(0);
    await second.untilShows(/^ +o +add a/m);

    // And in the dialog.
    second.press(",", "/", "u", "i", ".", "b", "e", "l", "l", "Enter");
    await second.untilShows(/▌ bell +false/);
    await second.untilShows("Space next value");
    second.press("Space");
    await second.untilShows(/bell +true +· in the file/);
    expect(readFileSync(path, "utf8")).toMatch(/^bell = true$/m);
  });
});
