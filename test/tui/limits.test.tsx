/** The limits of all torrents together: shown, stepped, typed, applied, undone. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { rateStep, rateText, readRate } from "../../source/tui/state/rate-text.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

describe("a rate", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (rate) => {
        expect(readRate(rateText(rate))).toBe(rate);
      }),
    );
    expect([0, 500_000, 512_000, 1_500_000, 2 * 1024 ** 2, 1_234_567].map(rateText)).toEqual([
      "none",
      "500KB",
      "512KB",
      "1.5MB",
      "2MiB",
      "1234567",
    ]);
  });

  it("goes up and down in easy steps, up to none and down to the lowest", () => {
    expect([rateStep(100_000, 1, 0), rateStep(100_000, -1, 0)]).toEqual([150_000, 75_000]);
    expect(rateStep(1e9, 1, 0)).toBe(0);
    expect(rateStep(0, 1, 0)).toBe(0);
    expect(rateStep(10_000, -1, 0)).toBe(10_000);
    // From none it begins a little below what flows.
    expect(rateStep(0, -1, 2_300_000)).toBe(2_000_000);
    let rate = 0;
    for (let i = 0; i < 100; i++) rate = rateStep(rate, -1, 0);
    expect(rate).toBe(10_000);
    for (let i = 0; i < 100; i++) rate = rateStep(rate, 1, 0);
    expect(rate).toBe(0);
  });
});

const file = `[limits]
down = "2 MB"
up = 500_000
[limits.alternative]
schedule = ["mon-fri 08:00-18:00", "sat,sun 22:00-06:00"]
`;

describe.each([
  [40, 10],
  [40, 12],
  [80, 24],
] as const)("in a window of %i×%i", (...size) => {
  it.each([
    ["t", "Seeds at once", 9],
    ["o", "Ignore the queue", 10],
  ] as const)("the lines that `%s` opens scroll with the cursor, inside their border", async (key, last, count) => {
    const { screen, engine } = await startUi({ size, settingsFile: file });
    await screen.until(() => engine.commands.some(({ name }) => name === "settings"));
    await screen.until((lines) => lines.some((line) => line.includes("debian")));
    screen.type(key);
    await screen.untilText("Download at most");
    for (let i = 1; i < count; i++) {
      const lines = screen.lines();
      const top = lines.findIndex((line) => line.includes("╭"));
      const bottom = lines.findIndex((line) => line.includes("╰"));
      expect([top, bottom].every((row) => row >= 0)).toBe(true);
      const left = lines[top]?.indexOf("╭") ?? 0;
      const right = lines[top]?.indexOf("╮") ?? 0;
      for (const line of lines.slice(top + 1, bottom)) expect([line[left], line[right]]).toEqual(["│", "│"]);
      expect(lines[bottom]).toMatch(/╰─+╯/);
      expect(lines.slice(top, bottom).filter((line) => line.slice(left, right).includes("▌"))).toHaveLength(1);
      screen.type("\x1b[B");
      for (let turn = 0; turn < 4; turn++) await screen.settled();
    }
    expect(screen.lines().some((line) => line.includes(last))).toBe(true);
  });
});

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("on a screen of %i×%i", (...size) => {
  it("all of them are shown, changed together, and undone", async () => {
    const { screen, engine } = await startUi({ size, settingsFile: file });
    await screen.untilText("debian");
    await screen.until(() => engine.commands.some(({ name }) => name === "settings"));
    screen.type("t");
    const lines = (await screen.untilText("Limits of all torrents")).join("\n");
    expect(lines).toMatch(/Upload at most +500KB/);
    expect(lines).toMatch(/times +mon-fri 08:00-18:00, s|times +mon-fri 08:00-1/);
    // A little less to come, another time, and as many downloads.
    screen.type("-");
    await screen.untilText("1.5MB");
    screen.type(`${"\x1b[B".repeat(6)}\x15sat,sun 10:00-12:00, mon 01:00-02:00`);
    screen.type("\x1b[B++");
    screen.type("\r");
    await screen.untilText("other limits hold now");
    const set = engine.commands.find((command) => command.name === "set");
    expect(set).toEqual({
      name: "set",
      changes: [
        { key: "limits.down", text: "1500000" },
        { key: "limits.alternative.schedule", text: '["sat,sun 10:00-12:00","mon 01:00-02:00"]' },
        { key: "queue.downloads", text: "2" },
      ],
    });
    screen.type("U");
    await screen.untilText("undone: other limits hold now");
    expect(engine.settings?.file.settings.limits).toMatchObject({ down: 2_000_000, up: 500_000 });
    expect(engine.settings?.file.settings.queue.downloads).toBe(0);
  });

  it("what is wrong is said where it stands, and nothing is changed", async () => {
    const { screen, engine } = await startUi({ size, settingsFile: file });
    await screen.untilText("debian");
    await screen.until(() => engine.commands.some(({ name }) => name === "settings"));
    screen.type("t\x1b[B\x15much\r");
    await screen.untilText('"much" is not a size');
    // What only the engine knows.
    screen.type("\x15none\x1b[B\x15501\r");
    await screen.untilText("a whole number from 0 to 500");
    expect(engine.settings?.file.settings.limits).toMatchObject({ up: 500_000, slots: 0 });
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("Limits of all"));
  });
});

it("the alternative limits are switched by hand, or left to their times", async () => {
  const { screen, engine } = await startUi({ settingsFile: file });
  await screen.untilText("debian");
  await screen.until(() => engine.commands.some(({ name }) => name === "settings"));
  screen.type(`t${"\x1b[B".repeat(3)} `);
  await screen.untilText("← on →");
  screen.type("\r");
  await screen.untilText("other limits hold now");
  expect(engine.commands.at(-1)).toEqual({ name: "alternative", mode: "on" });
  screen.type("t");
  await screen.untilText("alternative limits, by hand,");
  expect(screen.lines().join("\n")).toMatch(/Alternative limits +on/);
  screen.type("\x1b");
  await screen.until((lines) => !lines.join("\n").includes("Limits of all"));
  screen.type("U");
  await screen.until(() => engine.commands.at(-1)?.name === "alternative" && !engine.alternative.isByHand);
});

it("an engine without a settings file has the two rates", async () => {
  const { screen, engine } = await startUi();
  await screen.untilText("debian");
  screen.type("t");
  const lines = await screen.untilText("Limits of all torrents");
  expect(lines.join("\n")).not.toContain("Alternative");
  screen.type("1MB\r");
  await screen.untilText('"none1MB" is not a size');
  screen.type("\x151MB\r");
  await screen.untilText("other limits hold now");
  expect(engine.limits).toEqual({ maxDownRate: 1_000_000, maxUpRate: 0 });
  screen.type("U");
  await screen.until(() => engine.limits.maxDownRate === 0);
});
