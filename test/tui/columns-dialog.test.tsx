import { afterEach, describe, expect, it } from "vitest";
import { listColumns } from "../../source/preferences/list-columns.ts";
import { someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

async function open(options: Parameters<typeof startUi>[0] = {}) {
  const run = await startUi({ settingsFile: "", swarms: someSwarms, size: [160, 40], ...options });
  await run.screen.untilText("debian");
  run.screen.type("c");
  await run.screen.untilText("Columns of the list");
  return run;
}

describe.each([
  [60, 15, {}],
  [80, 24, {}],
  [200, 60, {}],
  [80, 24, { NO_COLOR: "1", LC_ALL: "C" }],
] as const)("the columns dialog at %i×%i with %o", (columns, rows, env) => {
  it("lists all columns, those that are shown first", async () => {
    const { screen } = await open({ size: [columns, rows], env });
    const seen = new Set<string>();
    for (let i = 0; i < listColumns.length; i++) {
      const line = screen.lines().find((each) => /[▌>] \[/.test(each)) ?? "";
      seen.add(line.slice(line.indexOf("[")));
      screen.type("j");
      await screen.settled();
    }
    expect(seen.size).toBe(listColumns.length);
    expect([...seen].findLastIndex((line) => /^\[[✓*]/.test(line))).toBe(12);
  });
});

describe("the columns dialog", () => {
  it("says why a column is not there: no room, or nothing for it to show", async () => {
    const unlabelled = someSwarms.map((swarm) => ({ ...swarm, labels: [] }));
    const { screen } = await open({ size: [200, 60], swarms: unlabelled });
    expect(screen.lines().join("\n")).toContain("none given yet: labels");
    closeUis();
    const narrow = await open({ size: [80, 24] });
    expect(narrow.screen.lines().join("\n")).toContain("no room now: labels");
  });

  it("shows a column at once, and keeps it in the settings", async () => {
    const { screen, engine } = await open({ settingsFile: '[ui]\ncolumns = ["name", "size"]\n' });
    screen.type("jj");
    await screen.settled();
    screen.type(" ");
    await screen.until(() => engine.settings?.text === '[ui]\ncolumns = ["name", "size", "queue"]\n');
    screen.type("\x1b");
    await screen.until((lines) => lines.some((line) => /Name +Size +#/.test(line)));
  });

  it("moves a column, and leaves the name where it is wanted", async () => {
    const { screen, engine } = await open({ settingsFile: '[ui]\ncolumns = ["name", "size"]\n' });
    screen.type(" J");
    await screen.until(() => engine.settings?.text === '[ui]\ncolumns = ["size", "name"]\n');
    screen.type("K");
    await screen.until(() => engine.settings?.text === '[ui]\ncolumns = ["name", "size"]\n');
  });

  it("goes back to the usual ones", async () => {
    const { screen, engine } = await open({ settingsFile: '[ui]\ncolumns = ["name", "size"]\n' });
    expect(screen.lines().join("\n")).toContain("yours");
    screen.type("r");
    await screen.untilText("as usual: what matters most");
    await screen.until(() => /^# columns = /m.test(engine.settings?.text ?? ""));
  });

  it("leaves the others alone when the first one goes", async () => {
    const { screen } = await open({ size: [80, 24] });
    const heading = (): string => screen.lines().find((line) => line.includes("Name")) ?? "";
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("Columns of"));
    const before = heading();
    screen.type("cG");
    await screen.untilText("Columns of");
    // Shows one that there is room for only in place of others.
    screen.type(" \x1b");
    await screen.until((lines) => !lines.join("\n").includes("Columns of"));
    for (const title of ["Done", "↓/s", "↑/s", "ETA"]) {
      expect(before).toContain(title);
      expect(heading()).toContain(title);
    }
    expect(heading()).toContain("Completed");
  });

  it("holds until one leaves where there is no settings file", async () => {
    const { screen, engine } = await startUi({ swarms: someSwarms, size: [160, 40] });
    await screen.untilText("debian");
    screen.type("c");
    await screen.untilText("Columns of");
    screen.type("G \x1b");
    await screen.until((lines) => lines.some((line) => /Name.*Completed/.test(line)));
    expect(engine.commands).toEqual([]);
  });

  it("is worked with the mouse", async () => {
    const { screen, engine } = await open();
    const lines = screen.lines();
    const y = lines.findIndex((line) => line.includes("[ ] Wasted"));
    screen.type(`\x1b[<0;${(lines[y] ?? "").indexOf("Wasted") + 1};${y + 1}M`);
    await screen.until(() => engine.settings?.text?.includes('"wasted"') === true);
  });
});
