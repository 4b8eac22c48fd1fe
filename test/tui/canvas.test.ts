import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Canvas, continuation } from "../../source/tui/format/canvas.ts";
import { difference } from "../../source/tui/format/difference.ts";
import { StyleTable } from "../../source/tui/format/styles.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { Screen } from "../support/screen.ts";

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("数据集", "█▌░", "👩‍🚀 ok", "\u001b[2J\u001b[H", "مرحبا", "e\u0301e\u0301"),
);
const puts = fc.array(
  fc.record({ x: fc.integer({ min: -5, max: 34 }), y: fc.integer({ min: -1, max: 6 }), text, style: fc.nat(3) }),
  { maxLength: 25 },
);

describe("Canvas", () => {
  // Cell by cell, as it is written: joined to a text, what stands in two cells can be one character (a sign that prepends
  // itself to the next, two halves of a flag), and that text another width than the row.
  it("has in every cell what is exactly as wide as the cell, whatever is put on it", () => {
    const widths = (canvas: Canvas): readonly number[] =>
      canvas.glyphs.map((glyph) => (glyph === continuation ? 0 : displayWidth(glyph)));
    const cells = (canvas: Canvas): readonly number[] =>
      canvas.glyphs.map((glyph, at) => {
        if (glyph === continuation) return 0;
        return at % canvas.width < canvas.width - 1 && canvas.glyphs[at + 1] === continuation ? 2 : 1;
      });
    fc.assert(
      fc.property(puts, (all) => {
        const canvas = new Canvas(30, 5);
        for (const put of all) canvas.put(put.x, put.y, put.text, put.style);
        expect(widths(canvas)).toEqual(cells(canvas));
        for (const rowStart of [0, 30, 60, 90, 120]) expect(canvas.glyphs[rowStart]).not.toBe(continuation);
      }),
      { examples: [[[{ x: 0, y: 0, text: "\u{1193f}", style: 0 }]], [[{ x: 29, y: 0, text: "\u{1193f}", style: 0 }]]] },
    );
  });

  it("blanks the other half of a wide character that is overwritten", () => {
    const canvas = new Canvas(6, 1);
    canvas.put(0, 0, "数据");
    canvas.put(1, 0, "x");
    expect(canvas.line(0)).toBe(" x据  ");
    canvas.put(2, 0, "y");
    expect(canvas.line(0)).toBe(" xy   ");
  });

  it("does not draw half of a wide character at the edge", () => {
    const canvas = new Canvas(3, 1);
    canvas.put(2, 0, "数");
    expect(canvas.line(0)).toBe("   ");
  });

  it("says where drawing ended", () => {
    const canvas = new Canvas(10, 1);
    expect(canvas.put(2, 0, "数a")).toBe(5);
    expect(canvas.put(8, 0, "abc")).toBe(10);
    expect(canvas.put(0, 0, "abcdef", 0, 3)).toBe(3);
  });
});

describe("the difference between two screens", () => {
  const table = new StyleTable("true");
  const styles = [
    0,
    table.intern({ isBold: true }),
    table.intern({ fg: { rgb: 0x112233, ansi: 1 } }),
    table.intern({ bg: { rgb: 0x445566, ansi: 2 }, isInverse: true }),
  ];
  const draw = (all: readonly { x: number; y: number; text: string; style: number }[]): Canvas => {
    const canvas = new Canvas(30, 5);
    for (const put of all) canvas.put(put.x, put.y, put.text, styles[put.style] ?? 0);
    return canvas;
  };

  it("turns a terminal that shows the one into one that shows the other", async () => {
    const printable = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("数据集", "█▌░", "─│╭", "한국어"));
    const plainPuts = fc.array(
      fc.record({
        x: fc.integer({ min: -5, max: 34 }),
        y: fc.integer({ min: 0, max: 4 }),
        text: printable,
        style: fc.nat(3),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(plainPuts, plainPuts, async (first, second) => {
        const screen = new Screen(30, 5);
        const [a, b] = [draw(first), draw(second)];
        screen.stdout.write(difference(undefined, a, table));
        screen.stdout.write(difference(a, b, table));
        await screen.settled();
        const shown = screen.lines();
        const inverse = screen.grid().map((row) => row.map((cell) => cell.isInverse));
        screen.close();
        expect(shown).toEqual(b.lines());
        b.lines().forEach((_, y) => {
          expect(inverse[y]).toEqual([...b.styles.slice(y * 30, (y + 1) * 30)].map((style) => style === styles[3]));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("is nothing where nothing changed", () => {
    const all = [{ x: 1, y: 1, text: "hello 数据", style: 1 }];
    expect(difference(draw(all), draw(all), table)).toBe("");
  });

  it("writes a changed digit and little else", () => {
    const before = draw([{ x: 0, y: 2, text: "rate 1 and much else", style: 0 }]);
    const after = draw([{ x: 0, y: 2, text: "rate 2 and much else", style: 0 }]);
    expect(difference(before, after, table)).toBe("\u001b[3;6H\u001b[0m2");
  });
});
