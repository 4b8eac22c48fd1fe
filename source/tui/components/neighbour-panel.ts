/** One neighbour in words: who it is, what it gives and takes, why it has a slot or none. */
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import { flagLegend, type NeighbourRow, type PeerSource } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatMs, formatPercent, formatRatio } from "../format/numbers.ts";
import { wrap } from "../format/text-width.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span } from "./drawing.ts";
import { slotStyle, slotText } from "./neighbour-columns.ts";

export function drawNeighbourPanel(d: Drawing, rect: Rect, row: NeighbourRow | undefined, hasBorder: boolean): void {
  if (rect.height < 2) return;
  const title = row === undefined ? "Neighbour" : clean(row.endpoint);
  const content = drawPanel(d, rect, { title: [span(title, d.theme.title)], hasBorder });
  if (row === undefined) drawSpans(d, content.x, content.y, [span("none selected", d.theme.dim)], content.width);
  else drawNeighbour(d, content, row);
}

/** What a flag's letter means, in words. */
export function flagsInWords(flags: string): readonly (readonly [letter: string, meaning: string])[] {
  return flagLegend.filter(([letter]) => flags.includes(letter));
}

/** Figures and words, side by side or one below the other. */
export function drawNeighbour(d: Drawing, rect: Rect, row: NeighbourRow): void {
  const isNarrow = rect.width < 70 || rect.height > 16;
  const figures = figureLines(d, row);
  const words = wordLines(d, row, isNarrow ? rect.width : rect.width - 46);
  const lines = isNarrow ? [...figures, [], ...words] : undefined;
  if (lines !== undefined) {
    lines.slice(0, rect.height).forEach((line, i) => {
      drawSpans(d, rect.x, rect.y + i, line, rect.width);
    });
    return;
  }
  figures.slice(0, rect.height).forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + i, line, 44);
  });
  words.slice(0, rect.height).forEach((line, i) => {
    drawSpans(d, rect.x + 46, rect.y + i, line, rect.width - 46);
  });
}

function figureLines(d: Drawing, row: NeighbourRow): readonly (readonly Span[])[] {
  const { theme } = d;
  const g = theme.glyphs;
  const label = (text: string): Span => span(text.padEnd(10), theme.dim);
  const trip = row.roundTripMs === null ? "not measured" : formatMs(row.roundTripMs);
  return [
    [label("client"), span(row.client === "" ? "not known yet" : clean(row.client))],
    [
      label("rates"),
      span(`${g.down} ${formatRate(row.downRate)}`, theme.down),
      span(`  ${g.up} ${formatRate(row.upRate)}`, theme.up),
    ],
    [
      label("totals"),
      span(`${g.down} ${formatSize(row.downloaded)}  ${g.up} ${formatSize(row.uploaded)}`),
      span(`  ratio ${formatRatio(row.uploaded, row.downloaded)}`, theme.dim),
    ],
    [label("has"), span(row.isSeed ? "everything" : formatPercent(row.progress, 1))],
    [label("requests"), span(`${row.requestsOut} of ${row.requestWindow} out, ${row.requestsIn} in`)],
    [label("trip"), span(trip), span(`  connected ${formatDuration(row.connectedSeconds)}`, theme.dim)],
    [label("found"), span(sourceInWords(row))],
  ];
}

const sourceWords: Readonly<Record<PeerSource, string>> = {
  tracker: "from a tracker",
  dht: "from the DHT",
  pex: "from another peer (PEX)",
  lsd: "on the local network",
  incoming: "it connected to us",
  manual: "given by hand",
};

function sourceInWords(row: NeighbourRow): string {
  return row.isIncoming ? sourceWords.incoming : sourceWords[row.source];
}

function wordLines(d: Drawing, row: NeighbourRow, width: number): readonly (readonly Span[])[] {
  const { theme } = d;
  const lines: (readonly Span[])[] = [];
  const reason = clean(row.slotReason);
  const slot = row.slot === null ? `${theme.glyphs.slotFree} no slot` : slotText(theme, row);
  wrap(`${slot}${reason === "" ? "" : `: ${reason}`}`, width, 3).forEach((text, i) => {
    lines.push([span(text, i === 0 && row.slot !== null ? slotStyle(theme, row) : theme.text)]);
  });
  for (const [letter, meaning] of flagsInWords(row.flags)) {
    wrap(meaning, width - 3, 2).forEach((text, i) => {
      lines.push([span(i === 0 ? `${letter}  ` : "   ", theme.accentStrong), span(text, theme.dim)]);
    });
  }
  return lines;
}
