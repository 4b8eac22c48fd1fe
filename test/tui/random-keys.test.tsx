/** Keys in any order, in every theme and size: nothing breaks, and the picture stays whole. */
import { afterEach, describe, expect, it } from "vitest";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { themeNames } from "../../source/preferences/look.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { FakeSources } from "../support/fake-sources.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sequences = 300;
const keysMax = 6;
const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

/** As a terminal sends them. */
const bytes: Readonly<Record<string, string>> = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  "shift+up": "\x1b[1;2A",
  "shift+down": "\x1b[1;2B",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
  home: "\x1b[H",
  end: "\x1b[F",
  delete: "\x1b[3~",
  tab: "\t",
  "shift+tab": "\x1b[Z",
  enter: "\r",
  backspace: "\x7f",
  escape: "\x1b",
};

/** Those that lead out, or to the shell; the palette has these commands, too. The theme shall stay. */
const others = new Set(["ctrl+c", "ctrl+z", "q", ":", "T"]);
const keys = [...new Set(keyTable.flatMap((binding) => binding.keys))].filter((key) => !others.has(key));

function sent(key: string): string {
  if (key.startsWith("ctrl+")) return String.fromCharCode(key.charCodeAt(5) - 96);
  return bytes[key] ?? key;
}

describe.each(themeNames)("in the theme %s", (theme) => {
  it(`${sequences} random sequences of keys break nothing`, async () => {
    const random = new SeededRandom(themeNames.indexOf(theme) + 1);
    const pick = <T,>(from: readonly T[]): T | undefined => from[randomBelow(random, from.length)];
    const run = await startUi({
      swarms: someSwarms,
      settingsFile: `[ui]\ntheme = "${theme}"\n`,
      settings: new Map([["ui.theme", theme]]),
      sources: new FakeSources(),
    });
    const { screen, engine, outcome } = run;
    await screen.untilText("debian");
    let isOver = false;
    const ends = (): void => {
      isOver = true;
    };
    outcome.then(ends, ends);
    const pressed: string[] = [];
    for (let i = 0; i < sequences && !isOver; i++) {
      const [columns, rows] = pick(sizes) ?? [80, 24];
      if (i % 10 === 0) screen.resize(columns, rows);
      if (engine.swarms.size < 3) engine.addSwarm({ ...livelySwarm, seed: 1000 + i, name: `again ${i}` });
      for (let count = 1 + randomBelow(random, keysMax); count > 0; count--) {
        const key = pick(keys) ?? "down";
        pressed.push(key);
        screen.type(sent(key));
        await new Promise((resolve) => setImmediate(resolve));
      }
      engine.step(250);
      await screen.settled();
      for (const line of screen.lines()) {
        const text = line.trimEnd();
        if (/^[│╭╰]/.test(text))
          expect(/[│╮╯]$/.test(text), `${text}\nafter ${pressed.slice(-20).join(" ")}`).toBe(true);
      }
    }
    expect(isOver, `after ${pressed.slice(-20).join(" ")}`).toBe(false);
  });
});
