/** Trackers, ledger, log and neighbours: what their tables say of the one that is selected, and how they are ordered. */
import { afterEach, describe, expect, it } from "vitest";
import { neighbourSorts, type TrackerRow } from "../../source/control/protocol.ts";
import { ownRounds } from "../../source/tui/components/ledger-rounds.ts";
import { planNeighbourColumns, sortOf } from "../../source/tui/layout/neighbour-columns-plan.ts";
import { FakeEngine, livelySwarm } from "../support/fake-engine.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const text = (screen: Screen): string => screen.lines().join("\n");

function tracker(host: string, tier: number, parts: Partial<TrackerRow> = {}): TrackerRow {
  return {
    url: `https://${host}/announce`,
    tier,
    state: "waiting",
    message: "",
    seeds: null,
    leeches: null,
    downloaded: null,
    peersReceived: 0,
    nextAnnounceMs: null,
    ...parts,
  };
}

const failure = "the tracker answered with status 503: come back when the moon is full and the tide is low";
const trackers = [
  tracker("one.example", 0, { state: "working", seeds: 3, leeches: 1, downloaded: 12, nextAnnounceMs: 90_000 }),
  tracker("two.example", 0),
  tracker("three.example", 1, { state: "failed", message: failure, nextAnnounceMs: 30_000 }),
];

describe.each(sizes)("the trackers at %i×%i", (columns, rows) => {
  it("stand in tiers, and the selected one says in full what is wrong", async () => {
    const { screen } = await startUi({ swarms: [{ ...livelySwarm, trackers }], size: [columns, rows], opens: true });
    screen.type("5");
    await screen.untilText("one.example");
    const tiers = screen.lines().flatMap((line) => /^(?:│ )?.{0,3} +(\d) {1,2}http/.exec(line)?.[1] ?? []);
    if (columns >= 80) expect(tiers).toEqual(["1", "2"]);
    screen.type("jj");
    await screen.untilText("failed, asked again in ");
    expect(text(screen).replace(/[│\s]+/g, " ")).toContain(failure);
    expect(text(screen)).toMatch(/asked again in (?:30|29)s/);
    if (rows >= 24) {
      screen.type("g");
      await screen.untilText("it knows 3 seeds, 1 leech, 12 who completed it");
    }
  });
});

describe.each(sizes)("the ledger at %i×%i", (columns, rows) => {
  it("shows the selected neighbour round by round: given, taken, rank, and why its slot", async () => {
    const { screen } = await startUi({ size: [columns, rows], opens: true });
    screen.type("7");
    await screen.untilText("Given");
    if (rows < 24) return;
    await screen.untilText("round by round");
    expect(text(screen)).toMatch(/given ↑ .*[▁-█]/);
    expect(text(screen)).toMatch(/taken ↓ .*[▁-█]/);
    expect(text(screen)).toMatch(/\d\d:\d\d:\d\d {2}rank \d+ +↑ .*iB {2}↓ .*iB {2}● regular +among the 4/);
    const title = /(\S+) round by round/.exec(text(screen))?.[1];
    screen.type("j");
    await screen.until((lines) => !lines.join("\n").includes(`${title} round by round`));
  });
});

describe("a neighbour's rounds", () => {
  it("have a slot that was given between two rounds, and nothing where it was not listed", () => {
    const round = {
      number: 1,
      wallMs: 5,
      mode: "leech",
      interestedNeighbours: 2,
      rows: [{ id: 1, endpoint: "a", rank: 2, given: 10, taken: 20, slot: null, reason: "" }],
      grants: [{ id: 1, endpoint: "a", slot: "regular", reason: "a slot fell free" }],
    } as const;
    const ledger = { rounds: [round], neighbours: [] };
    expect(ownRounds(ledger, 1)).toEqual([
      { wallMs: 5, rank: 2, given: 10, taken: 20, slot: "regular", reason: "a slot fell free" },
    ]);
    expect(ownRounds(ledger, 2)).toMatchObject([{ rank: null, given: null, taken: null, slot: null }]);
  });
});

