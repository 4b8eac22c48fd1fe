import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import {
  displayWidth,
  glyphsOf,
  isPlain,
  truncate,
  truncateMiddle,
  truncateStart,
  wrap,
} from "../../source/tui/format/text-width.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ maxLength: 60 }),
);

describe("measuring text", () => {
  it("counts wide characters twice and controls not at all", () => {
    expect(displayWidth("abc")).toBe(3);
    expect(displayWidth("数据")).toBe(4);
    expect(displayWidth("a\u001b[31mb")).toBe(displayWidth("a[31mb"));
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("👩‍🚀")).toBe(2);
  });

  it("knows plain characters without looking them up: each is one of its own, one column wide", () => {
    const characters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(isPlain);
    expect(characters.length).toBeGreaterThan(1000);
    expect(characters.filter((character) => stringWidth(character) !== 1)).toEqual([]);
    const segmenter = new Intl.Segmenter();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...characters)), (text) => {
        expect([...segmenter.segment(text.join(""))].map(({ segment }) => segment)).toEqual(text);
        expect(glyphsOf(text.join("")).map((glyph) => glyph.text)).toEqual(text);
      }),
    );
  });

  it("cuts a heap of combining marks down to its letter", () => {
    const glyphs = glyphsOf(`z${"\u0301".repeat(500)}`);
    expect(glyphs).toEqual([{ text: "z", width: 1 }]);
  });

  it("never cuts to more columns than asked for", () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, width) => {
        expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(truncateMiddle(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(truncateStart(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("leaves what fits as it is", () => {
    expect(truncate("exactly", 7)).toBe("exactly");
    expect(truncate("a little more", 7)).toBe("a litt…");
    expect(truncateStart("a little more", 7)).toBe("…e more");
    expect(truncateMiddle("http://tracker.example", 11)).toBe("http:…ample");
  });

  it("wraps at words, and never beyond the line", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }), (text, width, linesMax) => {
        const lines = wrap(text, width, linesMax);
        expect(lines.length).toBeLessThanOrEqual(linesMax);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
