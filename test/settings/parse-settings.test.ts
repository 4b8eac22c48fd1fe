import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultSettingsText } from "../../source/settings/default-file.ts";
import { parseSettings, problemText } from "../../source/settings/parse-settings.ts";
import { defaultSettings, type Settings, settingEntries, valueIn } from "../../source/settings/settings.ts";
import { valueOfSetting } from "./arbitrary-settings.ts";

const places = { home: "/home/ada", downloads: "/home/ada/Downloads" };
const defaults = defaultSettings(places);

function read(text: string, previous: Settings = defaults) {
  const { settings, given, problems } = parseSettings(text, places, defaults, previous);
  return { settings, given: [...given], problems: problems.map(problemText) };
}

describe("the settings file as it is read", () => {
  it("gives the defaults where it says nothing", () => {
    expect(read("")).toEqual({ settings: defaults, given: [], problems: [] });
    expect(defaults.downloads.directory).toBe("/home/ada/Downloads");
    expect(defaults.limits.slots).toBe(0);
  });

  it("takes every kind of value", () => {
    const { settings, problems } = read(`
      [downloads]
      directory = "~/isos"
      watch = ["~", "/srv/watch"]
      start-paused = true
      on-complete = ["~/bin/done", "{name}", ""]
      [network]
      port = 0
      bind = "::0001"
      [limits]
      down = "2 MB"
      up = 512
      [limits.alternative]
      up = "50 KiB/s"
      schedule = ["mon-fri 08:00-18:00"]
      [seeding]
      ratio = 1.5
      time = "3 days"
      idle = 90
      action = "remove"
    `);
    expect(problems).toEqual([]);
    expect(settings?.downloads).toMatchObject({
      directory: "/home/ada/isos",
      watch: ["/home/ada", "/srv/watch"],
      startPaused: true,
      onComplete: ["/home/ada/bin/done", "{name}", ""],
    });
    expect(settings?.network).toMatchObject({ port: 0, bind: "::1" });
    expect(settings?.limits).toMatchObject({ down: 2e6, up: 512 });
    expect(settings?.limits.alternative).toEqual({ down: 0, up: 51_200, schedule: ["mon-fri 08:00-18:00"] });
    expect(settings?.seeding).toEqual({ ratio: 1.5, time: 4320, idle: 90, action: "remove" });
  });

  it.each([
    ["network.port = 65536", "network.port: 65536 is not a whole number from 0 to 65535; it stays unset"],
    ['limits.down = "fast"', 'limits.down: "fast" is not a rate such as "2 MB"'],
    ["limits.down = -1", "limits.down: -1 is not a rate"],
    ["limits.down = nan", "limits.down: NaN is not a rate"],
    ["limits.slots = 501", "limits.slots: 501 is not a whole number from 0 to 500; it stays 0"],
    ["limits.slots = 4.5", "limits.slots: 4.5 is not a whole number"],
    ['downloads.directory = "isos"', 'downloads.directory: "isos" is not an absolute path'],
    ['downloads.watch = ["a"]', 'downloads.watch: "a" is not an absolute path'],
    ['downloads.start-paused = "yes"', 'downloads.start-paused: "yes" is not true or false'],
    ["downloads.on-complete = [1]", "downloads.on-complete: 1 is not a text"],
    ['network.bind = "localhost"', 'network.bind: "localhost" is not an IP address or the name of a network interface'],
    ['dht.bootstrap = ["router.example"]', 'dht.bootstrap: "router.example" is not a host and a port'],
    ['limits.alternative.schedule = ["mon 25:00-26:00"]', '"mon 25:00-26:00" is not a span of the week'],
    ['seeding.time = "for ever"', 'seeding.time: "for ever" is not a time such as "3 days"'],
    ['ui.on-quit = "kep"', 'ui.on-quit: "kep" is not one of "ask", "stop", "keep"; it stays "ask"'],
    ["ui.on-quit = 1979-05-27", "ui.on-quit: this is not one of"],
    ['ui.keys.add = "f5"', 'ui.keys.add: "f5" is no key; it stays "a"'],
    ['ui.keys.add = "esc"', 'ui.keys.add: esc always means the way out; it stays "a"'],
    ['ui.keys.add = "p"', 'ui.keys.add: p means pause-resume already, in the list; it stays "a"'],
    ["ui.keys.add = 3", "ui.keys.add: 3 is not keys with spaces between them"],
    ['ui.keys.pause-resum = "p"', "there is no setting ui.keys.pause-resum; did you mean ui.keys.pause-resume?"],
    ['ui.keys = "p"', "ui.keys is a table of settings, not a value"],
    ['ui.columns = ["nam"]', 'ui.columns: "nam" is not one of "queue", "name"'],
    ['ui.sort = "-bar"', 'ui.sort: "-bar" is not one of "queue", "-queue"'],
    ["limits = 3", "limits is a table of settings, not a value"],
    ["[[limits]]\ndown = 1", "limits is a table of settings, not a value"],
    ["network.prot = 3", "there is no setting network.prot; did you mean network.port?"],
    ["limits.port = 3", "there is no setting limits.port; did you mean network.port?"],
    ["colour = 3", "there is no setting colour"],
    ["[limit]\ndown = 3", "there is no setting limit; did you mean limits?"],
  ])("refuses %j with its line and the reason", (line, message) => {
    const { settings, given, problems } = read(`# a comment\n\n${line}\n[queue]\nseeds = 2\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
    expect(problems[0]).toMatch(/^line 3: /);
    // The rest holds.
    expect(settings).toEqual({ ...defaults, queue: { ...defaults.queue, seeds: 2 } });
    expect(given).toEqual(["queue.seeds"]);
  });

  it("keeps the previous value in place of a wrong one, and the default of what is gone", () => {
    const before = read('[limits]\ndown = "2 MB"\nup = "1 MB"').settings ?? defaults;
    const { settings } = read('[limits]\ndown = "much"', before);
    expect(settings?.limits.down).toBe(2e6);
    expect(settings?.limits.up).toBe(0);
  });

  it("keeps the usual keys of commands that claim the same one, and all others", () => {
    const { settings, given, problems } = read('[ui.keys]\nadd = "x"\nmark = "x"\nhelp = "f"\n');
    expect(problems).toEqual(['line 3: ui.keys.mark: x means add already, in the list; it stays "space"']);
    expect(given).toEqual(["ui.keys.add", "ui.keys.help"]);
    expect(settings?.ui.keys).toEqual({ ...defaults.ui.keys, add: "x", help: "f" });
  });

  it("says the line of what is no TOML", () => {
    expect(read("[limits]\ndown = 2 MB\n").settings).toBeUndefined();
    expect(read("[limits]\ndown = 2 MB\n").problems[0]).toMatch(/^line 2: this is no TOML: /);
    expect(read("[ui]\non-quit = keep\n").problems[0]).toMatch(/^line 2: /);
    expect(read("[ui]\n[ui]\n").problems[0]).toMatch(/^line 2: /);
  });

  it("lists some of many problems, and counts the others", () => {
    const { problems } = read(Array.from({ length: 5000 }, (_, index) => `x${index} = 1`).join("\n"));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("and 4980 more problems");
  });

  it("bears whatever it is given", () => {
    const scraps = fc.constantFrom("[", "]", "{", "}", "=", ".", '"', "'", '"""', "#", "\n", "\r\n", ",", "\\", "1");
    const words = fc.constantFrom(...settingEntries.flatMap(({ group, name }) => [group, name]), "~/", "2 MB", "\0");
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(scraps, words, fc.string()), { maxLength: 60 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (given) => {
        const { settings, problems } = parseSettings(given, places, defaults, defaults);
        if (settings === undefined) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["brackets", `a = ${"[".repeat(500_000)}`],
    ["braces", `a = ${"{a=".repeat(200_000)}`],
    ["dots", `a${".a".repeat(200_000)} = 1`],
    ["a long text", `limits.down = "${" ".repeat(900_000)}x"`],
    ["spaces after a rate", `limits.down = "1${" ".repeat(900_000)}x"`],
    ["spaces around days", `limits.alternative.schedule = ["${" ".repeat(900_000)}x"]`],
    ["a long address", `network.bind = "${":".repeat(900_000)}"`],
    ["a long list", `downloads.watch = [${'"/a",'.repeat(150_000)}]`],
    ["many keys", Array.from({ length: 50_000 }, (_, index) => `k${index}=${index}`).join("\n")],
    [
      "many keys far below",
      `[${"a.".repeat(1000)}a]\n${Array.from({ length: 50_000 }, (_, i) => `b${i}=1`).join("\n")}`,
    ],
    ["a long key", `${"x".repeat(900_000)} = 1`],
  ])("bears a file of %s", (_, text) => {
    expect(read(text).problems.length).toBeGreaterThan(0);
  });

  it("reads again whatever it writes", () => {
    for (const entry of settingEntries) {
      fc.assert(
        fc.property(valueOfSetting(entry), (value) => {
          const { settings, problems } = read(`[${entry.group}]\n${entry.name} = ${entry.setting.type.write(value)}\n`);
          expect(problems).toEqual([]);
          expect(settings === undefined ? undefined : valueIn(settings, entry)).toEqual(value);
        }),
        { numRuns: 30 },
      );
    }
  });
});

describe("the file that is made at first", () => {
  const text = defaultSettingsText(places);

  it("changes nothing", () => {
    expect(read(text)).toEqual({ settings: defaults, given: [], problems: [] });
  });

  it("is right as well with every line of a setting taken in", () => {
    const { given, problems } = read(text.replace(/^# ([a-z-]+ = )/gm, "$1"));
    expect(problems).toEqual([]);
    expect(given).toEqual(settingEntries.map(({ key }) => key));
  });

  it("fits the width of a page", () => {
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(118);
  });
});
