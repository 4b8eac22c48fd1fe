/** Where a neighbour's last minute went, as a bar of states: each has a letter and a sign besides its colour. */
import { formatDuration } from "../../base/units.ts";
import { type DownTimes, downTimeWords, type UpTimes, upTimeWords } from "../../control/insight.ts";
import { formatPercent } from "../format/numbers.ts";
import type { StyleId } from "../format/styles.ts";
import type { Theme } from "../format/theme.ts";
import { type Drawing, fitGroups, type Span, span } from "./drawing.ts";

/** One state of a direction, and how much of the time it was. */
export interface TimePart {
  readonly state: string;
  readonly letter: string;
  /** Fills its stretch of the bar. */
  readonly sign: string;
  readonly style: StyleId;
  /** Two or three words, and a whole sentence. */
  readonly name: string;
  readonly words: string;
  /** 0 … 1 of the last minute. */
  readonly part: number;
  /** Seconds since it connected; 0 until known. */
  readonly seconds: number;
}

type Look = readonly [letter: string, name: string, sign: string, style: StyleId];

/** Full blocks: bytes flow as fast as the other side lets them. Half: we hold it up. Faint: nothing can flow. */
export function downParts(theme: Theme, times: DownTimes, totals: DownTimes | undefined): readonly TimePart[] {
  const g = theme.glyphs;
  const looks: Readonly<Record<keyof DownTimes, Look>> = {
    waiting: ["w", "on the way", g.have, theme.down],
    choked: ["c", "chokes us", g.barRest, theme.warn],
    snubbed: ["s", "snubs us", g.barRest, theme.bad],
    limited: ["l", "our limit", g.inFlight, theme.accent],
    disk: ["d", "our disk", g.inFlight, theme.bad],
    held: ["h", "not read", g.inFlight, theme.warn],
    idle: ["i", "not asked", g.horizontal, theme.dim],
    uninterested: ["n", "has nothing for us", g.horizontal, theme.rule],
  };
  return partsOf(looks, downTimeWords, times, totals);
}

/** As `downParts`, of what goes to it. */
export function upParts(theme: Theme, times: UpTimes, totals: UpTimes | undefined): readonly TimePart[] {
  const g = theme.glyphs;
  const looks: Readonly<Record<keyof UpTimes, Look>> = {
    line: ["w", "line is full", g.have, theme.up],
    choking: ["c", "we choke it", g.barRest, theme.warn],
    limited: ["l", "our limit", g.inFlight, theme.accent],
    disk: ["d", "our disk", g.inFlight, theme.bad],
    unasked: ["i", "asks nothing", g.horizontal, theme.dim],
    unwanted: ["n", "wants nothing", g.horizontal, theme.rule],
  };
  return partsOf(looks, upTimeWords, times, totals);
}

function partsOf<State extends string>(
  looks: Readonly<Record<State, Look>>,
  sentences: Readonly<Record<State, string>>,
  times: Readonly<Record<State, number>>,
  totals: Readonly<Record<State, number>> | undefined,
): readonly TimePart[] {
  return (Object.keys(looks) as State[])
    .map((state) => {
      const [letter, name, sign, style] = looks[state];
      const seconds = totals?.[state] ?? 0;
      return { state, letter, name, sign, style, words: sentences[state], part: times[state], seconds };
    })
    .filter(({ part, seconds }) => part > 0 || seconds > 0);
}

/** Each state has a stretch as long as its part; where there is room its letter stands in the middle. */
export function drawTimeBar(d: Drawing, x: number, y: number, width: number, parts: readonly TimePart[]): void {
  const { canvas, theme } = d;
  const whole = parts.reduce((sum, { part }) => sum + part, 0);
  if (whole <= 0) {
    canvas.put(x, y, "it came just now", theme.dim, width);
    return;
  }
  let passed = 0;
  for (const { part, sign, letter, style } of parts) {
    const from = Math.round((passed / whole) * width);
    passed += part;
    const to = Math.round((passed / whole) * width);
    canvas.fill({ x: x + from, y, width: to - from, height: 1 }, sign, style);
    if (to - from >= 3) canvas.put(x + Math.floor((from + to - 1) / 2), y, letter, theme.strong);
  }
}

/** Less is 0 % in figures. */
const worthSaying = 0.005;

/** The states on one line, those that took longest first; what does not fit is left out. */
export function timeLegend(theme: Theme, parts: readonly TimePart[], width: number): readonly Span[] {
  const groups = byLength(parts)
    .filter(({ part }) => part >= worthSaying)
    .map(({ letter, sign, style, name, part }) => [
      span(`${sign}${letter} `, style),
      span(`${name} `, theme.dim),
      span(formatPercent(part)),
    ]);
  return fitGroups(groups, span("  "), width);
}

/** The states on a line each: part of the last minute, time since it connected, what it means, as long as fits. */
export function timeLines(theme: Theme, parts: readonly TimePart[], width: number): readonly (readonly Span[])[] {
  return byLength(parts).map(({ letter, sign, style, name, words, part, seconds }) => [
    span(`${sign}${letter} `, style),
    span(formatPercent(part).padStart(4)),
    span(` ${seconds < 1 ? "" : formatDuration(seconds)}`.padEnd(10), theme.dim),
    span(words.length <= width - 17 ? words : name),
  ]);
}

export function byLength(parts: readonly TimePart[]): readonly TimePart[] {
  return [...parts].sort((a, b) => b.part - a.part || b.seconds - a.seconds);
}
