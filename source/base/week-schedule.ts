/**
 * Times of the week, from texts such as `mon-fri 08:00-18:00`, `sat,sun 22:00-06:00` (over midnight, into the next day),
 * `daily 01:00-07:00`. Local time comes in as the minute of the week, so that nothing here knows of zones and seasons.
 */
import { OperationalError } from "./errors.ts";

const minutesOfDay = 24 * 60;
export const minutesOfWeek = 7 * minutesOfDay;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** More than anybody's week has. */
const spansMax = 200;
const textLengthMax = 200;

/** The minute of the week, 0 … 10,079, at which people's clocks are at some moment; Monday 00:00 is 0. */
export type LocalMinutes = (wallMs: number) => number;

export class WeekSchedule {
  /** One for each minute of the week. */
  readonly #isOn = new Uint8Array(minutesOfWeek);

  /** @throws OperationalError `bad-schedule` that quotes the first text that cannot be read. */
  constructor(texts: readonly string[]) {
    if (texts.length > spansMax) throw new OperationalError("bad-schedule", `more than ${spansMax} times of the week`);
    for (const text of texts) {
      const { days: chosen, begin, length } = parseSpan(text);
      for (const day of chosen) {
        for (let i = 0; i < length; i++) this.#isOn[(day * minutesOfDay + begin + i) % minutesOfWeek] = 1;
      }
    }
  }

  /** @param minute of the week. */
  isOn(minute: number): boolean {
    return this.#isOn[minute] === 1;
  }

  /** Minutes until it is otherwise, 1 or more; `undefined` where it is always the same. */
  minutesToSwitch(minute: number): number | undefined {
    const before = this.#isOn[minute];
    for (let ahead = 1; ahead < minutesOfWeek; ahead++) {
      if (this.#isOn[(minute + ahead) % minutesOfWeek] !== before) return ahead;
    }
    return undefined;
  }

  /** When it is otherwise next, on a full minute; `undefined` where it is always the same. */
  nextSwitchWallMs(wallMs: number, local: LocalMinutes): number | undefined {
    const before = this.isOn(local(wallMs));
    let at = Math.floor(wallMs / minuteMs) * minuteMs;
    // Clocks are put forward and back on the way: near the switch it is looked at minute by minute.
    for (let steps = 0; steps < stepsMax; steps++) {
      const ahead = this.minutesToSwitch(local(at));
      if (ahead === undefined) return undefined;
      at += Math.max(1, ahead - clockChangeMinutesMax) * minuteMs;
      if (this.isOn(local(at)) !== before) return at;
    }
    return undefined;
  }
}

const minuteMs = 60_000;
/** By as much clocks are put forward or back at once. */
const clockChangeMinutesMax = 120;
/** Each step but a few comes a minute nearer, or leaps over an hour that is not there. */
const stepsMax = 1000;

interface Span {
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly begin: number;
  readonly length: number;
}

function parseSpan(text: string): Span {
  const shown = JSON.stringify(text.slice(0, textLengthMax));
  const refuse = (why: string): never => {
    throw new OperationalError(
      "bad-schedule",
      `${shown} is not a time of the week such as "mon-fri 08:00-18:00": ${why}`,
    );
  };
  if (text.length > textLengthMax) return refuse("it is too long");
  const [dayText = "", timeText = "", ...more] = text.trim().toLowerCase().split(/\s+/);
  if (timeText === "" || more.length > 0) return refuse("it needs days and times");
  const [, fromHour, fromMinute, toHour, toMinute] = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(timeText) ?? [];
  if (fromHour === undefined) return refuse("the times are two such as 08:00, with - between them");
  const begin = minuteOf(fromHour, fromMinute);
  const end = minuteOf(toHour, toMinute);
  if (begin === undefined || begin === minutesOfDay || end === undefined)
    return refuse("there is no such time of the day");
  if (begin === end) return refuse("it ends when it begins");
  const chosen = daysOf(dayText);
  if (chosen === undefined) return refuse(`the days are some of ${days.join(", ")}, or daily`);
  return { days: chosen, begin, length: end > begin ? end - begin : end + minutesOfDay - begin };
}

/** 24:00 is the end of the day. */
function minuteOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const sum = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && sum <= minutesOfDay ? sum : undefined;
}

function daysOf(text: string): readonly number[] | undefined {
  if (text === "daily") return days.map((_, day) => day);
  const chosen = new Set<number>();
  for (const part of text.split(",")) {
    const [from = "", to = from, ...more] = part.split("-");
    const first = days.indexOf(from);
    const last = days.indexOf(to);
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    // sat-mon goes round the end of the week.
    for (let day = first; ; day = (day + 1) % days.length) {
      chosen.add(day);
      if (day === last) break;
    }
  }
  return [...chosen];
}
