import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { planListColumns, usualColumns } from "../../source/tui/layout/list-columns-plan.ts";
import { someSwarms } from "../support/fake-engine.ts";
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
  it("stay where they are when a filter takes the scrollbar away", async () => {
    const { screen } = await startUi({ swarms: someSwarms, size: [80, 10] });
    const heading = (lines: readonly string[]): string | undefined => lines.find((line) => line.includes("Name"));
    const before = heading(await screen.until((lines) => lines.some((line) => line.includes("┃"))));
    screen.type("/debian");
    await screen.until((lines) => !lines.some((line) => line.includes("┃")));
    expect(heading(screen.lines())).toBe(before);
  });
});
