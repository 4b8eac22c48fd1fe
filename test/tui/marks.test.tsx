import { afterEach, describe, expect, it } from "vitest";
import type { InfoHash } from "../../source/base/ids.ts";
import type { TorrentRow, TorrentState } from "../../source/control/protocol.ts";
import { initialState } from "../../source/tui/state/app-state.ts";
import { reviewMarks } from "../../source/tui/state/marks.ts";
import { torrentCommands } from "../../source/tui/torrent-commands.ts";
import { FakeEngine, livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const rows: readonly TorrentRow[] = [...new FakeEngine(someSwarms).swarms.values()].map((swarm) => swarm.row());

describe("a key for several torrents", () => {
  const running = { ...(rows[0] as TorrentRow), state: "downloading" } as const;
  const paused = { ...(rows[1] as TorrentRow), state: "paused" } as const;

  it("pauses those that run, and resumes only when none does", () => {
    expect(torrentCommands("pauseResume", [running, paused])).toEqual({
      commands: [{ name: "pause", infoHash: running.infoHash }],
      text: "paused 1 torrent",
      isQuiet: false,
    });
    expect(torrentCommands("pauseResume", [paused]).commands).toEqual([{ name: "resume", infoHash: paused.infoHash }]);
  });

  it("asks and checks each of them, and nothing where there is none", () => {
    expect(torrentCommands("recheck", [running, paused])).toMatchObject({
      commands: [{ name: "recheck" }, { name: "recheck" }],
      text: "checking the data on the disk: 2 torrents",
    });
    expect(torrentCommands("reannounce", []).commands).toEqual([]);
  });
});

describe("marks", () => {
  const swarms = [livelySwarm, ...someSwarms];

  it("choose what the keys act on; u takes them away", async () => {
    const { screen, engine } = await startUi({ swarms });
    await screen.untilText("holiday");
    screen.type("  ");
    await screen.untilText("2 marked");
    expect(screen.lines().filter((line) => /^.✓\S/.test(line)).length).toBe(2);
    screen.type("r");
    await screen.untilText("asking the trackers: 2 torrents");
    expect(engine.commands.map(({ name }) => name)).toEqual(["reannounce", "reannounce"]);
    screen.type("u");
    await screen.until((lines) => !lines.join("\n").includes("marked"));
  });

  it("are removed together after a review of their names", async () => {
    const { screen, engine } = await startUi({ swarms });
    await screen.untilText("holiday");
    screen.type("   D");
    const text = (await screen.untilText("Remove 3 torrents and delete their data?")).join("\n");
    const marked = screen.lines().filter((line) => /^.✓\S/.test(line)).length;
    expect(text.replaceAll(/[\s│]+/g, " ")).toContain("cannot be undone");
    expect(marked).toBeGreaterThan(0);
    screen.type("n");
    await screen.until((lines) => !lines.join("\n").includes("their data?"));
    expect(engine.commands).toEqual([]);
    screen.type("dy");
    await screen.untilText("4 torrents");
    expect(engine.commands).toMatchObject([1, 2, 3].map(() => ({ name: "remove", data: "keep" })));
    // What is gone is not marked any more.
    await screen.until((lines) => !lines.join("\n").includes("marked"));
  });

  it("review only counts what does not fit", async () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ ...livelySwarm, seed: 500 + i, name: `item ${i}` }));
    const { screen } = await startUi({ swarms: many });
    await screen.untilText("item 11");
    screen.type(`${" ".repeat(12)}d`);
    await screen.untilText("and 7 more");
  });

  it("of a stretch follow the selection, and Esc takes them back", async () => {
    const { screen } = await startUi({ swarms });
    await screen.untilText("holiday");
    screen.type("vjj");
    await screen.untilText("3 marked");
    screen.type("k");
    const lines = await screen.untilText("2 marked");
    expect(lines[1]).toMatch(/^ ✓ 2 marked · \S+ GiB · 1 downloading, 1 seeding · v ends/);
    screen.type("\x1b");
    await screen.until((now) => !now.join("\n").includes("marked"));
    screen.type("vGvg");
    await screen.untilText("keys act on all of them");
    screen.type("j");
    await screen.untilText("6 marked");
  });

  it("are set with Shift and the arrows, all at once, and turned round", async () => {
    const { screen, engine } = await startUi({ swarms });
    await screen.untilText("holiday");
    screen.type("j\x1b[1;2B\x1b[1;2B");
    await screen.untilText("3 marked");
    screen.type("\x1b[B*");
    await screen.untilText("4 marked");
    screen.type("V");
    await screen.untilText("7 marked");
    screen.type("p");
    await screen.until(() => engine.commands.length > 3);
    screen.type("V");
    await screen.until((now) => !now.join("\n").includes("marked"));
  });

  it("are counted in a state each, whichever there are", () => {
    const all: Record<TorrentState, true> = {
      ...{ fetching: true, checking: true, downloading: true, seeding: true },
      ...{ queued: true, moving: true, paused: true, failed: true },
    };
    const states = Object.keys(all) as TorrentState[];
    const [row] = rows as [TorrentRow];
    const known = states.map((state, i) => ({ ...row, state, infoHash: `${i}` as InfoHash }));
    const { list } = initialState({ title: "", isDemo: false, columns: 80, rows: 24, nowMs: 0 });
    const order = known.map(({ infoHash }) => infoHash);
    const byHash = new Map(known.map((each) => [each.infoHash, each]));
    const review = reviewMarks({ ...list, rows: byHash, order, marked: new Set(order) });
    expect(new Map(review.states)).toEqual(new Map(states.map((state) => [state, 1])));
  });

  it("stay while the filter hides them", async () => {
    const { screen } = await startUi({ swarms, size: [120, 40] });
    await screen.untilText("holiday");
    screen.type("  /holiday\r");
    await screen.untilText("2 hidden by the filter");
    screen.type("V");
    await screen.untilText("3 marked");
    screen.type("\x1b");
    await screen.until((now) => !now.join("\n").includes("hidden"));
    expect(screen.lines().filter((line) => /^.✓\S/.test(line)).length).toBe(3);
  });
});
