/** What the list says in signs and words: the signs told from one another without colours, and explained in the help. */
import { afterEach, describe, expect, it } from "vitest";
import type { TorrentRow, TorrentState } from "../../source/control/protocol.ts";
import { signLegend, stateLook } from "../../source/tui/components/torrent-state.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { torrentRow } from "../control/fake-target.ts";
import { someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const states: Record<TorrentState, Partial<TorrentRow>> = {
  fetching: {},
  checking: {},
  downloading: { downRate: 1e6, neighbours: 3 },
  seeding: {},
  queued: {},
  moving: {},
  paused: {},
  failed: {},
};

describe.each([true, false])("the sign of a torrent, with Unicode: %s", (hasUnicode) => {
  const theme = makeTheme({ colours: "true", hasUnicode });

  it("is one for each state that wants something else of the user, and is in the legend", () => {
    const signs = new Map<string, string>();
    for (const [state, more] of Object.entries(states)) {
      const { sign } = stateLook(theme, torrentRow(1, { ...more, state: state as TorrentState }));
      signs.set(state, sign);
      expect(signLegend(theme).map(([each]) => each)).toContain(sign);
    }
    const busy = ["checking", "moving", "fetching"];
    const apart = [...signs].filter(([state]) => !busy.slice(1).includes(state)).map(([, sign]) => sign);
    const stalled = stateLook(theme, torrentRow(1, { state: "downloading", downRate: 0 })).sign;
    expect(new Set([...apart, stalled]).size).toBe(apart.length + 1);
  });
});

describe.each([
  [60, 18],
  [80, 24],
] as const)("a filter that nothing fits, at %i×%i", (columns, rows) => {
  it.each([
    ["zzz", "No torrent's name has “zzz” in it."],
    ["zzz label:film", "No torrent fits all of “zzz label:film”."],
    ["-debian state:fetch", "No torrent fits all of “-debian state:fetch”."],
    ["state:foo", 'Nothing fits: no state begins with "foo":'],
  ])("%s is told so", async (filter, text) => {
    const { screen } = await startUi({ swarms: someSwarms, size: [columns, rows] });
    await screen.untilText("debian");
    screen.type(`/${filter}`);
    await screen.untilText(text);
  });
});

describe.each([
  [60, 18],
  [80, 24],
  [120, 40],
] as const)("the help of the list at %i×%i", (columns, rows) => {
  it("tells what the signs mean", async () => {
    const { screen } = await startUi({ swarms: someSwarms, size: [columns, rows] });
    await screen.untilText("debian");
    screen.type("?");
    await screen.untilText("Keys");
    for (let page = 0; page < 5 && !screen.lines().some((line) => line.includes("waits for its turn")); page++) {
      screen.type("\x1b[6~");
      await screen.settled();
    }
    expect(screen.lines().join("\n")).toContain("queued: waits for its turn");
  });
});
