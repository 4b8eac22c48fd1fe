/**
 * Every screen on a fake swarm as PNG files: `tsx test/support/tui-pictures.tsx DIRECTORY [THEME] [COLUMNSxROWS…]`.
 * `auto-light` is the theme `auto` on a light terminal.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTui } from "../../source/tui/run-tui.tsx";
import { FakeEngine, livelySwarm, someSwarms } from "./fake-engine.ts";
import { FakeSettings } from "./fake-settings.ts";
import { FakeSources } from "./fake-sources.ts";
import { Screen } from "./screen.ts";

const [directory = "pictures", ...given] = process.argv.slice(2);
const sizes = given.filter((word) => /^\d+x\d+$/.test(word));
const theme = given.find((word) => !sizes.includes(word)) ?? "auto";
const isLight = theme === "auto-light";
const { NO_COLOR: noColor }: { readonly NO_COLOR?: string } = process.env;
mkdirSync(directory, { recursive: true });

for (const size of sizes.length > 0 ? sizes : ["80x24", "120x40", "200x60"]) {
  const [columns = 80, rows = 24] = size.split("x").map(Number);
  const files = Array.from(
    { length: 40 },
    (_, i) =>
      `show/season ${1 + Math.floor(i / 8)}/episode ${String(i + 1).padStart(2, "0")} - the one with the name.mkv`,
  );
  const engine = new FakeEngine([{ ...livelySwarm, files }, ...someSwarms.slice(1)]);
  engine.settings = new FakeSettings(`[ui]\ntheme = "${isLight ? "auto" : theme}"\n`);
  await engine.settings.file.load();
  for (let i = 0; i < 160; i++) engine.step(250, true);
  const screen = new Screen(columns, rows);
  const running = runTui({
    connect: async () => engine,
    isDemo: true,
    settings: new Map([["ui.theme", theme]]),
    sources: new FakeSources(),
    environment: {
      env: {
        COLORTERM: "truecolor",
        TERM: "xterm-256color",
        LANG: "C.UTF-8",
        NO_COLOR: noColor,
        ...(isLight ? { COLORFGBG: "0;15" } : {}),
      },
      stdin: screen.stdin,
      stdout: screen.stdout,
    },
  });
  const shoot = async (name: string): Promise<void> => {
    await screen.settled();
    writeFileSync(
      join(directory, `${size}-${name}.png`),
      screen.png(isLight ? { fg: "#24292f", bg: "#ffffff" } : undefined),
    );
  };
  await screen.untilText("debian");
  await shoot("0-list");
  screen.type("\r");
  await screen.untilText("Choker");
  await shoot("1-swarm");
  screen.type("2jjj");
  await screen.untilText("Neighbours");
  await shoot("2-neighbours");
  screen.type("\r");
  await screen.untilText("last minute");
  await shoot("2-closely");
  screen.type("b");
  await screen.untilText("Ban this");
  await shoot("2-ban");
  screen.type("n");
  await screen.until((lines) => !lines.some((line) => line.includes("Ban this")));
  screen.type("\x1b");
  await screen.untilText("Address");
  screen.type("3");
  await screen.untilText("each");
  await shoot("3-pieces");
  screen.type("n\r");
  await screen.untilText("State");
  await shoot("3-pieces-list");
  screen.type("\r");
  await screen.untilText("Who has");
  await shoot("3-pieces-blocks");
  screen.type("4");
  await screen.untilText("one with");
  await screen.untilText("season 1/");
  screen.type("jxjj+jj jG-");
  await screen.untilText("mixed");
  await shoot("4-files");
  screen.type("5");
  await screen.untilText("working");
  await shoot("5-trackers");
  screen.type("6");
  await screen.untilText("peak");
  await shoot("6-graphs");
  screen.type("]]");
  await screen.untilText(" Nov");
  await shoot("6-graphs-week");
  screen.type("7");
  await screen.untilText("Given");
  await shoot("7-ledger");
  screen.type("8");
  await screen.untilText("Why?");
  await shoot("8-why");
  screen.type("9");
  await screen.until((lines) => lines.some((line) => /\d\d:\d\d:\d\d/.test(line)));
  await shoot("9-log");
  screen.type("1?");
  await screen.untilText("Keys");
  await shoot("10-help");
  screen.type("\x1b");
  await screen.until((lines) => !lines.some((line) => line.includes("Keys")));
  screen.type("D");
  await screen.untilText("keep it");
  await shoot("11-confirm");
  screen.type("nq");
  await screen.until((lines) => !lines.some((line) => line.includes("keep it")));
  const gone = (text: string) => screen.until((lines) => !lines.some((line) => line.includes(text)));
  screen.type("a/home/me/");
  await screen.untilText("album.torrent");
  await shoot("12-add");
  screen.type("album.torrent\r");
  await screen.untilText("it fits");
  screen.type("jjx");
  await shoot("12-add-preview");
  screen.type("\x1b");
  await screen.untilText("look at it");
  screen.type("\x1b");
  await gone("Add torrents");
  screen.type("vjj");
  await screen.untilText("3 marked");
  await shoot("12-marks");
  screen.type("vut");
  await screen.untilText("Limits of all");
  await shoot("12-limits");
  screen.type("\x1b");
  await gone("Limits of all");
  screen.type("g");
  screen.type("  L");
  await screen.untilText("Labels of");
  await shoot("13-labels");
  screen.type("\x1b");
  await screen.until((lines) => !lines.some((line) => line.includes("Labels of")));
  screen.type("uggo");
  await screen.untilText("Seed to ratio");
  await shoot("14-options");
  screen.type("\x1b");
  await screen.until((lines) => !lines.some((line) => line.includes("Seed to ratio")));
  screen.type("M\r");
  await screen.untilText("copied");
  await shoot("15-move");
  screen.type("\x1b");
  await screen.until((lines) => !lines.some((line) => line.includes("copied")));
  screen.type("cjjj");
  await screen.untilText("Columns of the list");
  await shoot("16-columns");
  screen.type("\x1b");
  await screen.until((lines) => !lines.some((line) => line.includes("Columns of the list")));
  screen.type(",jj");
  await screen.untilText("usually");
  await shoot("17-settings");
  screen.type("\x03");
  await running;
  screen.close();
}
