import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommandId } from "../../source/preferences/commands.ts";
import { conflictText, keyCommands, keymapWith } from "../../source/preferences/key-choices.ts";
import { fixedKeys, labelOfKey, readKeys, writeKeys } from "../../source/preferences/key-text.ts";
import { bindingsFor, commandFor, keyFor, keyTable } from "../../source/preferences/keymap.ts";

const contexts = [...new Set(keyTable.flatMap((binding) => binding.contexts))].filter((context) => context !== "any");

function chosen(choices: Partial<Record<CommandId, string>>) {
  return keymapWith(
    new Map(
      Object.entries(choices).map(([command, text]) => {
        const read = readKeys(text);
        if ("problem" in read) throw new Error(read.problem);
        return [command as CommandId, read.keys];
      }),
    ),
  );
}

describe("keys as the settings write them", () => {
  it.each([
    ["p", ["p"]],
    ["  up   k ", ["up", "k"]],
    ["PageUp Ctrl+B é", ["pageup", "ctrl+b", "é"]],
    ["p p", ["p"]],
    ["space", [" "]],
    ["none", []],
    ["[ ] , #", ["[", "]", ",", "#"]],
  ])("%j means %j", (text, keys) => {
    expect(readKeys(text)).toEqual({ keys });
  });

  it.each([
    ["", 'it has no key; "none" is how to say so'],
    ["f5", '"f5" is no key'],
    ["none p", '"none" is no key'],
    ["ctrl+1", '"ctrl+1" is no key'],
    ["\u0301", '"\u0301" is no key'],
    ["\u200b", '"\u200b" is no key'],
    ["esc", "esc always means the way out"],
    ["Escape", "escape always means the way out"],
    ["ctrl+c", "ctrl+c always means the way out"],
    ["ctrl+m", "to a terminal, ctrl+m is enter"],
    ["a b c d e f g h i", "a command has at most 8 keys"],
    ["x".repeat(101), "keys are at most 100 characters"],
  ])("%j is refused", (text, problem) => {
    expect(readKeys(text)).toEqual({ problem });
  });

  it("are read again as they were written, whatever was given", () => {
    const words = fc.constantFrom(...keyCommands.flatMap(({ keys }) => keys.split(" ")), "ctrl+", "esc", "none", "+");
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ unit: "binary" })), { maxLength: 10 }), (parts) => {
        const read = readKeys(parts.join(" "));
        if ("problem" in read) return;
        expect(readKeys(writeKeys(read.keys))).toEqual(read);
        for (const key of read.keys) expect(fixedKeys.has(key)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the user's keys", () => {
  it("take the place of those of the table, wherever the command is", () => {
    const { keymap, conflicts } = chosen({
      pauseResume: "space ctrl+p",
      priorityNext: "z",
      mark: "z",
      pageDown: "pagedown",
    });
    expect(conflicts).toEqual([]);
    for (const context of ["list", "files", "log"] as const) {
      expect(commandFor(keymap, context, " ")).toBe("pauseResume");
      expect(commandFor(keymap, context, "ctrl+p")).toBe("pauseResume");
      expect(commandFor(keymap, context, "p")).toBeUndefined();
    }
    expect(keyFor(keymap, "list", "pauseResume")).toBe("Space");
    expect(keyFor(keymap, "list", "mark")).toBe("z");
  });

  it.each(keyCommands)("can be others for $name, wherever it is", ({ command }) => {
    const { keymap, conflicts } = keymapWith(new Map([[command, ["☃"]]]));
    expect(conflicts).toEqual([]);
    const places = keyTable.filter((binding) => binding.command === command && binding.help !== "");
    for (const context of places.flatMap((binding) => binding.contexts)) {
      expect(commandFor(keymap, context, "☃")).toBe(command);
      expect(keyFor(keymap, context, command)).toBe("☃");
    }
  });

  it("can change places with one another", () => {
    const { keymap, conflicts } = chosen({ pauseResume: "r", reannounce: "p" });
    expect(conflicts).toEqual([]);
    expect(commandFor(keymap, "list", "r")).toBe("pauseResume");
    expect(commandFor(keymap, "list", "p")).toBe("reannounce");
  });

  it("do not hold where they would mean two things in one place", () => {
    const { keymap, conflicts } = chosen({ add: "p" });
    expect(conflicts.map(conflictText)).toEqual(["p means pause-resume already, in the list"]);
    expect(commandFor(keymap, "list", "a")).toBe("add");
    expect(commandFor(keymap, "list", "p")).toBe("pauseResume");
    // Not in one place: `add` is of the list, `priority-next` of the files.
    expect(chosen({ add: "x" }).conflicts).toEqual([]);
    expect(chosen({ nextView: "tab right l n" }).conflicts.map(conflictText)).toEqual([
      "right means right already, in the pieces view",
    ]);
  });

  it("that rest on one that does not hold fall with it", () => {
    // `p` is not free after all: `pause-resume` cannot have `q`.
    const { keymap, conflicts } = chosen({ pauseResume: "q", reannounce: "p" });
    expect(conflicts.map(({ command }) => command).sort()).toEqual(["pauseResume", "reannounce"]);
    expect(keymap).toEqual(keyTable);
  });

  it("leave the way out, and the answers to questions", () => {
    const { keymap } = chosen({ back: "x", prioritySkip: "none", quit: "Q", help: "none" });
    expect(commandFor(keymap, "swarm", "escape")).toBe("back");
    expect(commandFor(keymap, "swarm", "x")).toBe("back");
    expect(commandFor(keymap, "list", "ctrl+c")).toBe("leave");
    expect(commandFor(keymap, "confirm", "q")).toBe("cancel");
    expect(keyFor(keymap, "list", "help")).toBe("");
    expect(keyCommands.map(({ command }) => command)).not.toContain("leave");
  });

  it("are all as in the table where nothing else is wanted", () => {
    const all = Object.fromEntries(keyCommands.map(({ command, keys }) => [command, keys]));
    expect(chosen(all)).toEqual({ keymap: keyTable, conflicts: [] });
  });

  it("never contradict themselves, whatever is chosen", () => {
    const key = fc.constantFrom("a", "p", "q", "x", " ", "tab", "up", "ctrl+b", "1", "ü");
    const choice = fc.tuple(
      fc.constantFrom(...keyCommands.map(({ command }) => command)),
      fc.uniqueArray(key, { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 8 }), (choices) => {
        const wanted = new Map(choices);
        const { keymap, conflicts } = keymapWith(wanted);
        const refused = new Set(conflicts.map(({ command }) => command));
        for (const context of contexts) {
          const keys = bindingsFor(keymap, context).flatMap((binding) =>
            [...new Set(binding.keys)].map((each) => [each, binding.command] as const),
          );
          const meanings = Map.groupBy(keys, ([each]) => each);
          for (const [each, found] of meanings) expect(new Set(found.map(([, c]) => c)).size, each).toBe(1);
          expect(commandFor(keymap, context, "ctrl+c")).toBe("leave");
        }
        for (const [command, keys] of wanted) {
          if (refused.has(command)) continue;
          for (const binding of keymap.filter((each) => each.command === command && each.help !== "")) {
            for (const each of keys) expect(binding.keys).toContain(each);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are called by names and labels that fit the help's column", () => {
    for (const { name, keys } of keyCommands) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(readKeys(keys)).toHaveProperty("keys");
    }
    for (const word of ["pageup", "shift+tab", "backspace", " "]) expect(labelOfKey(word).length).toBeLessThan(6);
  });
});
