import { afterEach, describe, expect, it } from "vitest";
import { asciiOf, toAscii } from "../../source/tui/format/ascii.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import { someSwarms } from "../support/fake-engine.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

function strange(screen: Screen): readonly string[] {
  return screen.lines().filter((line) => !/^[\x20-\x7e]*$/.test(line));
}

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("a terminal that has only ASCII, at %i×%i", (columns, rows) => {
  it("is shown nothing else, whatever is opened", async () => {
    const { screen } = await startUi({
      swarms: someSwarms,
      size: [columns, rows],
      settingsFile: "",
      env: { LC_ALL: "C" },
    });
    await screen.untilText("debian");
    const found: string[] = [];
    const look = async (keys: string): Promise<void> => {
      for (const key of keys) {
        screen.type(key);
        await screen.settled();
      }
      for (const line of strange(screen)) found.push(`${JSON.stringify(keys)}: ${line}`);
    };
    const away = async (): Promise<void> => {
      const before = screen.lines().join("\n");
      screen.type("\x1b");
      // Ink waits whether more comes: then it would be another key.
      await screen.until((lines) => lines.join("\n") !== before);
    };
    // The list and what can lie over it.
    for (const keys of ["?", ":", "L", "o", "M/x", "d", "D", "c", ",", "/zzz"]) {
      await look(keys);
      await away();
    }
    for (const keys of ["j ", "6", "]]", "6", "s", "S", "gg\r"]) await look(keys);
    for (const keys of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "1m"]) await look(keys);
    for (const keys of ["1?", "1b", "1X", "2\r", "3\r"]) {
      await look(keys);
      await away();
    }
    expect([...new Set(found)]).toEqual([]);
  });
});

describe("a glyph that a terminal does not have", () => {
  it("becomes its base letter, a sign like it, or a question mark, in as many columns", () => {
    expect(["é", "Å", "…", "“", "ﬁ", "資", "😀", "a"].map(asciiOf)).toEqual(["e", "A", "~", '"', "f", "?", "?", "a"]);
    const canvas = new Canvas(12, 1);
    canvas.put(0, 0, "é資料…x");
    toAscii(canvas);
    expect(canvas.line(0)).toBe("e????~x     ");
  });
});
