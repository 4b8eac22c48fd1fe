/** Every view at every size, in colours, without, and in ASCII: the words that matter are there, and nothing leaves its place. */
import { afterEach, describe, expect, it } from "vitest";
import { torrentViews } from "../../source/preferences/views.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const looks = [
  ["in colours", {}],
  ["without colours", { NO_COLOR: "1" }],
  ["in ASCII", { LC_ALL: "C" }],
] as const;

/** A stranger could not do without them, wherever there is room for the view at all. */
const essentials: Readonly<Record<(typeof torrentViews)[number], readonly (string | RegExp)[]>> = {
  swarm: ["Neighbours", "Address", "Flags", "Choker", /rechoke|optimistic/, "Pieces", "ours"],
  neighbours: ["Neighbours", "Address", "Flags", "/s", "Slot"],
  pieces: ["Pieces", "each", "ours"],
  files: ["Name", "Wanted", "Done"],
  trackers: ["Trackers", "tracker.", "working", "failed", "Next"],
  graphs: ["Rates", "5 minutes", "month", "mean", /\d [KM]iB\/s/, /\d\d:\d\d/],
  ledger: ["Ledger", "Given", "Taken", "Rank"],
  why: ["Why?", "it downloads at", "Where the last minute", "chokes us"],
  log: ["Log", /\d\d:\d\d:\d\d/, "connected"],
};

function expectInPlace(screen: Screen, look: string): void {
  const lines = screen.lines();
  for (const line of lines) {
    const text = line.trimEnd();
    expect(displayWidth(text)).toBeLessThanOrEqual(screen.columns);
    if (look === "in ASCII") {
      expect(text).toMatch(/^[\x20-\x7e]*$/);
      if (/^[+|]-/.test(text)) expect(text).toMatch(/[+|-]$/);
    } else if (/^[│╭╰]/.test(text)) expect(text).toMatch(/[│╮╯]$/);
  }
  // The keys are always to be seen, and lead on.
  expect(lines.at(-1)).toMatch(/Esc|Enter|y yes/);
  if (look === "without colours") {
    for (const row of screen.grid()) for (const { fg, bg } of row) expect([fg, bg]).toEqual([undefined, undefined]);
  }
}

describe.each(sizes)("at %i×%i", (columns, rows) => {
  describe.each(looks)("%s", (look, env) => {
    it("every view says what matters", async () => {
      const { screen } = await startUi({ size: [columns, rows], env, opens: true });
      for (const [i, view] of torrentViews.entries()) {
        screen.type(String(i + 1));
        for (const essential of essentials[view]) {
          await screen.until((lines) => {
            const text = lines.join("\n");
            return typeof essential === "string" ? text.includes(essential) : essential.test(text);
          });
        }
        // The view is named where one looks for it.
        const title = view.charAt(0).toUpperCase() + view.slice(1);
        expect(screen.lines().join("\n")).toContain(` ${i + 1} ${title}`);
        expectInPlace(screen, look);
      }
    });

    it("the list, the rates of all, help, palette and questions are whole", async () => {
      const { screen } = await startUi({ swarms: someSwarms, size: [columns, rows], env });
      const away = async (): Promise<void> => {
        const before = screen.lines().join("\n");
        screen.type("\x1b");
        await screen.until((lines) => lines.join("\n") !== before);
      };
      await screen.untilText("debian");
      for (const word of ["port 51413", "52.2 GiB free", "Name", "Done", "7 torrents"]) {
        expect(screen.lines().join("\n")).toContain(word);
      }
      expectInPlace(screen, look);
      for (const [key, word] of [
        ["?", "Keys"],
        [":", "Commands"],
        ["L", "Labels of"],
        ["o", "ratio"],
        ["d", "keep"],
        ["D", "be undone"],
        ["6", "Rates of all"],
      ] as const) {
        screen.type(key);
        await screen.untilText(word);
        expectInPlace(screen, look);
        await away();
      }
    });
  });
});

describe("a torrent of everything too long", () => {
  it.each(sizes)("stays in its place in every view at %i×%i", async (columns, rows) => {
    const long = "very long name of a file or a torrent that goes on and on 資料集 👨‍👩‍👧‍👦 ".repeat(8);
    const swarm = {
      ...livelySwarm,
      name: long,
      files: Array.from({ length: 50 }, (_, i) => `${long}/${i} ${long}`),
      trackers: Array.from({ length: 30 }, (_, tier) => ({
        url: `https://${"sub.".repeat(40)}example.org/${"path/".repeat(30)}announce`,
        tier,
        state: "failed" as const,
        message: long,
        seeds: 123_456_789,
        leeches: 123_456_789,
        downloaded: 123_456_789,
        peersReceived: 123_456_789,
        nextAnnounceMs: 1e12,
      })),
    };
    const { screen, engine } = await startUi({ swarms: [swarm], size: [columns, rows], opens: true });
    engine.first.note(long);
    for (let i = 1; i <= torrentViews.length; i++) {
      screen.type(String(i));
      await screen.settled();
      engine.step(250);
      await screen.settled();
      expectInPlace(screen, "in colours");
    }
  });
});
