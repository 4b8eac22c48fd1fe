import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Graph } from "../../source/control/insight.ts";
import { chartColumns, graphWords, rateAxis, sinceKnown, timeMarks } from "../../source/tui/layout/chart-axes.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import type { Screen } from "../support/screen.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

describe("the axis of rates", () => {
  it("has room for the peak, and not much more", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e13, noNaN: true }), fc.integer({ min: 1, max: 6 }), (peak, intervals) => {
        const { top, marks } = rateAxis(peak, intervals);
        expect(top).toBeGreaterThanOrEqual(peak * (1 - 1e-9));
        if (peak > 2_000) expect(top).toBeLessThan(peak * 1.6);
        expect(marks.length).toBe(peak === 0 ? 1 : intervals + 1);
        for (const { text } of marks) expect(text).toMatch(/^(?:0|\d{1,4}(?:\.\d{1,3})? (?:[KMGT]i)?B\/s)$/);
        for (const { text } of marks) expect(text.length).toBeLessThanOrEqual(10);
      }),
    );
  });

  it("counts by easy steps in one unit", () => {
    const texts = (peak: number, intervals: number) => rateAxis(peak, intervals).marks.map(({ text }) => text);
    expect(texts(5.58 * 1024 ** 2, 4)).toEqual(["0", "1.5 MiB/s", "3 MiB/s", "4.5 MiB/s", "6 MiB/s"]);
    expect(texts(1.14 * 1024 ** 2, 2)).toEqual(["0", "0.6 MiB/s", "1.2 MiB/s"]);
    expect(texts(3, 1)).toEqual(["0", "1 KiB/s"]);
    expect(texts(0, 4)).toEqual(["0"]);
  });
});

describe("the axis of times", () => {
  const graph = (stepSeconds: number, steps: number, end: Date) => ({
    stepSeconds,
    newestWallMs: end.getTime() - stepSeconds * 1000,
    down: new Array<number>(steps).fill(0),
  });

  it("has clock times at round places", () => {
    const marks = timeMarks(graph(60, 180, new Date(2026, 10, 15, 14, 10)), 190);
    expect(marks.map(({ text }) => text).slice(0, 3)).toEqual(["11:15", "11:30", "11:45"]);
    expect(marks[0]?.at).toBeCloseTo(5 / 180);
    const narrow = timeMarks(graph(60, 180, new Date(2026, 10, 15, 14, 10)), 40).map(({ text }) => text);
    expect(narrow).toEqual(["12:00", "13:00", "14:00"]);
  });

  it("has days at their midnights, every one where there is room", () => {
    const marks = timeMarks(graph(900, 672, new Date(2026, 10, 15, 12, 0)), 190);
    expect(marks.map(({ text }) => text)).toEqual(
      ["Mon 9", "Tue 10", "Wed 11", "Thu 12", "Fri 13", "Sat 14", "Sun 15"].map((day) => `${day} Nov`),
    );
    expect(marks.at(-1)?.at).toBeCloseTo(1 - 0.5 / 7);
    expect(timeMarks(graph(7200, 372, new Date(2026, 10, 15, 12, 0)), 60).length).toBeLessThanOrEqual(5);
  });
});

describe("a graph's columns", () => {
  const value = fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: null });

  it("keep the mean of what is known, however many there are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 700 }),
        fc.integer({ min: 1, max: 300 }),
        (values, count) => {
          const columns = chartColumns(values, count);
          const mean = (all: readonly (number | null)[]) =>
            all.reduce<number>((sum, each) => sum + (each ?? 0), 0) / all.length;
          expect(columns.length).toBe(count);
          expect(mean(columns)).toBeCloseTo(mean(values), 3);
        },
      ),
    );
  });

  it("are unknown only where nothing of them is known", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 700 }),
        fc.integer({ min: 1, max: 300 }),
        (values, count) => {
          const columns = chartColumns(values, count);
          if (values.every((each) => each === null)) expect(columns.every((each) => each === null)).toBe(true);
          if (values.every((each) => each !== null)) expect(columns.every((each) => each !== null)).toBe(true);
        },
      ),
    );
    expect(chartColumns([4, null, null, 8], 4)).toEqual([4, null, null, 8]);
    expect(chartColumns([4, null], 1)).toEqual([4]);
    expect(chartColumns([0, null], 4)).toEqual([0, 0, null, null]);
  });

  it("have their figures in words: what is not known counts for nothing", () => {
    const graph = { stepSeconds: 60, newestWallMs: 1_000_000 };
    expect(graphWords([null, 10, 30, 20], graph)).toEqual({
      mean: 20,
      peak: 30,
      peakWallMs: 940_000,
      sum: 3_600,
      knownSeconds: 180,
    });
    expect(graphWords([null, null], graph)).toBeUndefined();
  });
});

