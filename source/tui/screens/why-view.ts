/** View 8: why the torrent does what it does: the engine's verdicts, the weightiest first. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Verdict, VerdictWeight } from "../../control/verdict.ts";
import { boundEvidence, boundLines } from "../components/bound-panel.ts";
import { clean, type Drawing, drawPanel, drawScrollbar, drawSpans, type Span, span } from "../components/drawing.ts";
import type { StyleId } from "../format/styles.ts";
import { wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planListing } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

/** More lines of one text say no more. */
const wrappedMax = 4;
const indent = "    ";
/** Longer lines are hard to read. */
const readableMax = 96;

export function drawWhyView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planListing(state.columns, state.rows);
  const content = drawPanel(d, plan.panel, {
    title: [span("Why?", theme.title)],
    hasBorder: plan.hasBorders,
  });
  const width = Math.min(content.width, readableMax);
  const lines = [
    ...detail.why.flatMap((verdict) => verdictLines(theme, verdict, width)),
    ...atBest(theme, detail, width),
  ];
  const last = Math.max(0, lines.length - content.height);
  const from = Math.min(open.whyOffset, last);
  lines.slice(from, from + content.height).forEach((line, i) => {
    drawSpans(d, content.x, content.y + i, line, width);
  });
  drawScrollbar(d, content.x + content.width, content.y, content.height, from, lines.length);
}

/** The bound and the forecast, with what they go by. */
function atBest(theme: Theme, detail: TorrentDetail, width: number): readonly (readonly Span[])[] {
  const { bound } = detail;
  if (bound === null) return [];
  const evidence = boundEvidence(bound).flatMap((text) => wrap(text, width - indent.length, wrappedMax));
  return [
    [],
    [span("At best", theme.title)],
    ...boundLines(theme, detail).map((line) => [span(indent), ...line]),
    ...evidence.map((text) => [span(indent + text, theme.dim)]),
  ];
}

/** Each after an empty line. */
function verdictLines(theme: Theme, { weight, sentence, evidence, help }: Verdict, width: number): readonly Span[][] {
  const { sign, word, style } = weightLook(theme, weight);
  const inner = width - indent.length;
  const texts = wrap(clean(sentence), inner - word.length - 2, wrappedMax);
  const lines = texts.map((text, i) =>
    i === 0
      ? [span(` ${sign}  `, style), span(text, theme.strong), span(`  ${word}`, style)]
      : [span(indent + text, theme.strong)],
  );
  for (const each of evidence) {
    for (const text of wrap(clean(each), inner, wrappedMax)) lines.push([span(indent + text, theme.dim)]);
  }
  if (help !== "") {
    wrap(clean(help), inner - 2, wrappedMax).forEach((text, i) => {
      lines.push([span(i === 0 ? `${indent}${theme.glyphs.arrowRight} ` : `${indent}  `, theme.key), span(text)]);
    });
  }
  return [[], ...lines];
}

function weightLook(
  theme: Theme,
  weight: VerdictWeight,
): { readonly sign: string; readonly word: string; readonly style: StyleId } {
  const g = theme.glyphs;
  switch (weight) {
    case "stops":
      return { sign: g.warning, word: "stops it", style: theme.bad };
    case "slows":
      return { sign: g.warning, word: "slows it", style: theme.warn };
    case "note":
      return { sign: g.dot, word: "", style: theme.accent };
  }
}
