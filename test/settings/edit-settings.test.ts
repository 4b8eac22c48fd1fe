import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "../../source/base/assert.ts";
import { defaultSettingsText } from "../../source/settings/default-file.ts";
import { editSettings } from "../../source/settings/edit-settings.ts";
import { parseSettings } from "../../source/settings/parse-settings.ts";
import { defaultSettings, settingEntries, settingEntry, valueIn } from "../../source/settings/settings.ts";
import type { SettingValue } from "../../source/settings/value-types.ts";
import { valueOfSetting } from "./arbitrary-settings.ts";

const places = { home: "/home/ada", downloads: "/home/ada/Downloads" };
const defaults = defaultSettings(places);

function edit(text: string, key: string, value: SettingValue | undefined): string {
  return editSettings(text, present(settingEntry(key), "a setting"), value, places, defaults);
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

describe("an edit of the settings file", () => {
  it.each<[name: string, before: string, key: string, value: SettingValue | undefined, after: string]>([
    [
      "replaces a value where it stands, and leaves the comment behind it",
      "[limits]\n  down  =  1 # at night\nup = 2",
      "limits.down",
      5e6,
      '[limits]\n  down  =  "5 MB" # at night\nup = 2',
    ],
    [
      "takes the commented line of the setting",
      "[limits]\n# Down.\n# down = 0\n\n# Up.\n# up = 0\n",
      "limits.up",
      7,
      "[limits]\n# Down.\n# down = 0\n\n# Up.\nup = 7\n",
    ],
    [
      "leaves a comment that only begins like a setting",
      "[limits]\n# down = too slow for me\n",
      "limits.down",
      7,
      "[limits]\ndown = 7\n# down = too slow for me\n",
    ],
    [
      "adds to the end of its table",
      "[ui]\n[limits]\nup = 1\n\n[queue]\n",
      "limits.down",
      7,
      "[ui]\n[limits]\nup = 1\ndown = 7\n\n[queue]\n",
    ],
    ["adds to an empty table at the end of a file", "[limits]", "limits.down", 7, "[limits]\ndown = 7\n"],
    ["adds a table", "[ui]\n", "limits.alternative.up", 7, "[ui]\n\n[limits.alternative]\nup = 7\n"],
    ["adds to an empty file", "", "limits.up", 7, "[limits]\nup = 7\n"],
    [
      "keeps the file's ends of lines",
      "[limits]\r\nup = 1\r\n",
      "limits.down",
      7,
      "[limits]\r\nup = 1\r\ndown = 7\r\n",
    ],
    ["knows a key with dots", 'limits."up" = 1', "limits.up", 7, 'limits."up" = 7'],
    [
      "adds beside keys with dots",
      "[limits]\nalternative.up = 1\n",
      "limits.alternative.down",
      7,
      "[limits]\nalternative.up = 1\nalternative.down = 7\n",
    ],
    [
      "replaces a value of several lines",
      '[filter]\nfiles = [\n  "/a", # one ]\n  "/b"\n] # two\n',
      "filter.files",
      ["/c"],
      '[filter]\nfiles = ["/c"] # two\n',
    ],
    [
      "is not led astray by texts that look like settings",
      '[downloads]\ndirectory = """/a\n# sequential = true\nsequential = true\n[downloads]"""\n',
      "downloads.sequential",
      true,
      '[downloads]\ndirectory = """/a\n# sequential = true\nsequential = true\n[downloads]"""\nsequential = true\n',
    ],
    ["mends a wrong value", '[limits]\nup = "much"\n', "limits.up", 7, "[limits]\nup = 7\n"],
    [
      "comments a value out",
      "[limits]\nup = 9 # for now\n",
      "limits.up",
      undefined,
      '[limits]\n# up = "500 KB" # for now\n',
    ],
    ["leaves what is not set", "[limits]\n", "limits.up", undefined, "[limits]\n"],
    [
      "keeps the mark at the beginning of the file",
      "\ufeff[limits]\nup = 1\n",
      "limits.up",
      7,
      "\ufeff[limits]\nup = 7\n",
    ],
  ])("%s", (_, before, key, value, after) => {
    expect(edit(before, key, value)).toBe(after);
  });

  it.each([
    ["braces", "limits = { up = 1 }\n", "limits.down"],
    ["braces, the same setting", "limits = { up = 1 }\n", "limits.up"],
    ["a table of several", "[[limits]]\nup = 1\n", "limits.up"],
    ["no TOML", "[limits\nup = 1\n", "limits.up"],
    ["a value in place of the table", "limits = 3\n", "limits.up"],
  ])("refuses a file it cannot change: %s", (_, text, key) => {
    expect(() => edit(text, key, 7)).toThrow(expect.objectContaining({ code: "bad-settings-file" }));
  });

  const files = [
    defaultSettingsText(places),
    defaultSettingsText(places).replaceAll("\n", "\r\n"),
    defaultSettingsText(places).replace(/^# ([a-z-]+ = )/gm, "$1"),
    lines(
      "# mine",
      "network.port = 1",
      '[downloads] # "x"',
      "watch = [",
      '  "/a", # ]',
      "]",
      "[limits]",
      'down = """2 MB"""',
    ),
    lines("[limits.alternative]", "up = '1 MB'", "[limits]", 'up = "x"', "colour = 1", "[ui]", "on-quit = 'stop'"),
    "",
  ];
  const edits = fc
    .constantFrom(...settingEntries)
    .chain((entry) => fc.tuple(fc.constant(entry), fc.option(valueOfSetting(entry), { nil: undefined })));

  it("changes one setting, and every other line stays byte for byte", () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), edits, (before, [entry, value]) => {
        const after = edit(before, entry.key, value);
        const read = parseSettings(after, places, defaults, defaults);
        const was = parseSettings(before, places, defaults, defaults);
        const [now, then] = [present(read.settings, "TOML"), present(was.settings, "TOML")];
        expect(valueIn(now, entry)).toEqual(value ?? valueIn(defaults, entry));
        for (const other of settingEntries) {
          if (other !== entry) expect(valueIn(now, other)).toEqual(valueIn(then, other));
        }
        // What was there is there still, in order, but for the lines of one value.
        const [a, b] = [before.split("\n"), after.split("\n")];
        let head = 0;
        while (head < a.length && a[head] === b[head]) head++;
        let tail = 0;
        while (tail < a.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
        const [gone, come] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
        for (const line of gone) expect(line === "" || line.includes(entry.name) || gone.length > 1).toBe(true);
        expect(gone.length).toBeLessThanOrEqual(3);
        expect(come.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 500 },
    );
  });

  it("can be made one after another", () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(edits, { maxLength: 12 }), (text, all) => {
        const expected = new Map<string, SettingValue | undefined>();
        let now = text;
        for (const [entry, value] of all) {
          now = edit(now, entry.key, value);
          expected.set(entry.key, value ?? valueIn(defaults, entry));
        }
        const settings = present(parseSettings(now, places, defaults, defaults).settings, "TOML");
        for (const entry of settingEntries) {
          if (expected.has(entry.key)) expect(valueIn(settings, entry)).toEqual(expected.get(entry.key));
        }
      }),
      { numRuns: 100 },
    );
  });
});
