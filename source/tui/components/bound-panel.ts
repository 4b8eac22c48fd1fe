/** How fast the torrent could spread at best, beside how fast it goes, and when it will be complete. */
import { formatDuration } from "../../base/units.ts";
import type { BindingTerm, Bound, BoundInputs } from "../../control/bound.ts";
import type { Forecast } from "../../control/forecast.ts";
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatPercent } from "../format/numbers.ts";
import type { Theme } from "../format/theme.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span } from "./drawing.ts";

const binding: Readonly<Record<BindingTerm, string>> = {
  seed: "every byte must leave a seed once",
  slowest: "the slowest line must take it in",
  all: "everybody's copy must be uploaded",
};

export function drawBoundPanel(d: Drawing, rect: Rect, detail: TorrentDetail, hasBorder: boolean): void {
  if (rect.height < 3) return;
  const { theme } = d;
  const content = drawPanel(d, rect, { title: [span("At best", theme.title)], hasBorder });
  boundLines(theme, detail)
    .slice(0, content.height)
    .forEach((line, i) => {
      drawSpans(d, content.x, content.y + i, line, content.width);
    });
}

/** A line each: as it goes, both bounds and what binds them, how near it comes, and when it is complete. */
export function boundLines(theme: Theme, { bound, forecast, row }: TorrentDetail): readonly (readonly Span[])[] {
  const isComplete = row.verifiedLength >= row.totalLength;
  const end = isComplete ? [] : [forecastLine(theme, forecast)];
  if (bound === null) return [[span("said of what is active", theme.dim)], ...end];
  const { inputs, efficiency, p2pBinds, serverBinds } = bound;
  const sign = areMeasured(inputs) ? "" : theme.glyphs.about;
  const goes = isComplete ? "as it would take, at the rate of now" : "the whole, at the rate of now";
  return [
    line(theme, "as it goes", theme.glyphs.about, inputs.projectedSeconds, goes),
    line(theme, "D_p2p", sign, bound.p2pSeconds, p2pBinds === null ? "" : `at best: ${binding[p2pBinds]}`),
    line(theme, "D_cs", sign, bound.serverSeconds, serverBinds === null ? "" : `seeds alone: ${binding[serverBinds]}`),
    [
      label(theme, "efficiency"),
      ...(efficiency === null
        ? [span("not known", theme.dim)]
        : [
            span(`${theme.glyphs.about}${formatPercent(efficiency)}`.padEnd(valueWidth), theme.strong),
            span(
              isBeaten(bound) ? "faster: the bound is estimated too slow" : "of the best that is possible",
              theme.dim,
            ),
          ]),
    ],
    ...end,
  ];
}

/** What the bounds go by: each figure, whether it was seen, and whence. */
export function boundEvidence({ inputs }: Bound): readonly string[] {
  const of = (name: string, { isMeasured, basis }: BoundInputs["leeches"]): string =>
    `${name} ${isMeasured ? "is known" : "is an estimate"}: ${clean(basis)}`;
  return [
    of("who downloads", inputs.leeches),
    of("what seeds upload", inputs.seedRate),
    of("what leeches upload", inputs.leechRate),
    of("the slowest line", inputs.slowestDown),
  ];
}

function forecastLine(theme: Theme, forecast: Forecast | null): readonly Span[] {
  if (forecast === null) return [label(theme, "complete in"), span("cannot be said yet", theme.dim)];
  const { p50Seconds, p90Seconds, seenSeconds } = forecast;
  const about = (seconds: number): string => `${theme.glyphs.about}${formatDuration(seconds)}`;
  return [
    label(theme, "complete in"),
    span(about(p50Seconds).padEnd(valueWidth), theme.strong),
    span("P50, P90 ", theme.dim),
    ...(p90Seconds === null ? [span("not known", theme.dim)] : [span(about(p90Seconds), theme.strong)]),
    span(`, by the last ${formatDuration(seenSeconds)}`, theme.dim),
  ];
}

const labelWidth = 13;
const valueWidth = 10;

function label(theme: Theme, text: string): Span {
  return span(text.padEnd(labelWidth), theme.dim);
}

function line(theme: Theme, name: string, sign: string, seconds: number | null, words: string): readonly Span[] {
  if (seconds === null) return [label(theme, name), span("not known", theme.dim)];
  return [
    label(theme, name),
    span(`${sign}${formatDuration(seconds)}`.padEnd(valueWidth), theme.strong),
    span(words, theme.dim),
  ];
}

/** Nothing is faster than the true bound. */
function isBeaten({ p2pSeconds, inputs: { projectedSeconds } }: Bound): boolean {
  return p2pSeconds !== null && projectedSeconds !== null && projectedSeconds < p2pSeconds;
}

function areMeasured({ leeches, seedRate, leechRate, slowestDown }: BoundInputs): boolean {
  return [leeches, seedRate, leechRate, slowestDown].every(({ isMeasured }) => isMeasured);
}
