/**
 * How many copies of the pieces there are among the neighbours: how many pieces have none, one, two …, and where the rarest
 * lie. With nothing missing, what only we have and what the neighbours lack. Only what the engine knows.
 */
import { formatDuration } from "../../base/units.ts";
import type { LackingRow, PieceMap, RareRun, Rarity } from "../../control/protocol.ts";
import { keyFor } from "../../preferences/keymap.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount, plural } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { drawBar } from "./bars.ts";
import { clean, type Drawing, drawPanel, drawSpans, fitGroups, type Span, span, spansWidth } from "./drawing.ts";
import { runText } from "./heatmap-words.ts";

/** @param piece under the cursor: the run that it is in is marked. */
export function drawRarityPanel(
  d: Drawing,
  rect: Rect,
  rarity: Rarity | null,
  map: PieceMap,
  piece: number,
  hasBorder: boolean,
): void {
  if (rect.height < 3) return;
  const { theme } = d;
  const words = rarity?.of === "ours" ? "Our pieces by copies besides ours" : "Missing pieces by copies";
  const title = [span(words, theme.title)];
  const content = drawPanel(d, rect, { title, hasBorder });
  const empty = emptyWords(rarity, map);
  if (rarity === null || empty !== undefined) {
    drawSpans(d, content.x, content.y, [span(empty ?? "Asking the engine…", theme.dim)], content.width);
    return;
  }
  const left = content.width >= 64 ? Math.max(26, Math.floor(content.width * 0.42)) : content.width;
  drawCopies(d, { ...content, width: left - 2 }, rarity);
  if (left === content.width) return;
  const right = { ...content, x: content.x + left, width: content.width - left };
  const lackingRows = rarity.of === "ours" && rarity.lackingCount > 0 ? lackingLines(theme, rarity, right.width) : [];
  const lackingHeight = Math.min(lackingRows.length, Math.ceil(right.height / 2));
  const runs = runLines(theme, rarity, right.width, piece);
  const key = keyFor(d.keymap, "pieces", "nextRarest");
  [
    [span("  the rarest  ", theme.dim), span(key, theme.key), span(" goes from one to the next", theme.dim)],
    ...runs.slice(0, right.height - 1 - lackingHeight - (lackingHeight > 0 ? 1 : 0)),
    ...(lackingHeight > 0 ? [[]] : []),
    ...lackingRows.slice(0, lackingHeight),
  ].forEach((line, i) => {
    drawSpans(d, right.x, right.y + i, line, right.width);
  });
}

/** On small terminals: the same in two lines. */
export function drawRarityLines(d: Drawing, rect: Rect, rarity: Rarity | null, map: PieceMap): void {
  if (rect.height < 2) return;
  const { theme } = d;
  const empty = emptyWords(rarity, map);
  if (rarity === null || empty !== undefined) {
    drawSpans(d, rect.x, rect.y, [span(empty ?? "", theme.dim)], rect.width);
    return;
  }
  const counts = rarity.copies.flatMap((count, copies) =>
    count === 0 ? [] : [[span(`${copies}: `, theme.dim), span(formatCount(count), copiesStyle(theme, rarity, copies))]],
  );
  const head = [span("pieces by copies", theme.dim)];
  drawSpans(d, rect.x, rect.y, fitGroups([head, ...counts], span("  "), rect.width), rect.width);
  const second = rarity.of === "ours" ? lackingGroups(theme, rarity) : runGroups(theme, rarity);
  drawSpans(
    d,
    rect.x,
    rect.y + 1,
    fitGroups(second, span(` ${theme.glyphs.dot} `, theme.rule), rect.width),
    rect.width,
  );
}

/** Why there is nothing to count; `undefined` where there is. */
function emptyWords(rarity: Rarity | null, map: PieceMap): string | undefined {
  if (map.pieceCount === 0) return "Pieces are known once the metadata has come.";
  if (map.neighbours === null) return "Copies are counted while the torrent is active.";
  if (map.neighbours === 0) return "Nobody is connected: there are no copies to count.";
  return rarity?.copies.every((count) => count === 0) === true ? "There is nothing to count." : undefined;
}

function copiesStyle(theme: Theme, { of }: Rarity, copies: number): StyleId {
  if (copies === 0) return of === "missing" ? theme.badStrong : theme.warn;
  return copies === 1 && of === "missing" ? theme.warn : theme.text;
}

// ── how many pieces have how many copies ─────────────────────────────────────────────────────────────────────────────

interface CopiesLine {
  readonly label: string;
  readonly copies: number;
  readonly count: number;
}

/** From the rarest on; what there is no room for is one line. */
function copiesLines({ copies }: Rarity, height: number): readonly CopiesLine[] {
  const first = Math.max(
    0,
    copies.findIndex((count) => count > 0),
  );
  const last = copies.findLastIndex((count) => count > 0);
  const lines: CopiesLine[] = [];
  for (let kind = first; kind <= last; kind++) {
    if (lines.length === height - 1 && kind < last) {
      const rest = copies.slice(kind).reduce((sum, count) => sum + count, 0);
      lines.push({ label: `${kind}+`, copies: kind, count: rest });
      break;
    }
    const isMany = kind === 32 && copies.length > 32;
    lines.push({ label: isMany ? `${kind}+` : String(kind), copies: kind, count: copies[kind] ?? 0 });
  }
  return lines;
}

