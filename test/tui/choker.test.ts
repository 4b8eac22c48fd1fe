import fc from "fast-check";
import { expect, it } from "vitest";
import type { TorrentDetail } from "../../source/control/protocol.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { drawChoker } from "../../source/tui/components/panels.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { FakeSwarm } from "../support/fake-swarm.ts";

const theme = makeTheme({ colours: "none", hasUnicode: true });
const swarm = new FakeSwarm({
  seed: 1,
  name: "x",
  pieceCount: 8,
  pieceLength: 16_384,
  done: 0,
  neighbours: 3,
  seeds: 1,
});
const detail = swarm.detail({
  kind: "torrent",
  infoHash: swarm.infoHash,
  neighbours: { offset: 0, limit: 0, sort: "downRate", isDescending: true },
  files: { offset: 0, limit: 0 },
  logLimit: 0,
  cells: 0,
});

function line(width: number, choker: TorrentDetail["choker"]): string {
  const canvas = new Canvas(width + 40, 1);
  drawChoker({ canvas, theme, keymap: keyTable }, 0, 0, width, { ...detail, choker }, 0);
  return canvas.line(0).trimEnd();
}

it("says how many slots are taken and when they are given anew, in the room that it has", () => {
  const chokers = fc.record({
    mode: fc.constantFrom("leech" as const, "seed" as const, "super-seed" as const),
    regularSlots: fc.integer({ min: 1, max: 500 }),
    rechokeMs: fc.integer({ min: 0, max: 10_000 }),
    optimisticMs: fc.integer({ min: 0, max: 30_000 }),
    interestedNeighbours: fc.integer({ min: 0, max: 20_000 }),
    unchokedNeighbours: fc.integer({ min: 0, max: 501 }),
  });
  fc.assert(
    fc.property(chokers, fc.integer({ min: 50, max: 220 }), (choker, width) => {
      const text = line(width, choker);
      expect(text.length).toBeLessThanOrEqual(width);
      expect(text).toContain(`${choker.unchokedNeighbours} of ${choker.regularSlots + 1} slots`);
      if (width < 76) return;
      expect(text).toMatch(/rechoke (now|\d+s)/);
      expect(text).toMatch(/optimistic (draw )?(now|\d+s)/);
      if (width >= 130)
        expect(text).toMatch(/want ours {3,}[━╸─]{6,20} rechoke .* [━╸─]{6,20} optimistic draw (now|\d+s)/);
    }),
  );
});
