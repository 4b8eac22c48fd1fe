/**
 * Keys, clicks, the wheel, other sizes, frames and losses of the engine in any order, in every theme: nothing breaks, and the
 * picture stays whole. What went wrong can be had again by the seed that is told.
 */
import { afterEach, describe, expect, it } from "vitest";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { themeNames } from "../../source/preferences/look.ts";
import { FakeEngine, livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { FakeSources } from "../support/fake-sources.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sequences = 300;
const actionsMax = 6;
/** `P2P_TUI_SEED=7`: other sequences. */
const { P2P_TUI_SEED: chosenSeed }: { readonly P2P_TUI_SEED?: string } = process.env;
const seed = Number(chosenSeed ?? 1);
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

/** As the terminal reports it; the line of hints is left alone, from which one can leave. */
function mouseReport(random: SeededRandom, columns: number, rows: number): string {
  const button = [0, 0, 0, 64, 65][randomBelow(random, 5)] ?? 0;
  const [x, y] = [1 + randomBelow(random, columns), 1 + randomBelow(random, rows - 1)];
  return `\x1b[<${button};${x};${y}M\x1b[<${button};${x};${y}m`;
}

describe.each(themeNames)("in the theme %s", (theme) => {
  it(`${sequences} random sequences of actions break nothing`, async () => {
    const random = new SeededRandom(seed + 1000 * themeNames.indexOf(theme));
    const pick = <T,>(from: readonly T[]): T | undefined => from[randomBelow(random, from.length)];
    let engine = new FakeEngine(someSwarms);
    const { screen, outcome } = await startUi({
      connect: async () => {
        if (engine.isClosed) engine = new FakeEngine(someSwarms);
        return engine;
      },
      settings: new Map([["ui.theme", theme]]),
      sources: new FakeSources(),
    });
    await screen.untilText("debian");
    let isOver = false;
    const ends = (): void => {
      isOver = true;
    };
    outcome.then(ends, ends);
    const done: string[] = [];
    const act = (): void => {
      const dice = randomBelow(random, 100);
      if (dice < 75) {
        const key = pick(keys) ?? "down";
        done.push(key);
        screen.type(sent(key));
      } else if (dice < 88) {
        const report = mouseReport(random, screen.columns, screen.rows);
        done.push(report.slice(2));
        screen.type(report);
      } else if (dice < 93) {
        const [columns, rows] = pick(sizes) ?? [80, 24];
        done.push(`${columns}×${rows}`);
        screen.resize(columns, rows);
      } else if (dice < 99) {
        done.push("frame");
        engine.step(250);
      } else {
        done.push("loss");
        engine.die("the process ended with signal 9");
        screen.type("r");
      }
    };
    for (let i = 0; i < sequences && !isOver; i++) {
      if (engine.swarms.size < 3) engine.addSwarm({ ...livelySwarm, seed: 1000 + i, name: `again ${i}` });
      for (let count = 1 + randomBelow(random, actionsMax); count > 0; count--) {
        act();
        await new Promise((resolve) => setImmediate(resolve));
      }
      engine.step(250);
      await screen.settled();
      for (const line of screen.lines()) {
        const text = line.trimEnd();
        if (/^[│╭╰]/.test(text)) expect(/[│╮╯]$/.test(text), `${text}\n${told(done)}`).toBe(true);
      }
    }
    expect(isOver, told(done)).toBe(false);
  }, 120_000);
});

function told(done: readonly string[]): string {
  return `with the seed ${seed}, after ${done.slice(-20).join(" ")}`;
}
