/** Why the open torrent does what it does: the engine's verdicts, the weightiest first. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Verdict, VerdictWeight } from "../../control/verdict.ts";
import { boundEvidence, boundLines } from "../components/bound-panel.ts";
import { clean, type Drawing, drawSpans, drawSpansRight, type Span, span } from "../components/drawing.ts";
import type { StyleId } from "../format/styles.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import type { OpenTorrent } from "../state/app-state.ts";
import { drawDialog, inDialog } from "./dialog.ts";
import { asciiLabel } from "./help.ts";

/** More lines of one text say no more. */
const wrappedMax = 4;
const indent = "    ";

export function drawWhy(d: Drawing, open: OpenTorrent | null, offset: number): void {
  const { canvas, theme } = d;
  const width = Math.min(canvas.width, 84);
  const detail = open?.detail ?? null;
  const lines =
    detail === null
      ? [[span("Asking the engine…", theme.dim)]]
      : [
          ...detail.why.flatMap((verdict) => verdictLines(theme, verdict, width - 4)),
          ...atBest(theme, detail, width - 4),
        ];
  const name = detail === null ? "" : truncateMiddle(clean(detail.row.name), width - 14, theme.glyphs.ellipsis);
  const rect = drawDialog(d, width, lines.length + 3, name === "" ? "Why?" : `Why? ${name}`, theme.dialogBorder);
  const last = Math.max(0, lines.length - rect.height);
  const from = Math.min(offset, last);
  lines.slice(from, from + rect.height).forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + i, inDialog(theme, line), rect.width);
  });
  if (last > 0) {
    const more = [span(asciiLabel(theme, from < last ? " ↓ more " : " ↑ "), theme.dialogBorder)];
    drawSpansRight(d, rect.x + rect.width, rect.y + rect.height, more, rect.width);
  }
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
