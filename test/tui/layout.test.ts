import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rect } from "../../source/tui/format/canvas.ts";
import { heatmapGrid } from "../../source/tui/layout/heatmap-area.ts";
import { planPieces } from "../../source/tui/layout/pieces-plan.ts";
import {
  columnsMin,
  planList,
  planListing,
  planLog,
  planNeighbours,
  planSwarm,
  planTrackers,
  rowsMin,
} from "../../source/tui/layout/plan.ts";
import { offsetFor } from "../../source/tui/layout/scroll.ts";

const size = fc.record({
  columns: fc.integer({ min: columnsMin, max: 320 }),
  rows: fc.integer({ min: rowsMin, max: 120 }),
});
const counts = fc.record({
  neighbours: fc.nat(300),
  pieces: fc.integer({ min: 1, max: 100_000 }),
  trackers: fc.nat(40),
});

function expectTiling(rects: readonly Rect[], columns: number, rows: number): void {
  const shown = rects.filter((rect) => rect.width > 0 && rect.height > 0);
  for (const rect of shown) {
    expect(rect.x).toBeGreaterThanOrEqual(0);
    expect(rect.y).toBeGreaterThanOrEqual(0);
    expect(rect.x + rect.width).toBeLessThanOrEqual(columns);
    expect(rect.y + rect.height).toBeLessThanOrEqual(rows);
  }
  shown.forEach((a, i) => {
    for (const b of shown.slice(i + 1)) {
      const overlaps = a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
      expect(overlaps, `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(false);
    }
  });
}

describe("the layout", () => {
  it("of the swarm keeps every panel on the screen and apart, at every size", () => {
    fc.assert(
      fc.property(size, counts, ({ columns, rows }, all) => {
        const plan = planSwarm(columns, rows, all);
        const { header, tabs, hints, choker, neighbours, pieces, bound, rates, trackers, log, selected } = plan;
        expectTiling(
          [header, tabs, hints, choker, neighbours, pieces, bound, rates, trackers, log, selected],
          columns,
          rows,
        );
        expect(neighbours.height).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it("of the other views does so too", () => {
    fc.assert(
      fc.property(size, counts, ({ columns, rows }, counted) => {
        const neighbours = planNeighbours(columns, rows);
        expectTiling(
          [neighbours.header, neighbours.tabs, neighbours.table, neighbours.detail, neighbours.hints],
          columns,
          rows,
        );
        for (const level of ["map", "list", "blocks"] as const) {
          const pieces = planPieces(columns, rows, level, counted.pieces);
          const { header, tabs, mapPanel, rarity, rarityLines, list, blocks, hints } = pieces;
          expectTiling([header, tabs, mapPanel, rarity, rarityLines, list, blocks, hints], columns, rows);
          const rest = [header, tabs, rarity, rarityLines, list, blocks, hints];
          expectTiling([...rest, pieces.map, pieces.legend, pieces.about], columns, rows);
          expect({ map: pieces.mapPanel, list: pieces.list, blocks: pieces.blocks }[level].height).toBeGreaterThan(1);
        }
        const log = planLog(columns, rows);
        expectTiling([log.header, log.tabs, log.log, log.hints], columns, rows);
        const list = planList(columns, rows);
        expectTiling([list.header, list.table, list.rates, list.hints], columns, rows);
        const listing = planListing(columns, rows);
        expectTiling([listing.header, listing.tabs, listing.panel, listing.hints], columns, rows);
        const trackers = planTrackers(columns, rows);
        expectTiling(
          [trackers.header, trackers.tabs, trackers.table, trackers.sources, trackers.about, trackers.hints],
          columns,
          rows,
        );
      }),
    );
  });

  it("shows neighbours, choker, pieces and tracker together from 60×15 on", () => {
    for (const [columns, rows] of [
      [60, 15],
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const) {
      const plan = planSwarm(columns, rows, { neighbours: 20, pieces: 2_000, trackers: 2 });
      expect(plan.neighbours.height).toBeGreaterThan(2);
      expect(plan.choker.height).toBeGreaterThan(0);
      expect(plan.pieces.height).toBeGreaterThan(1);
      if (rows >= 24) expect(plan.trackers.height).toBeGreaterThan(0);
    }
  });

  it("adds rates and log where there is room", () => {
    const plan = planSwarm(200, 60, { neighbours: 20, pieces: 2_000, trackers: 2 });
    expect(plan.rates.height).toBeGreaterThan(5);
    expect(plan.log.height).toBeGreaterThan(5);
  });

  it("shows the selected neighbour where few leave room, and gives it back where many need it", () => {
    const few = planSwarm(200, 60, { neighbours: 6, pieces: 2_000, trackers: 1 });
    expect(few.selected.height).toBeGreaterThan(10);
    expect(few.log.height).toBeGreaterThan(10);
    expect(few.pieces.height).toBeGreaterThan(40);
    const many = planSwarm(200, 60, { neighbours: 60, pieces: 2_000, trackers: 1 });
    expect(many.selected.height).toBe(0);
    expect(many.neighbours.height).toBeGreaterThan(30);
  });
});

describe("the grid of the piece map", () => {
  it("gives every piece a cell of its own while there is room", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 30_000 }),
        (width, height, pieceCount) => {
          const grid = heatmapGrid({ x: 0, y: 0, width, height }, pieceCount);
          expect(grid.perRow * grid.cellWidth).toBeLessThanOrEqual(width);
          expect(grid.cellCount).toBe(Math.min(pieceCount, width * height));
          expect(Math.ceil(grid.cellCount / grid.perRow)).toBeLessThanOrEqual(height);
        },
      ),
    );
  });
});

describe("scrolling", () => {
  it("always keeps the cursor in the window and the window in the list", () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.nat(600),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 500 }),
        (at, offset, height, total) => {
          const cursor = Math.min(at, total - 1);
          const next = offsetFor(cursor, offset, height, total);
          expect(next).toBeGreaterThanOrEqual(0);
          expect(next).toBeLessThanOrEqual(Math.max(0, total - height));
          expect(cursor).toBeGreaterThanOrEqual(next);
          expect(cursor).toBeLessThan(next + height);
        },
      ),
    );
  });

  it("moves no further than it must", () => {
    expect(offsetFor(5, 3, 10, 100)).toBe(3);
    expect(offsetFor(2, 3, 10, 100)).toBe(2);
    expect(offsetFor(13, 3, 10, 100)).toBe(4);
  });
});
