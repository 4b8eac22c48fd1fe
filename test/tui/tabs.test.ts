import { describe, expect, it } from "vitest";
import { keyTable } from "../../source/preferences/keymap.ts";
import { torrentViews, viewCommand } from "../../source/preferences/views.ts";
import type { Zone } from "../../source/tui/components/drawing.ts";
import { Canvas } from "../../source/tui/format/canvas.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { drawTabs } from "../../source/tui/screens/tabs.ts";

const theme = makeTheme({ colours: "true", hasUnicode: true });
const counts = { neighbours: 1_234, pieces: 65_536, files: 40, trackers: 12 };

function line(width: number, active: (typeof torrentViews)[number]): { readonly text: string; readonly zones: Zone[] } {
  const canvas = new Canvas(width, 1);
  const zones: Zone[] = [];
  drawTabs({ canvas, theme, keymap: keyTable, zones }, { x: 0, y: 0, width, height: 1 }, active, counts);
  return { text: canvas.line(0), zones };
}

describe.each([60, 80, 120, 200])("the line of views at %i columns", (width) => {
  it.each(torrentViews)("names the active view %s whole, and all others by their numbers at least", (active) => {
    const { text, zones } = line(width, active);
    const word = active.charAt(0).toUpperCase() + active.slice(1);
    expect(text).toContain(` ${torrentViews.indexOf(active) + 1} ${word}`);
    for (let i = 1; i <= torrentViews.length; i++) expect(text).toMatch(new RegExp(` ${i} `));
    if (width >= 80) for (const view of torrentViews) expect(text.toLowerCase()).toContain(` ${view} `);
    if (width >= 200) expect(text).toContain("Neighbours 1,234");
    expect(zones.map(({ target }) => target.kind === "command" && target.command)).toEqual(
      torrentViews.map(viewCommand),
    );
    for (const { rect } of zones) expect(rect.x + rect.width).toBeLessThanOrEqual(width);
  });
});
