/** The panels that several views share: choker, rates, trackers, log. */
import { maskUrl } from "../../base/sanitise.ts";
import { formatDuration, formatRate } from "../../base/units.ts";
import type { LogLine, TorrentDetail, TrackerRow } from "../../control/protocol.ts";
import type { Rect } from "../format/canvas.ts";
import { formatClock, formatCount, formatCountdown } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import { displayWidth, truncateMiddle } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { drawArea, drawThinBar } from "./bars.ts";
import {
  clean,
  type Drawing,
  drawPanel,
  drawSpans,
  drawSpansRight,
  fitGroups,
  type Span,
  span,
  spansWidth,
} from "./drawing.ts";

// ── choker ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** BEP 3's rhythm: rates are ranked every 10 s, an optimistic unchoke is drawn every 30 s. */
const rechokePeriodMs = 10_000;
const optimisticPeriodMs = 30_000;
const slotSignsMax = 12;
/** Columns: what is left of the countdowns, at most; the bar of one; what it says, with the space before it; between all those. */
const leftWidthMax = 60;
const barWidthMin = 6;
const barWidthMax = 20;
const countdownWidth = 20;
const countdownGap = 3;

/** @param agoMs since the figures came; the countdowns run on from there. */
export function drawChoker(
  d: Drawing,
  x: number,
  y: number,
  width: number,
  detail: TorrentDetail,
  agoMs: number,
): void {
  const { theme } = d;
  const { choker } = detail;
  const used = choker.unchokedNeighbours;
  const slots = choker.regularSlots + 1;
  const g = theme.glyphs;
  // Only those in the window can be told apart; the others count as regular, which nearly all slots are.
  const optimistic = Math.min(used, detail.neighbours.filter((row) => row.slot === "optimistic").length);
  const signs: Span[] = [
    choker.mode === "super-seed" ? span("Super-seed ", theme.accent) : span("Choker ", theme.dim),
    span(g.slotRegular.repeat(Math.min(slotSignsMax, used - optimistic)), theme.good),
    span(g.slotOptimistic.repeat(optimistic), theme.warn),
    span(g.slotFree.repeat(Math.max(0, Math.min(slotSignsMax, slots) - used)), theme.rule),
    span(` ${used} of ${slots} slots`),
  ];
  const interested: Span[] = [span(`${formatCount(choker.interestedNeighbours)} want ours`, theme.dim)];
  const rechoke = countdown(theme, "rechoke", choker.rechokeMs - agoMs);
  const draw = countdown(theme, "optimistic draw", choker.optimisticMs - agoMs);
  const dot = span(` ${g.dot} `, theme.rule);
  const leftSpans = fitGroups([signs, interested], dot, leftWidthMax);
  const leftWidth = spansWidth(leftSpans);
  const barWidth = Math.min(barWidthMax, Math.floor((width - leftWidth - 2 * countdownGap) / 2) - countdownWidth);
  if (barWidth < barWidthMin) {
    const short = countdown(theme, "optimistic", choker.optimisticMs - agoMs);
    drawSpans(d, x, y, fitGroups([signs, rechoke, short, interested], dot, width), width);
    return;
  }
  drawSpans(d, x, y, leftSpans, leftWidth);
  let column = x + width - 2 * (barWidth + countdownWidth) - countdownGap;
  for (const [part, remainingMs, periodMs, style] of [
    [rechoke, choker.rechokeMs - agoMs, rechokePeriodMs, theme.good],
    [draw, choker.optimisticMs - agoMs, optimisticPeriodMs, theme.warn],
  ] as const) {
    drawThinBar(d, column, y, barWidth, 1 - Math.max(0, remainingMs) / periodMs, style);
    drawSpans(d, column + barWidth + 1, y, part, countdownWidth - 1);
    column += barWidth + countdownWidth + countdownGap;
  }
}

function countdown(theme: Theme, name: string, remainingMs: number): readonly Span[] {
  return [span(`${name} `, theme.dim), span(remainingMs <= 0 ? "now" : formatCountdown(remainingMs))];
}

// ── rates ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Two curves over the same time, one above the other. */
export function drawRates(d: Drawing, rect: Rect, down: readonly number[], up: readonly number[]): void {
  const { theme } = d;
  if (rect.height < 2 || rect.width < 10) return;
  const lower = Math.floor(rect.height / 2);
  const upper = rect.height - lower;
  drawCurve(d, { ...rect, height: upper }, theme.glyphs.down, down, theme.downGradient, theme.down);
  drawCurve(d, { ...rect, y: rect.y + upper, height: lower }, theme.glyphs.up, up, theme.upGradient, theme.up);
}