describe("a young graph", () => {
  const graph = (down: readonly (number | null)[]): Graph => ({
    infoHash: null,
    span: "3h",
    stepSeconds: 60,
    newestWallMs: 1_000_000,
    down,
    up: down,
  });
  const of = (unknown: number, known: number) =>
    graph([...new Array<null>(unknown).fill(null), ...new Array<number>(known).fill(7)]);

  it("is drawn over a part of its span that has all that is known", () => {
    expect(sinceKnown(of(178, 2)).down.length).toBe(15);
    expect(sinceKnown(of(164, 16)).down.length).toBe(30);
    expect(sinceKnown(of(150, 30)).down.length).toBe(30);
    expect(sinceKnown(of(149, 31)).up.length).toBe(60);
    expect(sinceKnown(of(100, 80)).down).toEqual(of(10, 80).down);
    expect(sinceKnown(of(60, 120)).down.length).toBe(180);
    expect(sinceKnown(of(180, 0)).down.length).toBe(180);
    expect(sinceKnown({ ...of(290, 10), stepSeconds: 1 }).down.length).toBe(100);
    // What was not seen in between is no beginning.
    const gap = graph([7, ...new Array<null>(178).fill(null), 7]);
    expect(sinceKnown(gap)).toBe(gap);
  });

  it("is empty before the engine began, without hatching or a scale for nothing", async () => {
    const { screen, engine } = await startUi({ size: [80, 24], opens: true });
    engine.graphOf = (topic) => ({ ...of(164, 16), infoHash: topic.infoHash, span: topic.span });
    screen.type("6");
    await screen.untilText("the engine ran 16m 00s");
    expect(text(screen)).not.toContain("╱");
    expect(text(screen)).toContain("the engine did not run");
    engine.graphOf = (topic) => ({ ...graph(new Array<number>(180).fill(0)), ...topic });
    screen.type("]");
    await screen.untilText("nothing flowed");
    expect(text(screen)).not.toMatch(/B\/s┤/);
  });
});

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const text = (screen: Screen): string => screen.lines().join("\n");

describe.each(sizes)("the graphs at %i×%i", (columns, rows) => {
  it("show a torrent's rates over minutes to a month, with times and what was not seen", async () => {
    const { screen, engine } = await startUi({ size: [columns, rows], opens: true });
    screen.type("6");
    await screen.untilText("mean");
    expect(text(screen)).toMatch(/\d+ MiB\/s[┤|]/);
    expect(text(screen)).toMatch(/╵\d\d:\d\d/);
    expect(text(screen)).toMatch(/╱ {3}╱/);
    if (columns >= 80) expect(text(screen)).toContain("╱ the engine ran");
    screen.type("]");
    await screen.until(() => engine.topics.at(-1)?.kind === "graph");
    screen.type("]");
    await screen.until((lines) => lines.some((line) => /╵(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ Nov/.test(line)));
    if (columns >= 80) expect(text(screen)).toMatch(/sum ≈\d/);
    screen.type("]]]");
    await screen.until((lines) => lines.some((line) => /Oct/.test(line)));
    expect(engine.topics.at(-1)).toEqual({ kind: "graph", infoHash: engine.first.infoHash, span: "month" });
    screen.type("[[[");
    await screen.until((lines) => lines.some((line) => /╵\d\d:\d\d/.test(line)));
  });

  it("show all torrents together from the list, and ask for them only while they are shown", async () => {
    const { screen, engine } = await startUi({ size: [columns, rows], swarms: someSwarms });
    await screen.untilText("holiday");
    // With much room the list shows it anyway.
    const usual = rows >= 36 ? 2 : 1;
    expect(engine.subscriptionCount).toBe(usual);
    screen.type("6");
    await screen.untilText("mean");
    expect(engine.topics.at(-1)).toEqual({ kind: "graph", infoHash: null, span: "5m" });
    expect(engine.subscriptionCount).toBe(2);
    expect(text(screen)).not.toContain("holiday");
    expect(text(screen)).toContain("Rates of all");
    screen.type("?");
    await screen.untilText("a longer time");
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("a longer time"));
    expect(text(screen)).toContain("Rates of all");
    screen.type("q");
    await screen.untilText("holiday");
    expect(engine.subscriptionCount).toBe(usual);
  });

  it("are readable in ASCII and without colours", async () => {
    const { screen } = await startUi({
      size: [columns, rows],
      opens: true,
      env: { LANG: "C", LC_ALL: "C", NO_COLOR: "1" },
    });
    screen.type("6");
    const lines = await screen.untilText("mean");
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(lines.join("\n")).toMatch(/\/ {3}\//);
    expect(lines.join("\n")).toMatch(/'\d\d:\d\d/);
  });
});

describe("the spans", () => {
  it("can be clicked", async () => {
    const { screen, engine } = await startUi({ size: [120, 40], opens: true });
    screen.type("6");
    const lines = await screen.untilText("mean");
    const y = lines.findIndex((line) => line.includes("5 minutes"));
    const x = (lines[y] ?? "").indexOf("week");
    screen.type(`\x1b[<0;${x + 2};${y + 1}M`);
    await screen.until(() => engine.topics.at(-1)?.kind === "graph");
    await screen.until((shown) => shown.some((line) => /╵Mon 16 Nov/.test(line)));
    expect(engine.topics.at(-1)).toMatchObject({ kind: "graph", span: "week" });
  });

  it("stay as chosen for the next torrent", async () => {
    const { screen, engine } = await startUi({
      swarms: [livelySwarm, { ...livelySwarm, seed: 8, name: "other" }],
      opens: true,
    });
    screen.type("6]");
    await screen.untilText("mean");
    screen.type("\x1b");
    await screen.untilText("other");
    screen.type("j\r6");
    await screen.untilText("mean");
    const last = [...engine.swarms.keys()].at(-1);
    expect(engine.topics.findLast(({ kind }) => kind === "graph")).toEqual({
      kind: "graph",
      infoHash: last,
      span: "3h",
    });
  });
});