function drawCopies(d: Drawing, rect: Rect, rarity: Rarity): void {
  const { theme } = d;
  const lines = copiesLines(rarity, rect.height);
  const most = Math.max(1, ...lines.map(({ count }) => count));
  const labelWidth = Math.max(...lines.map(({ label }) => label.length), 2);
  const countWidth = Math.max(...lines.map(({ count }) => formatCount(count).length));
  const barWidth = Math.max(0, rect.width - labelWidth - countWidth - 2);
  lines.forEach(({ label, copies, count }, i) => {
    const y = rect.y + i;
    const style = copiesStyle(theme, rarity, copies);
    drawSpans(d, rect.x, y, [span(label.padStart(labelWidth), style)], labelWidth);
    if (barWidth > 2 && count > 0) drawBar(d, rect.x + labelWidth + 1, y, barWidth, count / most, style || theme.dim);
    drawSpans(
      d,
      rect.x + rect.width - countWidth,
      y,
      [span(formatCount(count).padStart(countWidth), style)],
      countWidth,
    );
  });
}

// ── where the rarest lie ─────────────────────────────────────────────────────────────────────────────────────────────

function copiesWords({ of }: Rarity, { availability, first, last }: RareRun): string {
  const many = last > first ? "them" : "it";
  if (availability === 0) return of === "missing" ? `nobody has ${many}` : `only we have ${many}`;
  return availability === 1 ? "1 copy" : `${formatCount(availability)} copies`;
}

/** Who alone has it: all of them, or with little room the first; "" where that is not known. */
function holderWords({ holders, availability }: RareRun, width: number): string {
  const [first] = holders;
  if (first === undefined || availability === 0) return "";
  const all = `only ${holders.map(clean).join(", ")}`;
  return displayWidth(all) <= width ? all : `only ${clean(first)} and ${holders.length - 1} more`;
}

function runLines(theme: Theme, rarity: Rarity, width: number, piece: number): readonly (readonly Span[])[] {
  const { runs } = rarity;
  const nameWidth = Math.min(19, Math.max(0, ...runs.slice(0, 40).map((run) => displayWidth(runText(theme, run)))));
  return runs.slice(0, 60).map((run) => {
    const isHere = piece >= run.first && piece <= run.last;
    const mark = isHere ? span(`${theme.glyphs.arrowRight} `, theme.accentStrong) : span("  ");
    const style = copiesStyle(theme, rarity, run.availability);
    const spans = [
      mark,
      span(runText(theme, run).padStart(nameWidth), isHere ? theme.strong : theme.text),
      span(`  ${copiesWords(rarity, run)}`, style),
    ];
    const holder = holderWords(run, width - spansWidth(spans) - 2);
    return fitGroups([spans, holder === "" ? [] : [span(holder, theme.dim)]], span("  "), width);
  });
}

function runGroups(theme: Theme, rarity: Rarity): readonly (readonly Span[])[] {
  return rarity.runs.slice(0, 8).map((run, i) => {
    const holder = holderWords(run, 40);
    return [
      ...(i === 0 ? [span("rarest ", theme.dim)] : []),
      span(runText(theme, run), theme.strong),
      span(" ("),
      span(copiesWords(rarity, run), copiesStyle(theme, rarity, run.availability)),
      ...(holder === "" ? [] : [span(`, ${holder}`, theme.dim)]),
      span(")"),
    ];
  });
}

// ── what the neighbours lack ─────────────────────────────────────────────────────────────────────────────────────────

/** In words: what only we have, who lacks something, who will be complete when. */
export function lackingGroups(theme: Theme, rarity: Rarity): readonly (readonly Span[])[] {
  const only = rarity.copies[0] ?? 0;
  const { lackingCount, lacking } = rarity;
  const soon = lacking.filter(({ seconds }) => seconds !== null);
  const [first] = soon;
  const groups: (readonly Span[])[] = [];
  if (only > 0) groups.push([span(`${plural(only, "piece")} only we have`, theme.warn)]);
  else groups.push([span("nothing that only we have", theme.good)]);
  groups.push([span(`${plural(lackingCount, "neighbour")} ${lackingCount === 1 ? "lacks" : "lack"} something`)]);
  if (first?.seconds != null) {
    const when = `${theme.glyphs.about}${formatDuration(first.seconds)}`;
    groups.push([span(soon.length > 1 ? `the first is complete in ${when}` : `one is complete in ${when}`)]);
  }
  return groups;
}

function lackingLines(theme: Theme, rarity: Rarity, width: number): readonly (readonly Span[])[] {
  const head = fitGroups(lackingGroups(theme, rarity), span(` ${theme.glyphs.dot} `, theme.rule), width);
  return [head, ...rarity.lacking.map((row) => lackingLine(theme, row, width))];
}

function lackingLine(theme: Theme, { endpoint, lacks, seconds }: LackingRow, width: number): readonly Span[] {
  const when = seconds === null ? "when is not known" : `complete in ${theme.glyphs.about}${formatDuration(seconds)}`;
  return fitGroups(
    [
      [span(truncateMiddle(clean(endpoint), 21, theme.glyphs.ellipsis).padEnd(21), theme.dim)],
      [span(`lacks ${formatCount(lacks)}`.padEnd(14))],
      [span(when, seconds === null ? theme.dim : theme.text)],
    ],
    span(" "),
    width,
  );
}
