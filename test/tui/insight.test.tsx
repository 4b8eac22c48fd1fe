import { afterAll, afterEach, describe, expect, it } from "vitest";
import { boundOf } from "../../source/control/bound.ts";
import { boundLines } from "../../source/tui/components/bound-panel.ts";
import { ledgerLines } from "../../source/tui/components/ledger-columns.ts";
import { inTheme } from "../../source/tui/components/words.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { runTui } from "../../source/tui/run-tui.tsx";
import { FakeEngine, livelySwarm } from "../support/fake-engine.ts";
import { Screen } from "../support/screen.ts";

interface Run {
  readonly screen: Screen;
  readonly engine: FakeEngine;
  readonly outcome: Promise<unknown>;
}

const runs: Run[] = [];

/** The first torrent, open. */
async function open(size: readonly [number, number], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const engine = new FakeEngine([livelySwarm]);
  for (let i = 0; i < 160; i++) engine.step(250, true);
  const screen = new Screen(...size);
  const outcome = runTui({
    connect: async () => engine,
    environment: {
      env: { COLORTERM: "truecolor", LANG: "C.UTF-8", TERM: "xterm", ...env },
      stdin: screen.stdin,
      stdout: screen.stdout,
    },
  });
  const run = { screen, engine, outcome };
  runs.push(run);
  await screen.untilText("Done");
  screen.type("\r");
  await screen.untilText("Neighbours");
  return run;
}

function expectWithin(screen: Screen, columns: number): void {
  for (const line of screen.lines()) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
}

afterEach(async () => {
  for (const { screen, outcome } of runs.splice(0)) {
    screen.type("\x03");
    screen.type("\x03");
    await outcome.catch(() => {});
    screen.close();
  }
});

afterAll(() => {
  process.stdin.unref();
});

const sizes = [
  [60, 15],
  [80, 24],
  [200, 60],
] as const;

describe.each(sizes)("one neighbour at %i×%i", (columns, rows) => {
  it("shows closely where its time went and what it has, and Esc goes back to the table", async () => {
    const { screen, engine } = await open([columns, rows]);
    screen.type("2");
    await screen.untilText("Address");
    screen.type("\r");
    await screen.until((lines) => lines.some((line) => line.includes("last minute")) && !/Address/.test(lines.join()));
    const topic = engine.topics.at(-1);
    expect(topic?.kind === "torrent" ? topic.neighbour : undefined).toBeTypeOf("number");
    if (rows >= 24) {
      const text = (await screen.untilText("it alone has")).join("\n");
      expect(text).toMatch(/client|found/);
      expect(text).toMatch(/asked \d+ of \d+/);
      // Both ways, with letters and parts, not colours alone.
      expect(text.match(/last minute/g)?.length).toBe(2);
      expect(text).toMatch(/[wcsldhin] .*\d+%/);
    }
    expectWithin(screen, columns);
    screen.type("\x1b");
    await screen.untilText("Address");
  });
});

describe.each(sizes)("the ledger at %i×%i", (columns, rows) => {
  it("shows what each gave and took, its rank by round, and who has a slot", async () => {
    const { screen, engine } = await open([columns, rows]);
    screen.type("7");
    const lines = await screen.untilText("Given");
    const text = lines.join("\n");
    expect(text).toMatch(/Taken/);
    expect(text).toMatch(/rechoke (?:now|\d+s)/);
    if (columns >= 80) expect(text).toMatch(/round of \d\d:\d\d:\d\d, by who gives us most/);
    if (columns >= 200) expect(text).toContain("among the 4 that give most");
    const first = lines.findIndex((line) => line.includes("Given")) + 1;
    expect(lines[first]).toMatch(columns >= 80 ? /[1-9+·◐●]{12}.*[●◐] (?:reg|opt)/ : /[1-9+·◐●]{12}/);
    const topic = engine.topics.at(-1);
    expect(topic?.kind === "torrent" ? topic.ledgerRounds : undefined).toBeGreaterThanOrEqual(20);
    expectWithin(screen, columns);
  });
});

describe.each(sizes)("the bound at %i×%i", (columns, rows) => {
  it("is in the answer to why, as an estimate with what it goes by", async () => {
    const { screen } = await open([columns, rows]);
    screen.type("w");
    await screen.untilText("Why?");
    screen.type("G");
    const text = (await screen.untilText("is an estimate")).join("\n");
    if (rows >= 60) {
      expect(text).toMatch(/D_p2p +≈\d+\S*.*at best: /);
      expect(text).toMatch(/D_cs +≈\d+\S*.*seeds alone: /);
      expect(text).toMatch(/efficiency +≈\d+%/);
      expect(text).toMatch(/complete in +≈.*P50, P90 (?:≈\d|not known)/);
    }
    expectWithin(screen, columns);
  });
});

