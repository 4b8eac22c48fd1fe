import { describe, expect, it } from "vitest";
import { detectCapabilities } from "../../source/tui/format/capabilities.ts";
import { nearest256, StyleTable } from "../../source/tui/format/styles.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";

describe("what the terminal can do", () => {
  it("is read from the environment", () => {
    const utf8 = { LANG: "en_GB.UTF-8" };
    expect(detectCapabilities({ ...utf8, TERM: "xterm-256color", COLORTERM: "truecolor" })).toEqual({
      colours: "true",
      hasUnicode: true,
    });
    expect(detectCapabilities({ ...utf8, TERM: "tmux-256color" }).colours).toBe("256");
    expect(detectCapabilities({ ...utf8, TERM: "xterm" }).colours).toBe("16");
    expect(detectCapabilities({ ...utf8, TERM: "dumb" }).colours).toBe("none");
  });

  it("honours NO_COLOR before anything else, unless it is empty", () => {
    expect(detectCapabilities({ NO_COLOR: "1", COLORTERM: "truecolor", FORCE_COLOR: "3" }).colours).toBe("none");
    expect(detectCapabilities({ NO_COLOR: "", COLORTERM: "truecolor" }).colours).toBe("true");
  });

  it("draws ASCII where the locale is not UTF-8", () => {
    expect(detectCapabilities({ TERM: "xterm", LANG: "C" }).hasUnicode).toBe(false);
    expect(detectCapabilities({ TERM: "xterm", LC_ALL: "C", LANG: "de_DE.UTF-8" }).hasUnicode).toBe(false);
    expect(detectCapabilities({ TERM: "linux", LANG: "de_DE.UTF-8" }).hasUnicode).toBe(false);
    expect(detectCapabilities({ TERM: "xterm", LANG: "de_DE.utf8" }).hasUnicode).toBe(true);
  });
});

describe("styles", () => {
  const red = { fg: { rgb: 0xff0000, ansi: 9 }, bg: { rgb: 0x000080, ansi: 4 }, isBold: true };

  it("use the colours that there are", () => {
    const sequence = (depth: "none" | "16" | "256" | "true"): string => {
      const table = new StyleTable(depth);
      return table.sequence(table.intern(red));
    };
    expect(sequence("true")).toBe("\u001b[0;1;38;2;255;0;0;48;2;0;0;128m");
    expect(sequence("256")).toBe("\u001b[0;1;38;5;196;48;5;18m");
    expect(sequence("16")).toBe("\u001b[0;1;91;44m");
    expect(sequence("none")).toBe("\u001b[0;1m");
  });

  it("find the nearest of 256 colours", () => {
    expect(nearest256(0x000000)).toBe(16);
    expect(nearest256(0xffffff)).toBe(231);
    expect(nearest256(0x808080)).toBe(244);
  });

  it("of a theme without colour contain none", () => {
    const theme = makeTheme({ colours: "none", hasUnicode: true });
    const all = [
      theme.down,
      theme.bad,
      theme.tabActive,
      theme.cellHave,
      theme.selected(theme.down),
      ...theme.cellMissing.flat(),
    ];
    for (const style of all) expect(theme.table.sequence(style)).toMatch(/^\x1b\[0(?:;[1247])*m$/);
  });

  it("show the selection without colour as well", () => {
    const theme = makeTheme({ colours: "none", hasUnicode: true });
    expect(theme.table.paint(theme.selected(theme.text)).isInverse).toBe(true);
  });
});
