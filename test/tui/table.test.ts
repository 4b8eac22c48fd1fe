import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyTable } from "../../source/preferences/keymap.ts";
import { drawBar, drawThinBar, resample } from "../../source/tui/components/bars.ts";
import type { Column } from "../../source/tui/components/table.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import {
  formatCount,
  formatCountdown,
  formatMs,
  formatPercent,
  formatRatio,
  plural,
} from "../../source/tui/format/numbers.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { planColumns } from "../../source/tui/layout/table-plan.ts";

const theme = makeTheme({ colours: "none", hasUnicode: true });

function column(id: string, widthMin: number, widthMax: number, priority: number): Column<null> {
  return { id, title: id, alignment: "left", widthMin, widthMax, priority, text: () => id };
}

describe("the columns of a table", () => {
  const columns = [column("name", 10, 40, 0), column("bar", 8, 20, 3), column("rate", 8, 9, 1), column("eta", 7, 7, 2)];
  const planned = (width: number): readonly string[] =>
    planColumns(columns, width).map((placed) => `${placed.column.id}@${placed.x}+${placed.width}`);

  it("go by importance where room is short, and keep their order", () => {
    expect(planned(10)).toEqual(["name@0+10"]);
    expect(planned(20)).toEqual(["name@0+11", "rate@12+8"]);
    expect(planned(27)).toEqual(["name@0+10", "rate@11+8", "eta@20+7"]);
    expect(planned(36)).toEqual(["name@0+10", "bar@11+8", "rate@20+8", "eta@29+7"]);
  });

  it("grow by importance where there is room", () => {
    expect(planned(90)).toEqual(["name@0+40", "bar@41+20", "rate@62+9", "eta@72+7"]);
  });

  it("never overlap nor leave the table", () => {
    const anyColumn = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(40), fc.nat(9))
      .map(([widthMin, more, priority]) => column("c", widthMin, widthMin + more, priority));
    fc.assert(
      fc.property(
        fc.array(anyColumn, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        (all, width) => {
          let end = 0;
          for (const placed of planColumns(all, width)) {
            expect(placed.x).toBeGreaterThanOrEqual(end);
            end = placed.x + placed.width;
          }
          expect(end).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("bars", () => {
  const bar = (fraction: number, draw = drawBar): string => {
    const canvas = new Canvas(4, 1);
    draw({ canvas, theme, keymap: keyTable }, 0, 0, 4, fraction, 0);
    return canvas.line(0);
  };

  it("are full only when all is done, and empty only when nothing is", () => {
    expect(bar(0)).toBe("░░░░");
    expect(bar(0.0001)).toBe("▏░░░");
    expect(bar(0.5)).toBe("██░░");
    expect(bar(0.9999)).toBe("███▉");
    expect(bar(1)).toBe("████");
    expect(bar(0.9999, drawThinBar)).toBe("━━━╸");
    expect(bar(1, drawThinBar)).toBe("━━━━");
  });

  it("survive nonsense", () => {
    expect(bar(Number.NaN)).toBe("░░░░");
    expect(bar(-3)).toBe("░░░░");
    expect(bar(Number.POSITIVE_INFINITY)).toBe("░░░░");
    expect(bar(7)).toBe("████");
  });

  it("put the newest second at the right, and leave out what was not measured", () => {
    expect(resample([1, 2, 3], 5)).toEqual([undefined, undefined, 1, 2, 3]);
    expect(resample([1, 3, 5, 7], 2, 2)).toEqual([2, 6]);
    expect(resample([5, 1, 3], 2, 2)).toEqual([5, 2]);
    expect(resample([], 2)).toEqual([undefined, undefined]);
  });
});

describe("figures", () => {
  it("never say that something is whole before it is", () => {
    expect(formatPercent(0.99999, 1)).toBe("99.9%");
    expect(formatPercent(0.999)).toBe("99%");
    expect(formatPercent(1, 1)).toBe("100%");
    expect(formatPercent(Number.NaN)).toBe("0%");
  });

  it("are short and readable", () => {
    expect(formatCount(1_234_567)).toBe("1,234,567");
    expect(plural(1, "leech", "leeches")).toBe("1 leech");
    expect(plural(2, "leech", "leeches")).toBe("2 leeches");
    expect(formatRatio(0, 0)).toBe("-");
    expect(formatRatio(5, 0)).toBe("∞");
    expect(formatRatio(1, 4)).toBe("0.25");
    expect(formatCountdown(-5)).toBe("0s");
    expect(formatCountdown(6_001)).toBe("7s");
    expect([formatMs(63.4), formatMs(999.6), formatMs(1_100), formatMs(12_300)]).toEqual([
      "63 ms",
      "1.0 s",
      "1.1 s",
      "12 s",
    ]);
  });
});
