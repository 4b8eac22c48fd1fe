import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { planListColumns, usualColumns } from "../../source/tui/layout/list-columns-plan.ts";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

function columnsAt(width: number, hasLabels = true): ReadonlyMap<string, number> {
  const table = { x: 0, y: 0, width, height: 20 };
  return new Map(planListColumns({ chosen: [], table, hasLabels }).map(({ column, width }) => [column.id, width]));
}

describe("the usual columns of the list", () => {
  it("leave names room to be told from one another", () => {
    expect(columnsAt(80).get("name")).toBeGreaterThanOrEqual(25);
    expect(columnsAt(120).get("name")).toBeGreaterThanOrEqual(34);
    expect(columnsAt(160).get("name")).toBeGreaterThanOrEqual(40);
    expect([...columnsAt(80).keys()]).toEqual(["sign", "name", "bar", "progress", "down", "up", "eta", "peers"]);
    expect([...columnsAt(200).keys()].sort()).toEqual(["sign", ...usualColumns()].sort());
  });

  it("have one of labels only where any torrent has one", () => {
    expect(columnsAt(200, false).has("labels")).toBe(false);
    expect(columnsAt(200, true).has("labels")).toBe(true);
  });

  it("fit into every width, with a name", () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 400 }), fc.boolean(), (width, hasLabels) => {
        const placed = planListColumns({ chosen: [], table: { x: 0, y: 0, width, height: 20 }, hasLabels });
        expect(placed.some(({ column }) => column.id === "name")).toBe(true);
        for (const { x, width: own } of placed) expect(x + own).toBeLessThanOrEqual(width - 4);
      }),
    );
  });
});

describe("columns", () => {
  it("of files stay where they are when folders are opened", async () => {
    const files = Array.from({ length: 60 }, (_, i) => `t/folder ${i % 3}/file ${i}`);
    const { screen } = await startUi({ swarms: [{ ...livelySwarm, files }], size: [80, 24], opens: true });
    screen.type("4");
    const heading = (lines: readonly string[]): string | undefined => lines.find((line) => line.includes("Wanted"));
    const open = await screen.untilText("▾ folder 0/");
    expect(heading(open)).toContain("Copies");
    screen.type("\rj\rj\r");
    await screen.until((lines) => lines.filter((line) => /› folder/.test(line)).length === 3);
    expect(heading(screen.lines())).toBe(heading(open));
  });

  it.each([
    [60, 18],
    [80, 24],
    [120, 30],
  ] as const)("of neighbours stay where they are as those come and go, at %i×%i", async (columns, rows) => {
    const headings = await Promise.all(
      [3, 40].map(async (neighbours) => {
        const { screen } = await startUi({
          swarms: [{ ...livelySwarm, neighbours }],
          size: [columns, rows],
          opens: true,
        });
        const lines = await screen.untilText("Address");
        return lines.find((line) => line.includes("Address"))?.replace(/[┃│]/g, " ");
      }),
    );
    expect(headings[0]).toBe(headings[1]);
  });

  it("stay where they are when a filter takes the scrollbar away", async () => {
    const { screen } = await startUi({ swarms: someSwarms, size: [80, 10] });
    const heading = (lines: readonly string[]): string | undefined => lines.find((line) => line.includes("Name"));
    const before = heading(await screen.until((lines) => lines.some((line) => line.includes("┃"))));
    screen.type("/debian");
    await screen.until((lines) => !lines.some((line) => line.includes("┃")));
    expect(heading(screen.lines())).toBe(before);
  });
});
