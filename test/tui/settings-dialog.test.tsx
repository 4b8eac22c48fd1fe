import { afterEach, describe, expect, it } from "vitest";
import { settingEntries } from "../../source/settings/settings.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

/** A line that begins with a border ends with one. */
function expectBordersWhole(lines: readonly string[]): void {
  for (const line of lines) {
    const text = line.trimEnd();
    if (/^[│╭╰]/.test(text)) expect(/[│╮╯]$/.test(text), text).toBe(true);
  }
}

async function open(options: Parameters<typeof startUi>[0] = {}) {
  const run = await startUi({ settingsFile: "", ...options });
  await run.screen.untilText("debian");
  run.screen.type(",");
  await run.screen.untilText("Settings");
  await run.screen.until((lines) => !lines.join("\n").includes("Asking the engine"));
  return run;
}

/** The line that the cursor is on. */
function current(screen: Screen): string {
  return screen.lines().find((line) => /[│|] ?[▌>] \S/.test(line)) ?? "";
}

async function go(screen: Screen, filter: string): Promise<void> {
  screen.type(`/${filter}`);
  await screen.untilText(`/ ${filter}`);
  screen.type("\r");
  await screen.untilText("Space next value");
}

describe.each([
  [60, 15, {}],
  [80, 24, {}],
  [200, 60, {}],
  [80, 24, { NO_COLOR: "1", LC_ALL: "C" }],
] as const)("the settings dialog at %i×%i with %o", (columns, rows, env) => {
  it("shows every setting with its value and explanation, one after the other", async () => {
    const { screen } = await open({ size: [columns, rows], env });
    const seen = new Set<string>();
    for (const { key, name, setting } of settingEntries) {
      await screen.until(() => current(screen).includes(name));
      const lines = screen.lines();
      expectBordersWhole(lines);
      for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
      expect(lines.join("\n")).toContain(`${key}: ${setting.help.split(/\s/)[0]}`);
      seen.add(key);
      screen.type("\x1b[B");
      await screen.settled();
    }
    expect(seen.size).toBe(settingEntries.length);
    screen.type("g");
    await screen.until(() => current(screen).includes("directory"));
  });
});

describe("the settings dialog", () => {
  it("changes a setting in the file, and shows that it comes from there", async () => {
    const { screen, engine } = await open();
    await go(screen, "limits.up");
    screen.type("\r");
    await screen.untilText("It takes a rate");
    screen.type("\x15500 KB\r");
    await screen.untilText("in the file");
    expect(current(screen)).toContain('"500 KB"');
    expect(engine.settings?.text).toBe('[limits]\nup = "500 KB"\n');
    screen.type("r");
    await screen.until(() => !current(screen).includes("in the file"));
    expect(engine.settings?.text).toContain('# up = "500 KB"');
  });

  it("says in words what cannot be, and changes nothing", async () => {
    const { screen, engine } = await open();
    await go(screen, "limits.up");
    screen.type("\r");
    await screen.untilText("It takes a rate");
    screen.type("\x15much\r");
    await screen.untilText('"much" is not a rate');
    expect(engine.settings?.text).toBe("");
    // Typing on, the reason goes.
    screen.type("x");
    await screen.untilText("It takes a rate");
    screen.type("\x1b");
    await screen.untilText("Space next value");
    expect(current(screen)).not.toContain("much");
  });

  it("refuses a key that means something else already", async () => {
    const { screen, engine } = await open();
    await go(screen, "ui.keys.add");
    screen.type("\r");
    await screen.untilText("It takes keys");
    screen.type("\x15p\r");
    await screen.untilText("p means pause-resume already");
    screen.type("\x15ctrl+y\r");
    await screen.untilText("in the file");
    expect(engine.settings?.text).toBe('[ui.keys]\nadd = "ctrl+y"\n');
    screen.type("\x1b");
    await screen.untilText("Ctrl-Y add");
  });

  it("goes through the words of a setting with Space, and in the line with Tab", async () => {
    const { screen, engine } = await open();
    await go(screen, "ui.on-quit");
    screen.type(" ");
    await screen.until(() => current(screen).includes('"stop"'));
    screen.type("\r");
    await screen.untilText("Tab");
    screen.type("\t\r");
    await screen.until(() => current(screen).includes('"keep"'));
    expect(engine.settings?.text).toContain('on-quit = "keep"');
  });

  it("says what holds only after a restart", async () => {
    const { screen } = await open();
    await go(screen, "network.port");
    expect(screen.lines().join("\n")).toContain("holds from the next start of the engine on");
    screen.type("\r");
    await screen.untilText("It takes");
    screen.type("7000\r");
    await screen.untilText("network.port holds from the next start");
  });

  it("filters by words of the key, the value and the explanation", async () => {
    const { screen } = await open();
    screen.type("/seed ratio");
    await screen.until(() => current(screen).includes("ratio"));
    screen.type("\x15zzz");
    await screen.untilText("no setting is like that");
    screen.type("\x1b");
    await screen.until(() => current(screen).includes("directory"));
  });

  it("follows the file, and shows what is wrong with it", async () => {
    const { screen, engine } = await open();
    await engine.settings?.write('[limits]\nup = 7\nslots = "x"\n');
    engine.publish();
    await screen.untilText("! line 3: limits.slots");
    await go(screen, "limits.up");
    expect(current(screen)).toMatch(/up +7 +· in the file/);
  });

  it("says so where the engine has no settings file", async () => {
    const { screen } = await startUi();
    await screen.untilText("debian");
    screen.type(",");
    await screen.untilText("This engine has no settings file");
    screen.type("\r r/\x1b");
    await screen.until((lines) => !lines.join("\n").includes("Settings"));
  });

  it("is worked with the mouse", async () => {
    const { screen } = await open();
    const click = (word: string): void => {
      const lines = screen.lines();
      const y = lines.findIndex((line) => line.includes(word));
      screen.type(`\x1b[<0;${(lines[y] ?? "").indexOf(word) + 1};${y + 1}M`);
    };
    click("watch");
    await screen.until(() => current(screen).includes("watch"));
    click("watch");
    await screen.untilText("It takes a list of folders");
    screen.type("\x1b");
    await screen.untilText("Space next value");
    screen.type("\x1b[<65;10;10M");
    await screen.until(() => current(screen).includes("start-paused"));
  });

  it("takes what is pasted into its line, and keeps what is strange out of the screen", async () => {
    const { screen } = await open();
    await go(screen, "downloads.directory");
    screen.type("\r");
    await screen.untilText("It takes");
    screen.type("\x15\x1b[200~/srv/a\x1b[31m\nb\x1b[201~\r");
    await screen.untilText("in the file");
    expectBordersWhole(screen.lines());
  });
});
