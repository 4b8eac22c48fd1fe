import { describe, expect, it } from "vitest";
import type { Context } from "../../source/preferences/commands.ts";
import { bindingsFor, commandFor, keyLabel, keyTable } from "../../source/preferences/keymap.ts";
import { torrentViews } from "../../source/preferences/views.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { helpColumns } from "../../source/tui/screens/help.ts";
import { type InkKey, keyNames } from "../../source/tui/state/key-names.ts";

const noKey: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};
const contexts: readonly Context[] = ["list", ...torrentViews, "help", "confirm", "quit", "palette", "lost"];

describe("keys", () => {
  it("pressed so fast that they arrive as one text are taken apart", () => {
    expect(keyNames("jjj", noKey)).toEqual(["j", "j", "j"]);
    expect(keyNames("jj\r", noKey)).toEqual(["j", "j", "enter"]);
    expect(keyNames("2\tq", noKey)).toEqual(["2", "tab", "q"]);
  });

  it("have names that do not depend on how the terminal sends them", () => {
    expect(keyNames("", { ...noKey, upArrow: true })).toEqual(["up"]);
    expect(keyNames("", { ...noKey, escape: true })).toEqual(["escape"]);
    expect(keyNames("", { ...noKey, tab: true, shift: true })).toEqual(["shift+tab"]);
    expect(keyNames("c", { ...noKey, ctrl: true })).toEqual(["ctrl+c"]);
    expect(keyNames("\u0003", noKey)).toEqual(["ctrl+c"]);
  });

  it("right after Esc are told apart from it", () => {
    expect(keyNames("d", { ...noKey, meta: true })).toEqual(["escape", "d"]);
    expect(keyNames("", { ...noKey, meta: true, escape: true })).toEqual(["escape", "escape"]);
    expect(keyNames("", { ...noKey, meta: true, return: true })).toEqual(["escape", "enter"]);
    expect(keyNames("", { ...noKey, meta: true, tab: true })).toEqual(["escape", "tab"]);
    expect(keyNames("c", { ...noKey, meta: true, ctrl: true })).toEqual(["escape", "ctrl+c"]);
    expect(keyNames("", { ...noKey, meta: true, upArrow: true })).toEqual(["up"]);
  });

  it("mean at most one thing in one place", () => {
    for (const context of contexts) {
      const keys = bindingsFor(keyTable, context).flatMap((binding) => binding.keys);
      expect(
        keys.filter((key, i) => keys.indexOf(key) !== i),
        context,
      ).toEqual([]);
    }
  });

  it("always let the user out", () => {
    for (const context of contexts) expect(commandFor(keyTable, context, "ctrl+c")).toBe("leave");
    for (const context of contexts.filter((name) => name !== "list")) {
      expect(["back", "cancel", "leave"], context).toContain(commandFor(keyTable, context, "escape"));
    }
  });

  it("are all in the help of the place where they work", () => {
    const theme = makeTheme({ colours: "true", hasUnicode: true });
    for (const context of ["list", ...torrentViews] as const) {
      const text = helpColumns(theme, keyTable, context)
        .flat()
        .map((line) => line.map((part) => part.text).join(""));
      for (const binding of bindingsFor(keyTable, context)) {
        if (binding.help === "") continue;
        const line = text.find(
          (candidate) => candidate.includes(binding.help) && candidate.startsWith(keyLabel(binding)),
        );
        expect(line, `${context}: ${binding.help}`).toBeDefined();
      }
    }
  });

  it("without an entry in the help are those of questions alone", () => {
    for (const binding of keyTable.filter((candidate) => candidate.help === "")) {
      expect(["confirm", "help", "lost", "quit", "palette", "columns", "settings"]).toContain(binding.contexts[0]);
    }
  });
});
