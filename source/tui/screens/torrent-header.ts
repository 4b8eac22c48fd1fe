/** The lines over every view of a torrent: what it is, how far, how fast. */
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import type { TorrentDetail, TorrentRow } from "../../control/protocol.ts";
import { isComplete, isKnown, shownName } from "../../control/torrent-row.ts";
import { drawBar, drawSparkline } from "../components/bars.ts";
import {
  clean,
  type Drawing,
  drawSpans,
  drawSpansRight,
  fitGroups,
  type Span,
  span,
  spansWidth,
} from "../components/drawing.ts";
import { barStyle, shownFraction, stateLook } from "../components/torrent-state.ts";
import type { Rect } from "../format/canvas.ts";
import { formatPercent, formatRatio, plural } from "../format/numbers.ts";

export function drawTorrentHeader(d: Drawing, rect: Rect, row: TorrentRow, detail: TorrentDetail | null): void {
  drawNameLine(d, rect.x + 1, rect.y, rect.width - 2, row, detail);
  drawProgressLine(d, rect.x + 1, rect.y + 1, rect.width - 2, row);
  if (rect.height >= 3) drawRatesLine(d, rect.x + 1, rect.y + 2, rect.width - 2, row, detail);
}

const nameWidthMin = 16;

function drawNameLine(
  d: Drawing,
  x: number,
  y: number,
  width: number,
  row: TorrentRow,
  detail: TorrentDetail | null,
): void {
  const { theme } = d;
  const look = stateLook(theme, row);
  const state: readonly Span[] = [span(`${look.sign} ${look.word}`, look.style)];
  const reason = clean(row.reason) || (detail === null ? "" : clean(whyStill(detail)));
  const stateWidth = spansWidth(state);
  drawSpansRight(d, x + width, y, state, width);
  const name: Span[] = [span(shownName(row), theme.strong)];
  if (row.isPrivate) name.push(span("  private", theme.dim));
  const why = reason === "" ? [] : [span(`  ${reason}`, row.state === "failed" ? theme.bad : theme.warn)];
  const room = width - stateWidth - 2;
  // A long name leaves room for the reason, which matters more.
  const nameRoom = Math.max(Math.min(nameWidthMin, room), room - spansWidth(why));
  const end = drawSpans(d, x, y, name, nameRoom);
  drawSpans(d, end, y, why, x + room - end);
}

/** Why a download that is active stands still; "" where it does not. The whole of it is a key away. */
function whyStill({ row, why }: TorrentDetail): string {
  const [first] = why;
  return row.state === "downloading" && first?.weight === "stops" ? first.sentence : "";
}

function drawProgressLine(d: Drawing, x: number, y: number, width: number, row: TorrentRow): void {
  const { theme } = d;
  const fraction = shownFraction(row);
  const isWhole = isComplete(row);
  const rest = row.wantedLength < row.totalLength ? ` (${formatSize(row.totalLength)} in all)` : "";
  const eta = row.etaSeconds === null ? "" : formatDuration(row.etaSeconds);
  const groups: (readonly Span[])[] = [[span(formatPercent(fraction, 1).padStart(6), theme.strong)]];
  groups.push(
    row.state === "checking" || row.state === "moving"
      ? [
          span(row.state === "moving" ? "moved; " : "checked; ", theme.dim),
          span(formatSize(row.verifiedLength)),
          span(" verified", theme.dim),
        ]
      : !isKnown(row)
        ? [span("its size is not known yet", theme.dim)]
        : isWhole
          ? [span(formatSize(row.wantedLength)), span(` verified${rest}`, theme.dim)]
          : [
              span(formatSize(row.wantedLength - row.leftLength)),
              span(` of ${formatSize(row.wantedLength)}${rest}`, theme.dim),
            ],
  );
  if (row.state === "downloading") {
    groups.push(eta === "" ? [span("ETA unknown", theme.dim)] : [span("ETA ", theme.dim), span(eta, theme.strong)]);
  }
  const text = fitGroups(groups, span("  "), width - 8);
  // A fixed place for the figures, so that the bar's end does not move while they change.
  const textWidth = Math.min(width - 8, Math.max(spansWidth(text), 6 + 2 + 20 + 2 + 11));
  const barWidth = width - textWidth - 2;
  drawBar(d, x, y, barWidth, fraction, barStyle(theme, row));
  drawSpans(d, x + barWidth + 2, y, text, textWidth);
}

function drawRatesLine(
  d: Drawing,
  x: number,
  y: number,
  width: number,
  row: TorrentRow,
  detail: TorrentDetail | null,
): void {
  const { theme } = d;
  const g = theme.glyphs;
  const sparkWidth = Math.max(0, Math.min(40, Math.floor((width - 66) / 2) + 6));
  let column = drawSpans(
    d,
    x,
    y,
    [span(`${g.down} `, theme.down), span(formatRate(row.downRate).padEnd(11), theme.downStrong)],
    13,
  );
  if (sparkWidth > 3) drawSparkline(d, column, y, sparkWidth, detail?.downHistory ?? [], theme.downGradient);
  column += sparkWidth + 2;
  column = drawSpans(
    d,
    column,
    y,
    [span(`${g.up} `, theme.up), span(formatRate(row.upRate).padEnd(11), theme.upStrong)],
    13,
  );
  if (sparkWidth > 3) drawSparkline(d, column, y, sparkWidth, detail?.upHistory ?? [], theme.upGradient);
  column += sparkWidth + 2;
  const leeches = row.neighbours - row.neighbourSeeds;
  const groups: (readonly Span[])[] = [
    [
      span(plural(row.neighbourSeeds, "seed")),
      span(` ${g.dot} `, theme.rule),
      span(plural(leeches, "leech", "leeches")),
    ],
    [span("ratio ", theme.dim), span(formatRatio(row.uploaded, row.downloaded))],
    [span("knows ", theme.dim), span(plural(row.knownPeers, "peer"))],
  ];
  if (row.wasted > 0) groups.push([span("wasted ", theme.dim), span(formatSize(row.wasted))]);
  const room = x + width - column;
  const spans = fitGroups(groups, span("   "), room);
  drawSpansRight(d, x + width, y, spans, room);
}
