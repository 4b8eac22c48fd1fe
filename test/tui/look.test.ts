import { describe, expect, it } from "vitest";
import { themeNames } from "../../source/preferences/look.ts";
import { isLightBackground, Looks } from "../../source/tui/format/look.ts";
import { darkPalette, highContrastPalette, lightPalette, type Palette } from "../../source/tui/format/palettes.ts";
import { type Colour, nearest256, type StyleId } from "../../source/tui/format/styles.ts";
import { makeTheme, type Theme } from "../../source/tui/format/theme.ts";
import { contrast } from "../support/contrast.ts";
import { paletteColour } from "../support/grid-picture.ts";

const env = { COLORTERM: "truecolor", TERM: "xterm-256color", LANG: "C.UTF-8" };

describe.each([
  ["dark", darkPalette, 4.5],
  ["light", lightPalette, 4.5],
  ["high-contrast", highContrastPalette, 7],
] as const)("the theme %s", (_, palette, textMin) => {
  describe.each(["true", "256"] as const)("in %s colours", (colours) => {
    const theme = makeTheme({ colours, hasUnicode: true }, { palette, isPainted: true });
    const shown = (colour: Colour): number =>
      colours === "true"
        ? colour.rgb
        : Number.parseInt(paletteColour(colour.index ?? nearest256(colour.rgb)).slice(1), 16);
    const contrastOf = (style: StyleId): number => {
      const { fg = palette.text, bg = palette.ground } = theme.table.paint(style);
      return contrast(shown(fg), shown(bg));
    };
    // Approximations of a colour may be a little less far from one another.
    const min = colours === "true" ? textMin : 4.5;

    it.each(Object.entries(textsOf(theme)))("%s can be read: plain, selected, and in a dialog", (__, style) => {
      const styles = [style, theme.selected(style), theme.onDialog(style), theme.selected(theme.onDialog(style))];
      for (const each of styles) expect(contrastOf(each)).toBeGreaterThanOrEqual(min);
    });

    it("what is over something else can be read", () => {
      const styles = [theme.tabActive, theme.brand, theme.input, theme.dialog, theme.dialogBorder, theme.dialogBad];
      for (const each of styles) expect(contrastOf(each)).toBeGreaterThanOrEqual(min);
    });

    it("the digits of the heatmap can be read, and what nobody has is the loudest", () => {
      const { cellMissing, cellLacking, cellOnlyOurs, cellCursor } = theme;
      for (const style of [...cellMissing.flat(), ...cellLacking, cellOnlyOurs, cellCursor]) {
        expect(contrastOf(style)).toBeGreaterThanOrEqual(4.5);
      }
      // The cursor is none of the cells, and stands out from all of them.
      const cursor = shown(theme.table.paint(cellCursor).bg ?? palette.ground);
      for (const style of [...cellMissing.flat(), ...cellLacking, cellOnlyOurs]) {
        expect(contrast(cursor, shown(theme.table.paint(style).bg ?? palette.ground))).toBeGreaterThanOrEqual(3);
      }
      const grounds = theme.cellMissing.map(([style = 0]) => shown(theme.table.paint(style).bg ?? palette.ground));
      const [first = 0, ...others] = grounds.map((ground) => contrast(ground, shown(palette.ground)));
      for (const other of others) expect(first).toBeGreaterThan(other);
    });

    it("shapes stand out", () => {
      const { rule, barDone, barRest, cellHave, cellActive, downGradient, upGradient } = theme;
      const shapes = [rule, barDone, barRest, cellHave, cellActive, ...downGradient, ...upGradient];
      for (const style of [...shapes, theme.selected(rule), theme.onDialog(rule)]) {
        expect(contrastOf(style)).toBeGreaterThanOrEqual(3);
      }
    });
  });
});

function textsOf(theme: Theme): Readonly<Record<string, StyleId>> {
  const { text, strong, dim, title, accent, accentStrong, key, down, downStrong, up, upStrong } = theme;
  const { good, warn, bad, badStrong } = theme;
  return {
    text,
    strong,
    dim,
    title,
    accent,
    accentStrong,
    key,
    down,
    downStrong,
    up,
    upStrong,
    good,
    warn,
    bad,
    badStrong,
  };
}

describe("the theme that is drawn", () => {
  const paintedGround = (theme: Theme): Palette["ground"] | undefined =>
    [darkPalette, lightPalette, highContrastPalette]
      .map(({ ground }) => ground)
      .find(({ rgb }) => theme.table.sequence(0).includes(`48;2;${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}`));

  it("is on the terminal's own background, unless one is chosen that brings its own", () => {
    const looks = new Looks(env);
    const groundOf = (name: (typeof themeNames)[number]) =>
      paintedGround(looks.themeFor({ theme: name, ascii: "auto" }));
    expect(groundOf("auto")).toBeUndefined();
    expect(groundOf("dark")).toBe(darkPalette.ground);
    expect(groundOf("light")).toBe(lightPalette.ground);
    expect(groundOf("high-contrast")).toBe(highContrastPalette.ground);
    expect(groundOf("16")).toBeUndefined();
    expect(groundOf("mono")).toBeUndefined();
  });

  it("is light by itself where the terminal says that it is", () => {
    for (const colours of ["0;15", "0;7", "12;default;15"]) expect(isLightBackground(colours)).toBe(true);
    for (const colours of [undefined, "", "15;0", "7;8", "default;default", "15", "0;15x"]) {
      expect(isLightBackground(colours)).toBe(false);
    }
    const blueOf = (COLORFGBG: string): number | undefined => {
      const theme = new Looks({ ...env, COLORFGBG }).themeFor({ theme: "auto", ascii: "auto" });
      return theme.table.paint(theme.accent).fg?.rgb;
    };
    expect(blueOf("0;15")).toBe(lightPalette.blue.rgb);
    expect(blueOf("15;0")).toBe(darkPalette.blue.rgb);
  });

  it.each(themeNames)("%s has no colour where there is to be none", (theme) => {
    const looks = new Looks({ ...env, NO_COLOR: "1" });
    const { table, bad, tabActive } = looks.themeFor({ theme, ascii: "auto" });
    for (const style of [0, bad, tabActive]) expect(table.sequence(style)).toMatch(/^\x1b\[0(?:;[1247])*m$/);
  });

  it("keeps to 16 colours, and to ASCII, where that is chosen", () => {
    const looks = new Looks(env);
    const { table, down } = looks.themeFor({ theme: "16", ascii: "auto" });
    expect(table.sequence(down)).toBe("\x1b[0;36m");
    expect(looks.themeFor({ theme: "auto", ascii: "on" }).capabilities.hasUnicode).toBe(false);
    expect(new Looks({ TERM: "linux" }).themeFor({ theme: "auto", ascii: "off" }).capabilities.hasUnicode).toBe(true);
  });

  it("is the same one as long as the choice is", () => {
    const looks = new Looks(env);
    expect(looks.themeFor({ theme: "dark", ascii: "auto" })).toBe(looks.themeFor({ theme: "dark", ascii: "auto" }));
  });
});
