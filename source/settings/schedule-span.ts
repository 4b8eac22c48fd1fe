/** Spans of the week as people write them: `mon-fri 08:00-18:00`, `sat,sun 00:00-24:00`, `daily 22:00-06:00`. */

export const minutesOfDay = 1440;

/** All days by name, with room. */
const textLengthMax = 100;
const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The same span on each of some days of the week. */
export interface ScheduleSpan {
  /** 0 is Monday; ascending, each once. */
  readonly days: readonly number[];
  /** Minutes after midnight, 0 … 1439. */
  readonly from: number;
  /** Minutes after the midnight that begins the day: above `from`; beyond 1440 where it goes on into the next day. */
  readonly to: number;
}

/**
 * Days are `mon` … `sun`, ranges of them (`fri-mon` goes over the weekend), lists with commas, or `daily`; then a time of
 * day and another, `HH:MM`. A second time that is not after the first is of the next day: `22:00-06:00`.
 * @returns `undefined` where it is none.
 */
export function parseSpan(text: string): ScheduleSpan | undefined {
  if (text.length > textLengthMax) return undefined;
  const match = /^\s*([a-z, -]{3,80}?)\s+(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)\s*$/i.exec(text);
  if (match === null) return undefined;
  const [, days = "", ...times] = match;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = times.map(Number);
  const from = 60 * fromHour + fromMinute;
  const to = 60 * toHour + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= minutesOfDay || to > minutesOfDay) return undefined;
  const parsed = parseDays(days.toLowerCase());
  return parsed === undefined ? undefined : { days: parsed, from, to: to > from ? to : to + minutesOfDay };
}

function parseDays(text: string): readonly number[] | undefined {
  if (text === "daily") return dayNames.map((_, day) => day);
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first, last, ...more] = part.split("-").map((name) => dayNames.indexOf(name.trim()));
    if (first === undefined || first < 0 || last === -1 || more.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % dayNames.length) {
      days.add(day);
      if (day === (last ?? first)) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}
