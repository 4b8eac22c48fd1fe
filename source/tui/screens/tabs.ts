/** The line of views: `1 Swarm  2 Neighbours …`, in the longest words that there is room for. */
import { keyFor } from "../../preferences/keymap.ts";
import { type TorrentView, torrentViews, viewCommand } from "../../preferences/views.ts";
import { type Drawing, drawSpans, type Span, span, spansWidth } from "../components/drawing.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount } from "../format/numbers.ts";

const titles: Readonly<Record<TorrentView, string>> = {
  swarm: "Swarm",
  neighbours: "Neighbours",
  pieces: "Pieces",
  files: "Files",
  trackers: "Trackers",
  graphs: "Graphs",
  ledger: "Ledger",
  why: "Why",
  log: "Log",
};

/** As wide as they come: with counts, words, a line between two; and then ever tighter. */
const looks = [
  { words: "all", hasCounts: true, between: 1 },
  { words: "all", hasCounts: false, between: 1 },
  { words: "all", hasCounts: false, between: 0 },
  // Two neighbours share the space between them.
  { words: "all", hasCounts: false, between: -1 },
  { words: "active", hasCounts: false, between: 0 },
] as const;

type Look = (typeof looks)[number];

/** @param counts shown behind the words where there is much room. */
export function drawTabs(
  d: Drawing,
  rect: Rect,
  active: TorrentView,
  counts: Partial<Record<TorrentView, number>>,
): void {
  const { canvas, theme } = d;
  canvas.fill(rect, theme.glyphs.horizontal, theme.rule);
  const tabsOf = (look: Look): readonly (readonly Span[])[] =>
    torrentViews.map((view) => {
      const key = keyFor(d.keymap, active, viewCommand(view));
      const title = look.words === "all" || view === active ? ` ${titles[view]}` : "";
      const count = counts[view];
      const note = look.hasCounts && count !== undefined ? ` ${formatCount(count)}` : "";
      if (view === active) return [span(` ${key}${title}${note} `, theme.tabActive)];
      return [span(" "), span(key, theme.key), span(title, theme.text), span(`${note} `, theme.dim)];
    });
  const fits = (look: Look): boolean =>
    tabsOf(look).reduce((sum, tab) => sum + spansWidth(tab) + look.between, -look.between) <= rect.width;
  const look = looks.find(fits) ?? looks[looks.length - 1] ?? looks[0];
  const tabs = tabsOf(look);
  let column = rect.x;
  let drawActive = (): void => {};
  torrentViews.forEach((view, i) => {
    const tab = tabs[i] ?? [];
    const x = column;
    const width = spansWidth(tab);
    const draw = (): void => {
      drawSpans(d, x, rect.y, tab, rect.x + rect.width - x);
    };
    draw();
    if (view === active) drawActive = draw;
    const target = { kind: "command", command: viewCommand(view) } as const;
    d.zones?.push({ rect: { x, y: rect.y, width, height: 1 }, target });
    column += width + look.between;
  });
  // The next one took its last column, where they share it.
  drawActive();
}
