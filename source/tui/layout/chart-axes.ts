/** The axes of a graph of rates over time: readable steps of rates, clock times and dates at their places. Pure. */
import type { Graph } from "../../control/insight.ts";

/** What stands at a distance from the bottom, 0 … 1. */
export interface RateMark {
  readonly at: number;
  readonly text: string;
}

export interface RateAxis {
  /** Bytes per second at the top; more than 0. */
  readonly top: number;
  /** From the bottom to the top, both included; the bottom alone where nothing flowed. */
  readonly marks: readonly RateMark[];
}

/** Steps that are easy to count by; times ten, a hundred … of a unit. */
const easySteps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const units = ["B", "KiB", "MiB", "GiB", "TiB"];
const topMin = 1024;

/** Where nothing flowed there is nothing to count by. @param peak bytes per second that must fit. @param intervals between marks, at least 1. */
export function rateAxis(peak: number, intervals: number): RateAxis {
  if (peak <= 0) return { top: topMin, marks: [{ at: 0, text: "0" }] };
  const most = Math.max(topMin, peak);
  const power = Math.min(units.length - 1, Math.floor(Math.log2(most) / 10));
  const unit = 1024 ** power;
  const step = easyStep(most / unit / intervals);
  const marks = Array.from({ length: intervals + 1 }, (_, i) => ({
    at: i / intervals,
    text: i === 0 ? "0" : `${Number((step * i).toFixed(3))} ${units[power]}/s`,
  }));
  return { top: step * intervals * unit, marks };
}

/** The least easy step that is not less. @param least more than 0. */
function easyStep(least: number): number {
  const ten = 10 ** Math.floor(Math.log10(least));
  return ten * (easySteps.find((step) => step * ten >= least) ?? 10);
}

/** A time under the graph, at a distance from its left end, 0 … 1. */
export interface TimeMark {
  readonly at: number;
  readonly text: string;
}

/** Seconds between two marks, from close to far; from a day on they are midnights. */
const timeSteps = [60, 120, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200] as const;
const daySteps = [1, 2, 4, 7, 14] as const;
const daySeconds = 86_400;

/** @param columns that the graph is wide: texts must not touch. In the time zone of whoever looks. */
export function timeMarks(
  graph: Pick<Graph, "newestWallMs" | "stepSeconds" | "down">,
  columns: number,
): readonly TimeMark[] {
  const { stepSeconds, newestWallMs } = graph;
  const steps = graph.down.length;
  const endMs = newestWallMs + stepSeconds * 1000;
  const spanSeconds = steps * stepSeconds;
  const startMs = endMs - spanSeconds * 1000;
  const room = (seconds: number): number => (seconds / spanSeconds) * columns;
  const isDays = spanSeconds > 3 * daySeconds;
  const times = isDays
    ? midnights(startMs, endMs, daySteps.find((days) => room(days * daySeconds) >= dayTextWidth + 2) ?? 14)
    : clockTimes(startMs, endMs, timeSteps.find((seconds) => room(seconds) >= clockTextWidth + 3) ?? 43_200);
  return times.map((wallMs) => ({
    at: (wallMs - startMs) / (endMs - startMs),
    text: isDays ? dayText(wallMs) : clockText(wallMs),
  }));
}

const dayTextWidth = 10;
const clockTextWidth = 5;

function clockTimes(startMs: number, endMs: number, stepSeconds: number): readonly number[] {
  const stepMs = stepSeconds * 1000;
  // Where clocks are set, the offset of the end holds for all: for hours that is near enough.
  const offsetMs = new Date(endMs).getTimezoneOffset() * 60_000;
  const times: number[] = [];
  for (let ms = Math.ceil((startMs - offsetMs) / stepMs) * stepMs + offsetMs; ms < endMs; ms += stepMs) times.push(ms);
  return times;
}

function midnights(startMs: number, endMs: number, days: number): readonly number[] {
  const times: number[] = [];
  const day = new Date(endMs);
  day.setHours(0, 0, 0, 0);
  for (; day.getTime() >= startMs; day.setDate(day.getDate() - days)) times.unshift(day.getTime());
  return times;
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Mon 3 Nov`. */
export function dayText(wallMs: number): string {
  const date = new Date(wallMs);
  return `${weekdays[date.getDay()]} ${date.getDate()} ${months[date.getMonth()]}`;
}

/** `14:05`. */
export function clockText(wallMs: number): string {
  const date = new Date(wallMs);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/**
 * Means for `columns` columns of any number of steps; `null` where nothing of a column is known. Steps that lie in two
 * columns count for both by their parts, so the sum stays.
 */
export function chartColumns(values: readonly (number | null)[], columns: number): readonly (number | null)[] {
  const perColumn = values.length / columns;
  return Array.from({ length: columns }, (_, column) => {
    const from = column * perColumn;
    const to = from + perColumn;
    let sum = 0;
    let known = 0;
    for (let step = Math.floor(from); step < Math.min(values.length, Math.ceil(to)); step++) {
      const value = values[step];
      if (value === null || value === undefined) continue;
      const part = Math.min(to, step + 1) - Math.max(from, step);
      sum += Math.max(0, value) * part;
      known += part;
    }
    return known <= 1e-9 ? null : sum / known;
  });
}

/** Parts of the span that a young graph is drawn over: a few, so that it seldom changes its scale. */
const youngParts = [1 / 12, 1 / 6, 1 / 3, 1 / 2];
/** Less has no place for a full minute. */
const youngSecondsMin = 90;

/** The end of a graph of which the beginning is not known: of an engine that ran for minutes, hours say nothing. */
export function sinceKnown(graph: Graph): Graph {
  const steps = graph.down.length;
  const first = graph.down.findIndex((value, step) => value !== null || (graph.up[step] ?? null) !== null);
  const isEnough = (part: number): boolean =>
    steps - first <= steps * part && steps * part * graph.stepSeconds >= youngSecondsMin;
  const part = first < 0 ? undefined : youngParts.find(isEnough);
  if (part === undefined) return graph;
  const from = steps - Math.ceil(steps * part);
  return { ...graph, down: graph.down.slice(from), up: graph.up.slice(from) };
}

export interface GraphWords {
  /** Of the time that is known; bytes per second. */
  readonly mean: number;
  readonly peak: number;
  /** When the step with the peak began. */
  readonly peakWallMs: number;
  /** Bytes, nearly: the newest step is not over yet. */
  readonly sum: number;
  /** Of the whole span, how many seconds are known. */
  readonly knownSeconds: number;
}

/** `undefined` where nothing is known. */
export function graphWords(
  values: readonly (number | null)[],
  graph: Pick<Graph, "newestWallMs" | "stepSeconds">,
): GraphWords | undefined {
  const { stepSeconds, newestWallMs } = graph;
  let sum = 0;
  let known = 0;
  let peakAt = -1;
  values.forEach((value, step) => {
    if (value === null) return;
    known++;
    sum += value;
    if (peakAt < 0 || value > (values[peakAt] ?? 0)) peakAt = step;
  });
  if (known === 0) return undefined;
  return {
    mean: sum / known,
    peak: values[peakAt] ?? 0,
    peakWallMs: newestWallMs - (values.length - 1 - peakAt) * stepSeconds * 1000,
    sum: sum * stepSeconds,
    knownSeconds: known * stepSeconds,
  };
}
