import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PieceMap } from "../../source/control/protocol.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { cellKind, drawHeatmap, legendSpans, piecesOfCell, raritySpans } from "../../source/tui/components/heatmap.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { cellInWords } from "../../source/tui/screens/pieces-view.ts";

const theme = makeTheme({ colours: "none", hasUnicode: true });

function map(changes: Partial<PieceMap>): PieceMap {
  return {
    pieceCount: 4,
    cellCount: 4,
    have: [0, 0, 0, 0],
    active: [0, 0, 0, 0],
    minAvailability: [3, 3, 3, 3],
    rarest: { availability: 3, count: 4, first: 0 },
    copies: 3,
    ...changes,
  };
}

function drawn(pieces: PieceMap, width: number, height = 1): string {
  const canvas = new Canvas(width, height);
  drawHeatmap({ canvas, theme, keymap: keyTable }, { x: 0, y: 0, width, height }, pieces);
  return canvas.lines().join("");
}

const words = (spans: readonly { readonly text: string }[]): string => spans.map((part) => part.text).join("");

describe("the piece map", () => {
  it("tells ours, in flight and missing apart by shape alone", () => {
    expect(drawn(map({ have: [1, 0, 0, 0], active: [0, 1, 0, 0], minAvailability: [3, 2, 1, 0] }), 4)).toBe("█▒10");
  });

  it("shows the one piece that nobody has in a cell of a thousand", () => {
    const pieces = map({
      pieceCount: 4_000,
      have: [999, 1_000, 0, 0],
      active: [1, 0, 5, 0],
      minAvailability: [0, 9, 2, 12],
    });
    expect(drawn(pieces, 4)).toBe("0█▒+");
  });

  it("does not call a cell ours before all its pieces are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400 }), (cellCount, extra) => {
        const pieceCount = cellCount + extra;
        for (let index = 0; index < cellCount; index++) {
          const { first, last } = piecesOfCell(map({ pieceCount, cellCount }), index);
          const have = new Array<number>(cellCount).fill(last - first);
          const minAvailability = new Array<number>(cellCount).fill(1);
          expect(cellKind(map({ pieceCount, cellCount, have, minAvailability }), index).kind).not.toBe("have");
        }
      }),
    );
  });

  it("covers every piece exactly once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(2_000), (cellCount, extra) => {
        const pieces = map({ pieceCount: cellCount + extra, cellCount });
        let next = 0;
        for (let index = 0; index < cellCount; index++) {
          const { first, last } = piecesOfCell(pieces, index);
          expect(first).toBe(next);
          next = last + 1;
        }
        expect(next).toBe(pieces.pieceCount);
      }),
    );
  });

  it("draws few pieces wider", () => {
    expect(drawn(map({ have: [1, 0, 0, 0], minAvailability: [1, 2, 3, 4] }), 12)).toBe("███2  3  4  ");
  });

  it("has a legend that names every shape, in any width", () => {
    const wide = words(legendSpans(theme, 90));
    expect(wide).toContain("██ ours");
    expect(wide).toContain("▒▒ in flight");
    expect(wide).toContain("0 nobody has it");
    expect(wide).toContain("missing");
    for (let width = 0; width < 100; width++)
      expect(words(legendSpans(theme, width)).length).toBeLessThanOrEqual(width);
  });

  it("of a complete torrent shows how well it has spread", () => {
    const colours = makeTheme({ colours: "true", hasUnicode: true });
    const canvas = new Canvas(4, 1);
    const pieces = map({ have: [1, 1, 1, 1], minAvailability: [0, 1, 5, 50], rarest: null });
    drawHeatmap({ canvas, theme: colours, keymap: keyTable }, { x: 0, y: 0, width: 4, height: 1 }, pieces);
    expect(canvas.line(0)).toBe("████");
    expect(new Set(canvas.styles).size).toBe(4);
    expect(words(legendSpans(colours, 90, true))).toContain("the more neighbours have it too");
  });

  it("says how rare the rarest is", () => {
    expect(words(raritySpans(theme, map({ rarest: { availability: 0, count: 3, first: 9 } }), 80))).toContain(
      "3 pieces that nobody has",
    );
    expect(words(raritySpans(theme, map({ rarest: { availability: 1, count: 23, first: 9 } }), 80))).toContain(
      "rarest 1 copy ×23",
    );
    expect(words(raritySpans(theme, map({ rarest: null }), 80))).toContain("all pieces are ours");
  });

  it("says in words what a cell stands for", () => {
    const pieces = map({ pieceCount: 8, have: [1, 2, 0, 0], active: [0, 0, 1, 0], minAvailability: [0, 5, 1, 7] });
    expect(words(cellInWords(theme, pieces, 0, 100))).toContain("pieces 0–1 · 1 ours · rarest missing: nobody has it");
    expect(words(cellInWords(theme, pieces, 1, 100))).toContain("all ours · the rarest: 5 neighbours have it");
    expect(words(cellInWords(theme, pieces, 2, 100))).toContain("1 in flight · rarest missing: 1 neighbour has it");
  });
});
