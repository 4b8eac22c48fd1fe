import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellOfPiece, type PieceMap, piecesOfCell } from "../../source/control/protocol.ts";
import { keyTable } from "../../source/preferences/keymap.ts";
import { drawHeatmap } from "../../source/tui/components/heatmap.ts";
import { cellInWords, legendSpans, raritySpans } from "../../source/tui/components/heatmap-words.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { cellKind } from "../../source/tui/state/piece-cells.ts";

const theme = makeTheme({ colours: "none", hasUnicode: true });

function map(changes: Partial<PieceMap>): PieceMap {
  return {
    pieceCount: 4,
    cellCount: 4,
    have: [0, 0, 0, 0],
    active: [0, 0, 0, 0],
    skipped: [],
    minAvailability: [3, 3, 3, 3],
    rarest: { availability: 3, count: 4, first: 0 },
    copies: 3,
    neighbours: 20,
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
          for (let piece = first; piece <= last; piece++) expect(cellOfPiece(pieces, piece)).toBe(index);
          next = last + 1;
        }
        expect(next).toBe(pieces.pieceCount);
      }),
    );
  });

  it("draws few pieces wider", () => {
    expect(drawn(map({ have: [1, 0, 0, 0], minAvailability: [1, 2, 3, 4] }), 12)).toBe("███2  3  4  ");
  });

  it("has a legend that names every shape that can be seen, in any width", () => {
    const wide = words(legendSpans(theme, 90, map({})));
    expect(wide).toContain("██ ours");
    expect(wide).toContain("▒▒ in flight");
    expect(wide).toContain("0 nobody has it");
    expect(wide).toContain("1 2 3 5 + copies near");
    expect(wide).not.toContain("skipped");
    expect(words(legendSpans(theme, 58, map({})))).toMatch(/ {2}1 2 3 copies$/);
    expect(words(legendSpans(theme, 120, map({ skipped: [1, 0, 0, 0] })))).toContain("· skipped");
    const maps = [map({}), map({ neighbours: null }), map({ rarest: null }), map({ rarest: null, neighbours: 0 })];
    for (const pieces of maps) {
      for (let width = 0; width < 100; width++)
        expect(words(legendSpans(theme, width, pieces)).length).toBeLessThanOrEqual(width);
    }
  });

  it("with nothing missing shows how many neighbours lack what most lack, and marks what only we have", () => {
    const pieces = map({ have: [1, 1, 1, 1], minAvailability: [0, 1, 3, 20], rarest: null, neighbours: 20 });
    expect(drawn(pieces, 4)).toBe("◆++█");
    expect(drawn({ ...pieces, neighbours: 3, minAvailability: [0, 1, 2, 3] }, 4)).toBe("◆21█");
    expect(drawn({ ...pieces, neighbours: 0, minAvailability: [0, 0, 0, 0] }, 4)).toBe("████");
    expect(words(legendSpans(theme, 90, pieces))).toContain("1 3 + so many neighbours lack it");
    expect(words(legendSpans(theme, 58, pieces))).toContain("1 3 + lack it");
    expect(words(legendSpans(theme, 90, pieces))).toContain("◆ only we have it");
    expect(words(cellInWords(theme, pieces, 0, 100))).toContain("ours · only we have it");
    expect(words(cellInWords(theme, pieces, 1, 100))).toContain("ours · 19 neighbours lack it");
    // Of many pieces the one that is rarest counts.
    const many = map({ ...pieces, pieceCount: 4000, have: [1000, 1000, 1000, 1000] });
    expect(drawn(many, 4)).toBe("◆++█");
    expect(words(cellInWords(theme, many, 0, 100))).toContain("all ours · some of it only we have");
  });

  it("tells what is skipped from what is missing, and what is not known from what nobody has", () => {
    const pieces = map({
      pieceCount: 8,
      have: [2, 1, 0, 0],
      skipped: [0, 1, 2, 1],
      minAvailability: [2, 2, 0, 0],
    });
    expect(drawn(pieces, 4)).toBe("█··0");
    expect(words(cellInWords(theme, pieces, 1, 100))).toContain("pieces 2–3 · 1 ours · 1 skipped");
    expect(words(cellInWords(theme, pieces, 3, 100))).toContain("rarest missing: nobody has it · 0 ours · 1 skipped");
    expect(drawn({ ...pieces, neighbours: 0 }, 4)).toBe("█··░");
    const still = { ...pieces, neighbours: null };
    expect(drawn(still, 4)).toBe("█··░");
    expect(words(raritySpans(theme, still, 80))).toBe("4 pieces missing");
    expect(words(legendSpans(theme, 90, still))).toContain("missing: copies are not known");
  });

  it("says how rare the rarest is", () => {
    expect(words(raritySpans(theme, map({ rarest: { availability: 0, count: 3, first: 9 } }), 80))).toContain(
      "3 pieces that nobody has",
    );
    expect(words(raritySpans(theme, map({ rarest: { availability: 1, count: 23, first: 9 } }), 80))).toContain(
      "rarest 1 copy ×23",
    );
    expect(words(raritySpans(theme, map({ rarest: null }), 80))).toContain("all pieces are ours");
    expect(words(raritySpans(theme, map({ rarest: null, skipped: [1] }), 80))).toContain("all that is wanted is ours");
  });

  it("says in words what a cell stands for", () => {
    const pieces = map({ pieceCount: 8, have: [1, 2, 0, 0], active: [0, 0, 1, 0], minAvailability: [0, 5, 1, 7] });
    expect(words(cellInWords(theme, pieces, 0, 100))).toContain("pieces 0–1 · rarest missing: nobody has it · 1 ours");
    expect(words(cellInWords(theme, pieces, 1, 100))).toContain("all ours · the rarest: 5 neighbours have it");
    expect(words(cellInWords(theme, pieces, 2, 100))).toContain(
      "rarest missing: 1 neighbour has it · 0 ours · 1 in flight",
    );
  });
});
