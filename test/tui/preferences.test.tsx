import { afterEach, describe, expect, it } from "vitest";
import { someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

/** Lets the next frame of the engine come. */
async function write(run: Awaited<ReturnType<typeof startUi>>, text: string): Promise<void> {
  await run.engine.settings?.write(text);
  run.engine.publish();
  await run.screen.settled();
}

describe("what the user has chosen", () => {
  it("is there in the first frame", async () => {
    const settings = new Map<string, string | readonly string[]>([
      ["ui.keys.help", "f"],
      ["ui.keys.add", "none"],
      ["ui.sort", "-size"],
      ["ui.columns", ["size", "name", "path"]],
    ]);
    const { screen } = await startUi({ settings, swarms: someSwarms, size: [80, 24] });
    const lines = await screen.untilText("debian");
    expect(lines.at(-1)).toContain("f help");
    expect(lines.at(-1)).not.toMatch(/\badd\b/);
    const heading = lines.find((line) => line.includes("Folder")) ?? "";
    expect(heading).toMatch(/^\s*Size ▴\s+Name\s+Folder\s*$/);
    const names = lines.slice(lines.indexOf(heading) + 1).filter((line) => /MiB|GiB/.test(line));
    expect(names[0]).toContain("holiday pictures");
    expect(names.at(-1)).toContain("wikipedia");
  });

  it("holds as soon as the settings file says so, in keys, hints and help", async () => {
    const run = await startUi({ settingsFile: "", opens: true, size: [120, 40] });
    const { screen, engine } = run;
    expect(screen.lines().at(-1)).toContain("p pause");
    await write(run, '[ui.keys]\npause-resume = "ctrl+x"\nview-log = "v"\n');
    await screen.untilText("Ctrl-X pause");
    expect(screen.lines().join("\n")).toMatch(/ v Log /);
    screen.type("p");
    await screen.settled();
    expect(engine.commands.filter(({ name }) => name === "pause")).toEqual([]);
    screen.type("\x18");
    await screen.untilText("paused");
    expect(engine.commands.filter(({ name }) => name === "pause")).toHaveLength(1);
    screen.type("?");
    const help = await screen.until((lines) => lines.some((line) => line.includes("pause or resume")));
    expect(help.find((line) => line.includes("pause or resume"))).toContain("Ctrl-X");
  });

  it("does not undo what was done on the screen, but for what is changed", async () => {
    const run = await startUi({ settingsFile: '[ui]\nsort = "name"\n', swarms: someSwarms, size: [120, 24] });
    const { screen } = run;
    await screen.untilText("Name ▴");
    screen.type("S");
    await screen.untilText("Name ▾");
    await write(run, '[ui]\nsort = "name"\ncolumns = ["size", "name"]\n');
    await screen.until((lines) => lines.some((line) => /Size\s+Name ▾\s*$/.test(line)));
    await write(run, '[ui]\nsort = "size"\n');
    await screen.untilText("Size ▾");
  });

  it("keeps the usual keys where the file is wrong", async () => {
    const run = await startUi({ settingsFile: "" });
    await write(run, '[ui.keys]\nadd = "p"\nhelp = "f1"\nquit = "Q"\n');
    await run.screen.untilText("Q quit");
    expect(run.screen.lines().at(-1)).toContain("? help");
    expect(run.screen.lines().at(-1)).toContain("a add");
  });

  it("switches the mouse off and on", async () => {
    const run = await startUi({ settingsFile: "" });
    await run.screen.untilText("debian");
    const last = (on: string, off: string): boolean => {
      const written = run.screen.written.join("");
      return written.lastIndexOf(on) > written.lastIndexOf(off);
    };
    expect(last("\x1b[?1000h", "\x1b[?1000l")).toBe(true);
    await write(run, '[ui]\nmouse = "off"\n');
    expect(last("\x1b[?1000l", "\x1b[?1000h")).toBe(true);
    await write(run, '[ui]\nmouse = "on"\n');
    expect(last("\x1b[?1000h", "\x1b[?1000l")).toBe(true);
  });
});

describe("the list", () => {
  it("is sorted by the columns that are shown, one after the other", async () => {
    const settings = new Map([["ui.columns", ["name", "wasted", "bar", "path"]]]);
    const { screen } = await startUi({ settings, swarms: someSwarms, size: [120, 24] });
    await screen.untilText("Folder");
    for (const heading of ["Name ▴", "Wasted ▾", "Folder ▴"]) {
      screen.type("s");
      await screen.untilText(heading);
    }
    screen.type("s");
    await screen.until((lines) => !lines.some((line) => /[▴▾]/.test(line)));
  });

  it("is sorted by a click on a heading, and turned round by another", async () => {
    const { screen } = await startUi({ swarms: someSwarms, size: [120, 24] });
    const lines = await screen.untilText("Name");
    const y = lines.findIndex((line) => line.includes("Name"));
    const click = (word: string): void => {
      screen.type(`\x1b[<0;${(screen.lines()[y] ?? "").indexOf(word) + 2};${y + 1}M`);
    };
    click("Name");
    await screen.untilText("Name ▴");
    click("Name");
    await screen.untilText("Name ▾");
    click("Size");
    await screen.untilText("Size ▾");
  });

  it("of neighbours is sorted by its headings, too", async () => {
    const { screen } = await startUi({ opens: true, size: [120, 40] });
    screen.type("2");
    const lines = await screen.untilText("Address");
    const y = lines.findIndex((line) => line.includes("Address"));
    screen.type(`\x1b[<0;${(lines[y] ?? "").indexOf("Address") + 2};${y + 1}M`);
    await screen.untilText("Address ▴");
  });
});

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("chosen columns at %i×%i", (columns, rows) => {
  it("leave out the last ones where they do not fit, and never the name", async () => {
    const all = ["path", "tracker", "added", "completed", "swarm", "downloaded", "uploaded", "left", "labels", "name"];
    const settings = new Map([["ui.columns", all]]);
    const { screen } = await startUi({ settings, swarms: someSwarms, size: [columns, rows] });
    const lines = await screen.untilText("debian");
    const heading = lines.find((line) => line.includes("Folder")) ?? "";
    expect(heading).toContain("Name");
    const shown = ["Folder", "Tracker", "Added", "Completed", "Swarm", "↓ all", "↑ all", "Left", "Labels"].filter(
      (title) => heading.includes(title),
    );
    expect(shown.length).toBe(columns === 60 ? 3 : columns === 80 ? 4 : 9);
    expect(shown[0]).toBe("Folder");
  });
});

describe("the theme", () => {
  it("changes with a key, whole and at once, and is kept", async () => {
    const run = await startUi({ settingsFile: "# mine\n" });
    const { screen, engine } = run;
    await screen.untilText("debian");
    const grounds = (): ReadonlySet<string | undefined> =>
      new Set(
        screen
          .grid()
          .flat()
          .map(({ bg }) => bg),
      );
    expect(grounds()).toContain(undefined);
    screen.type("T");
    await screen.untilText("theme: dark");
    expect(grounds()).not.toContain(undefined);
    screen.type("T");
    await screen.untilText("theme: light");
    expect(screen.cell(40, 12).bg).toBe("#fcfcfa");
    expect(grounds()).not.toContain(undefined);
    await screen.until(() => engine.settings?.text === '# mine\n\n[ui]\ntheme = "light"\n');
    for (const name of ["high-contrast", "16", "mono", "auto"]) {
      screen.type("T");
      await screen.untilText(`theme: ${name}`);
    }
    expect(grounds()).toContain(undefined);
    await screen.until(() => !/^theme/m.test(engine.settings?.text ?? ""));
  });

  it("pressed fast ends where the last press says", async () => {
    const { screen, engine } = await startUi({ settingsFile: "" });
    await screen.untilText("debian");
    screen.type("TTT");
    await screen.until(() => engine.settings?.text?.includes('theme = "high-contrast"') === true);
    await screen.settled();
    expect(screen.cell(40, 12).bg).toBe("#000000");
    // Those between were not written.
    expect(engine.commands.filter(({ name }) => name === "set").length).toBeLessThan(3);
  });

  it("holds until one leaves where there is no settings file, and says so", async () => {
    const { screen, engine } = await startUi();
    await screen.untilText("debian");
    screen.type("T");
    await screen.untilText("theme: dark, until you leave");
    expect(engine.commands).toEqual([]);
  });

  it("that cannot be kept says why", async () => {
    const { screen, engine } = await startUi({ settingsFile: "this is no TOML" });
    await screen.untilText("debian");
    screen.type("T");
    await screen.untilText("not kept: ");
    expect(engine.settings?.text).toBe("this is no TOML");
    expect(screen.cell(40, 12).bg).toBe("#0d1117");
  });

  it("leaves nothing of itself behind", async () => {
    const { screen, outcome } = await startUi({ settings: new Map([["ui.theme", "light"]]) });
    await screen.untilText("debian");
    screen.type("q");
    await outcome;
    for (const frame of screen.written.join("").split("\x1b[?2026h").slice(1)) {
      const [body = ""] = frame.split("\x1b[?2026l");
      if (/\x1b\[[\d;]*m/.test(body)) expect(body.slice(body.lastIndexOf("\x1b[")).startsWith("\x1b[0m")).toBe(true);
    }
  });
});