function drawCurve(
  d: Drawing,
  rect: Rect,
  sign: string,
  history: readonly number[],
  gradient: readonly StyleId[],
  style: StyleId,
): void {
  const { theme } = d;
  const hasHeading = rect.height >= 2;
  const area = hasHeading ? { ...rect, y: rect.y + 1, height: rect.height - 1 } : rect;
  const perColumn = Math.max(1, Math.ceil(Math.min(history.length, 300) / Math.max(1, rect.width)));
  const peak = drawArea(d, area, history, perColumn, gradient, 1024);
  if (!hasHeading) return;
  const now = history[history.length - 1] ?? 0;
  const shownSeconds = Math.min(history.length, rect.width * perColumn);
  drawSpans(d, rect.x, rect.y, [span(`${sign} `, style), span(formatRate(now))], rect.width);
  drawSpansRight(
    d,
    rect.x + rect.width,
    rect.y,
    [span(`peak ${formatRate(peak)} in ${formatDuration(shownSeconds)}`, theme.dim)],
    rect.width - 16,
  );
}

// ── trackers ─────────────────────────────────────────────────────────────────────────────────────────────────────

export function trackerLook(theme: Theme, row: TrackerRow): { readonly word: string; readonly style: StyleId } {
  switch (row.state) {
    case "working":
      return { word: "working", style: theme.good };
    case "announcing":
      return { word: "announcing", style: theme.accent };
    case "waiting":
      return { word: "waiting", style: theme.dim };
    case "failed":
      return { word: "failed", style: theme.bad };
    case "unsupported":
      return { word: "unsupported", style: theme.dim };
  }
}

/** When the next announce is due; "" where none is planned. */
export function trackerCountdown(row: TrackerRow, agoMs: number): string {
  if (row.nextAnnounceMs === null || row.state === "announcing") return "";
  const remaining = row.nextAnnounceMs - agoMs;
  return remaining <= 0 ? "now" : formatCountdown(remaining);
}

/** One tracker on one line: state, countdown, where it is, what it says. */
export function drawTrackerLine(d: Drawing, x: number, y: number, width: number, row: TrackerRow, agoMs: number): void {
  const { theme } = d;
  const look = trackerLook(theme, row);
  const due = trackerCountdown(row, agoMs);
  const head: readonly Span[] = [
    span(`${row.state === "failed" ? theme.glyphs.stateFailed : theme.glyphs.slotRegular} ${look.word}`, look.style),
    ...(due === "" ? [] : [span(row.state === "failed" ? " again in " : " next in ", theme.dim), span(due)]),
    span("  "),
  ];
  const column = drawSpans(d, x, y, head, width);
  const message = clean(row.message);
  const room = x + width - column;
  const url = shortUrl(row.url);
  if (message === "" || room < 40) {
    const text = message !== "" ? message : displayWidth(url) <= room ? url : url.replace(/^\w+:\/\//, "");
    drawSpans(d, column, y, [span(text, message !== "" ? look.style : theme.dim)], room);
    return;
  }
  const urlWidth = Math.min(displayWidth(url), Math.floor(room / 2));
  d.canvas.put(column, y, truncateMiddle(url, urlWidth, theme.glyphs.ellipsis), theme.dim);
  drawSpans(
    d,
    column + urlWidth + 2,
    y,
    [span(message, row.state === "failed" ? theme.bad : theme.warn)],
    room - urlWidth - 2,
  );
}

/** Scheme and host are enough to know a tracker by. */
export function shortUrl(url: string): string {
  return clean(maskUrl(url)).replace(/\/announce$/, "");
}

/** The most telling tracker first: one that works, then one that is asked, then one that failed. */
export function trackersByInterest(trackers: readonly TrackerRow[]): readonly TrackerRow[] {
  const rank: Record<TrackerRow["state"], number> = {
    working: 0,
    announcing: 1,
    failed: 2,
    waiting: 3,
    unsupported: 4,
  };
  return [...trackers].sort((a, b) => rank[a.state] - rank[b.state]);
}

// ── log ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The newest lines that fit. */
function drawLog(d: Drawing, rect: Rect, log: readonly LogLine[]): void {
  const { theme } = d;
  const lines = log.slice(Math.max(0, log.length - rect.height));
  if (lines.length === 0 && rect.height > 0) d.canvas.put(rect.x, rect.y, "nothing has happened yet", theme.dim);
  lines.forEach((line, i) => {
    drawSpans(
      d,
      rect.x,
      rect.y + i,
      [span(`${formatClock(line.wallMs)}  `, theme.dim), span(clean(line.text))],
      rect.width,
    );
  });
}

// ── together ─────────────────────────────────────────────────────────────────────────────────────────────────────

export function drawRatesPanel(d: Drawing, rect: Rect, detail: TorrentDetail, hasBorder: boolean): void {
  if (rect.height < 3) return;
  const content = drawPanel(d, rect, { title: [span("Rates", d.theme.title)], hasBorder });
  drawRates(d, content, detail.downHistory, detail.upHistory);
}

export function drawLogPanel(d: Drawing, rect: Rect, log: readonly LogLine[], hasBorder: boolean): void {
  if (rect.height < 2) return;
  const content = drawPanel(d, rect, { title: [span("Log", d.theme.title)], hasBorder });
  drawLog(d, content, log);
}
