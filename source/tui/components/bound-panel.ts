/** How fast the torrent could spread at best, beside how fast it goes, and when it will be complete. */
import { formatDuration } from "../../base/units.ts";
import type { BindingTerm, Bound, BoundInputs } from "../../control/bound.ts";
import type { Forecast } from "../../control/forecast.ts";
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatPercent } from "../format/numbers.ts";
import { clean, type Drawing, drawPanel, drawSpans, span } from "./drawing.ts";
import { inTheme, sign, type Word, word } from "./words.ts";

const binding: Readonly<Record<BindingTerm, string>> = {
  seed: "every byte must leave a seed once",
  slowest: "the slowest line must take it in",
  all: "everybody's copy must be uploaded",
};

export function drawBoundPanel(d: Drawing, rect: Rect, detail: TorrentDetail, hasBorder: boolean): void {
  if (rect.height < 3) return;
  const { theme } = d;
  const content = drawPanel(d, rect, { title: [span("At best", theme.title)], hasBorder });
  boundLines(detail)
    .slice(0, content.height)
    .forEach((words, i) => {
      drawSpans(d, content.x, content.y + i, inTheme(theme, words), content.width);
    });
}

/** A line each: as it goes, both bounds and what binds them, how near it comes, and when it is complete. */
export function boundLines({ bound, forecast, row }: TorrentDetail): readonly (readonly Word[])[] {
  const isComplete = row.verifiedLength >= row.totalLength;
  const end = isComplete ? [] : [forecastLine(forecast)];
  if (bound === null) return [[word("said of what is active", "dim")], ...end];
  if (isUnknown(bound)) return [[word("not known: nobody gives anything to go by", "dim")], ...end];
  const { inputs, efficiency, p2pBinds, serverBinds } = bound;
  const isAbout = !areMeasured(inputs);
  const goes = isComplete ? "as it would take, at the rate of now" : "the whole, at the rate of now";
  const beaten = isBeaten(bound) ? "at least: the bound is estimated too slow" : "of the best that is possible";
  return [
    line("as it goes", true, inputs.projectedSeconds, goes),
    line("D_p2p", isAbout, bound.p2pSeconds, p2pBinds === null ? "" : `at best: ${binding[p2pBinds]}`),
    line("D_cs", isAbout, bound.serverSeconds, serverBinds === null ? "" : `seeds alone: ${binding[serverBinds]}`),
    [
      label("efficiency"),
      ...(efficiency === null
        ? [word("not known", "dim")]
        : [...value(true, formatPercent(efficiency)), word(beaten, "dim")]),
    ],
    ...end,
  ];
}

/** What the bounds go by: each figure, whether it was seen, and whence. */
export function boundEvidence(bound: Bound): readonly string[] {
  const { inputs } = bound;
  if (isUnknown(bound)) return [];
  const of = (name: string, { isMeasured, basis }: BoundInputs["leeches"]): string =>
    `${name} ${isMeasured ? "is known" : "is an estimate"}: ${clean(basis)}`;
  return [
    of("who downloads", inputs.leeches),
    of("what seeds upload", inputs.seedRate),
    of("what leeches upload", inputs.leechRate),
    of("the slowest line", inputs.slowestDown),
  ];
}

function isUnknown({ p2pSeconds, serverSeconds, inputs }: Bound): boolean {
  return p2pSeconds === null && serverSeconds === null && inputs.projectedSeconds === null;
}

function forecastLine(forecast: Forecast | null): readonly Word[] {
  if (forecast === null) return [label("complete in"), word("cannot be said yet", "dim")];
  const { p50Seconds, p90Seconds, seenSeconds } = forecast;
  return [
    label("complete in"),
    ...value(true, formatDuration(p50Seconds)),
    word("P50, P90 ", "dim"),
    ...(p90Seconds === null
      ? [word("not known", "dim")]
      : [sign("about", "strong"), word(formatDuration(p90Seconds), "strong")]),
    word(`, by the last ${formatDuration(seenSeconds)}`, "dim"),
  ];
}

const labelWidth = 13;
const valueWidth = 10;

function label(text: string): Word {
  return word(text.padEnd(labelWidth), "dim");
}

function value(isAbout: boolean, text: string): readonly Word[] {
  return isAbout
    ? [sign("about", "strong"), word(text.padEnd(valueWidth - 1), "strong")]
    : [word(text.padEnd(valueWidth), "strong")];
}

function line(name: string, isAbout: boolean, seconds: number | null, words: string): readonly Word[] {
  if (seconds === null) return [label(name), word("not known", "dim")];
  return [label(name), ...value(isAbout, formatDuration(seconds)), word(words, "dim")];
}

/** Nothing is faster than the true bound. */
function isBeaten({ p2pSeconds, inputs: { projectedSeconds } }: Bound): boolean {
  return p2pSeconds !== null && projectedSeconds !== null && projectedSeconds < p2pSeconds;
}

function areMeasured({ leeches, seedRate, leechRate, slowestDown }: BoundInputs): boolean {
  return [leeches, seedRate, leechRate, slowestDown].every(({ isMeasured }) => isMeasured);
}