describe("the bound", () => {
  it("that is beaten is said to be estimated too slow", () => {
    const [swarm] = new FakeEngine([livelySwarm]).swarms.values();
    if (swarm === undefined) throw new Error("no torrent");
    const asked = { offset: 0, limit: 1 };
    const detail = swarm.detail({
      kind: "torrent",
      infoHash: swarm.infoHash,
      neighbours: { ...asked, sort: "downRate", isDescending: true },
      files: asked,
      logLimit: 0,
      cells: 1,
    });
    const figure = (value: number) => ({ value, isMeasured: false, basis: "seen" });
    const said = (projectedSeconds: number) => {
      const inputs = { leeches: figure(10), seedRate: figure(10), leechRate: figure(10), slowestDown: figure(10) };
      const bound = boundOf({ length: 1_000, ...inputs, projectedSeconds });
      const theme = makeTheme({ colours: "none", hasUnicode: true });
      return boundLines({ ...detail, bound })
        .map((line) =>
          inTheme(theme, line)
            .map(({ text }) => text)
            .join(""),
        )
        .join("\n");
    };
    expect(said(1_000)).toMatch(/efficiency +≈50% +of the best/);
    expect(said(100)).toMatch(/efficiency +≈100% +at least: the bound is estimated too slow/);
  });

  it("stands in the swarm view where there is room", async () => {
    const { screen } = await open([200, 60]);
    const text = (await screen.untilText("At best")).join("\n");
    expect(text).toMatch(/as it goes +≈\d/);
    expect(text).toMatch(/D_p2p +≈\d/);
    expect(text).toMatch(/P50, P90/);
  });
});

describe("the ledger", () => {
  it("scrolls to its last neighbour, and is asked for only while it is shown", async () => {
    const { screen, engine } = await open([80, 24]);
    screen.type("7");
    await screen.untilText("Given");
    screen.type("G");
    await screen.until(
      (lines) => lines.some((line) => /^ ?▌/.test(line)) && !lines.some((line) => line.includes("● reg")),
    );
    screen.type("1");
    await screen.untilText("Choker");
    const topic = engine.topics.at(-1);
    expect(topic?.kind === "torrent" && topic.ledgerRounds === undefined).toBe(true);
  });

  it("puts who has a slot first, and keeps ranks under their rounds", () => {
    const row = { endpoint: "192.0.2.1:1", given: 0, taken: 0, reason: "" };
    const account = {
      endpoint: "192.0.2.1:1",
      given: 1,
      taken: 1,
      ratio: 1,
      rounds: 2,
      roundsServed: 1,
      roundsOpen: 1,
    };
    const round = { wallMs: 0, mode: "leech", interestedNeighbours: 3, grants: [] } as const;
    const lines = ledgerLines({
      rounds: [
        { ...round, number: 1, rows: [{ ...row, id: 1, rank: 1, slot: "regular" }] },
        {
          ...round,
          number: 2,
          rows: [
            { ...row, id: 2, rank: 1, slot: "regular" },
            { ...row, id: 1, rank: 2, slot: null },
          ],
          grants: [{ id: 3, endpoint: "192.0.2.3:1", slot: "optimistic", reason: "a slot fell free" }],
        },
      ],
      neighbours: [1, 2, 3, 4].map((id) => ({ ...account, id })),
    });
    expect(lines.map(({ account: { id } }) => id)).toEqual([2, 3, 1, 4]);
    expect(lines.map(({ marks }) => marks.map((mark) => mark?.rank))).toEqual([
      [undefined, 1],
      [undefined, null],
      [1, 2],
      [undefined, undefined],
    ]);
    expect(lines.map(({ slot }) => slot)).toEqual(["regular", "optimistic", null, null]);
  });
});

describe("one neighbour", () => {
  it("is beside the table where there is room", async () => {
    const { screen } = await open([200, 60]);
    screen.type("2");
    const text = (await screen.untilText("it alone has")).join("\n");
    expect(text).toContain("Address");
    expect(text).toContain("last minute");
  });

  it("is asked for only where it is shown", async () => {
    const { screen, engine } = await open([80, 24]);
    screen.type("2");
    await screen.untilText("Address");
    expect(engine.topics.some((topic) => topic.kind === "torrent" && topic.neighbour !== undefined)).toBe(false);
  });

  it("is banned by its address, and only after yes", async () => {
    const { screen, engine } = await open([80, 24]);
    screen.type("2b");
    await screen.untilText("Ban this neighbour?");
    screen.type("n");
    await screen.until((lines) => !lines.some((line) => line.includes("Ban this")));
    expect(engine.commands.some(({ name }) => name === "ban")).toBe(false);
    screen.type("b");
    await screen.untilText("Ban this neighbour?");
    screen.type("y");
    await screen.untilText("banned ");
    const command = engine.commands.find(({ name }) => name === "ban");
    expect(command?.name === "ban" ? command.addresses : []).toEqual([
      expect.stringMatching(/^(?:\d+\.\d+\.\d+\.\d+|[0-9a-f:]+)$/),
    ]);
  });

  it("is let go of, and only after yes", async () => {
    const { screen, engine } = await open([60, 15]);
    screen.type("X");
    const text = (await screen.untilText("Let go of this neighbour?")).join("\n");
    expect(text).toContain("not dialled for ten minutes");
    screen.type("n");
    await screen.until((lines) => !lines.some((line) => line.includes("Let go of this")));
    expect(engine.commands.some(({ name }) => name === "kick")).toBe(false);
    screen.type("X");
    await screen.untilText("Let go of this neighbour?");
    screen.type("y");
    await screen.untilText("let go of ");
    const command = engine.commands.find(({ name }) => name === "kick");
    expect(command).toMatchObject({ infoHash: engine.first.infoHash });
    expect(command?.name === "kick" ? command.endpoint : "").toMatch(/:\d+$/);
  });

  it("shows its time without colours and in plain ASCII too", async () => {
    const { screen } = await open([80, 24], { NO_COLOR: "1", LANG: "C" });
    screen.type("2");
    await screen.untilText("Address");
    screen.type("\r");
    const text = (await screen.untilText("it alone has")).join("\n");
    expect(text).toMatch(/[#.%-][wcsldhin] /);
    expect(text).toMatch(/^[\x00-\x7f]*$/);
  });
});