describe.each(sizes)("the log at %i×%i", (columns, rows) => {
  it("has the day and the times, wraps what is long, and marks what is new", async () => {
    const { screen, engine } = await startUi({ size: [columns, rows], opens: true });
    engine.first.note(`a long line ${"of many words ".repeat(8)}finis`);
    screen.type("9");
    await screen.untilText("finis");
    if (rows >= 60) expect(text(screen)).toMatch(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ Nov/);
    expect(text(screen)).toMatch(/ {2}\d\d:\d\d:\d\d {2}a long line/);
    expect(text(screen)).not.toContain("✓");
    engine.first.note("somebody came");
    engine.publish();
    await screen.until((lines) => lines.some((line) => /✓ \d\d:\d\d:\d\d {2}somebody came/.test(line)));
    screen.type("1");
    await screen.untilText("Choker");
    engine.first.note("somebody left");
    screen.type("9");
    await screen.until((lines) => lines.some((line) => /✓ \d\d:\d\d:\d\d {2}somebody left/.test(line)));
    expect(text(screen)).not.toMatch(/✓ \d\d:\d\d:\d\d {2}somebody came/);
  });

  it("can be read from its first row to its last, however it is wrapped", async () => {
    const { screen, engine } = await startUi({ size: [columns, rows], opens: true });
    for (let i = 0; i < 70; i++) engine.first.note(`line ${i} ${"and so on ".repeat(i % 7)}end ${i}`);
    screen.type("9");
    await screen.untilText("end 69");
    screen.type("g");
    await screen.untilText("checked the data on the disk");
    expect(text(screen)).toMatch(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ Nov/);
    expect(text(screen)).toContain("newer lines below");
    screen.type("G");
    await screen.untilText("end 69");
    screen.type("kk");
    await screen.until((lines) => !lines.join("\n").includes("end 69"));
    screen.type("jj");
    await screen.untilText("end 69");
  });

  it("can be filtered, and says by what", async () => {
    const { screen, engine } = await startUi({ size: [columns, rows], opens: true });
    engine.first.note("the moon is full");
    screen.type("9");
    await screen.untilText("the moon is full");
    screen.type("/MOON");
    await screen.until((lines) => lines.filter((line) => /\d\d:\d\d:\d\d {2}/.test(line)).length === 1);
    screen.type("\r");
    await screen.untilText("with “MOON”");
    screen.type("/x\r");
    await screen.untilText("No line has that in it");
    screen.type("\x1b");
    await screen.untilText("the moon is full");
    await screen.until((lines) => !lines.join("\n").includes("with “"));
    expect(text(screen)).toContain("9 Log");
  });
});

describe("neighbours", () => {
  it.each(sizes)("can be sorted by every column that is shown at %i×%i", (columns, rows) => {
    const rect = { x: 0, y: 0, width: columns - 4, height: rows };
    for (const isWhole of [true, false]) {
      for (const { column } of planNeighbourColumns(rect, isWhole)) expect(neighbourSorts).toContain(sortOf(column.id));
    }
  });

  it("are sorted by the columns that are shown, from left to right, and by a click on a heading", async () => {
    const { screen, engine } = await startUi({ size: [200, 60], opens: true });
    screen.type("2");
    await screen.untilText("Minute");
    const seen: string[] = [];
    const sort = () => {
      const topic = engine.topics.at(-1);
      return topic?.kind === "torrent" ? topic.neighbours.sort : "";
    };
    for (let i = 0; i < 20 && !seen.includes(sort()); i++) {
      seen.push(sort());
      screen.type("s");
      await screen.until(() => sort() !== seen.at(-1));
    }
    expect(seen.slice(0, 4)).toEqual(["downRate", "upRate", "lost", "progress"]);
    expect(seen).toContain("client");
    expect(seen).toContain("slot");
    const y = screen.lines().findIndex((line) => line.includes("Address"));
    const x = (screen.lines()[y] ?? "").indexOf("Trip");
    screen.type(`\x1b[<0;${x + 1};${y + 1}M`);
    await screen.until(() => sort() === "roundTrip");
    await screen.untilText("Trip ▴");
  });

  it("that lost most of their time come first where they are asked for by that", () => {
    const engine = new FakeEngine([livelySwarm]);
    for (let i = 0; i < 60; i++) engine.step(250, true);
    const { neighbours } = engine.first.detail({
      kind: "torrent",
      infoHash: engine.first.infoHash,
      neighbours: { offset: 0, limit: 100, sort: "lost", isDescending: true },
      files: { offset: 0, limit: 1 },
      logLimit: 0,
      cells: 0,
    });
    const lost = neighbours.map(
      ({ time: { down } }) => down.choked + down.snubbed + down.limited + down.held + down.disk,
    );
    expect(lost).toEqual([...lost].sort((a, b) => b - a));
    expect(lost[0]).toBeGreaterThan(0.7);
  });
});
