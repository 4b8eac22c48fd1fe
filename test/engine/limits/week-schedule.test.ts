import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WeekSchedule } from "../../../source/engine/limits/week-schedule.ts";
import type { LocalMinutes } from "../../../source/ports/clock.ts";

const day = 24 * 60;
const minutesOfWeek = 7 * day;
const minuteMs = 60_000;
const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** 1970 began on a Thursday. */
const utc: LocalMinutes = (wallMs) => (Math.floor(wallMs / minuteMs) + 3 * day) % minutesOfWeek;
const at = (text: string): number => {
  const [name = "", time = ""] = text.split(" ");
  const [hour, minute] = time.split(":");
  return names.indexOf(name) * day + Number(hour) * 60 + Number(minute);
};

describe("a schedule of the week", () => {
  it.each<[texts: string[], on: string[], off: string[]]>([
    [["mon-fri 08:00-18:00"], ["mon 08:00", "fri 17:59"], ["mon 07:59", "mon 18:00", "sat 12:00"]],
    [["sat,sun 22:00-06:00"], ["sat 22:00", "sun 05:59", "sun 23:00", "mon 05:59"], ["mon 06:00", "sat 05:00"]],
    [["daily 0:00-24:00"], ["mon 00:00", "sun 23:59"], []],
    [["fri-mon 1:30-2:00"], ["fri 01:30", "sat 01:30", "sun 01:30", "mon 01:59"], ["tue 01:30", "mon 02:00"]],
    [
      ["  TUE  09:00-10:00 ", "tue 09:30-11:00"],
      ["tue 09:00", "tue 10:59"],
      ["tue 11:00", "wed 09:00"],
    ],
    [
      ["mon 20:00-24:00", "wed 00:00-00:01"],
      ["mon 23:59", "wed 00:00"],
      ["tue 00:00", "wed 00:01"],
    ],
    [[], [], ["mon 00:00", "sun 23:59"]],
  ])("%j", (texts, on, off) => {
    const schedule = new WeekSchedule(texts);
    for (const time of on) expect([time, schedule.isOn(at(time))]).toEqual([time, true]);
    for (const time of off) expect([time, schedule.isOn(at(time))]).toEqual([time, false]);
  });

  const spans = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
    begin: fc.nat({ max: day - 1 }),
    end: fc.integer({ min: 1, max: day }),
  });
  const time = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const schedules = fc
    .array(spans, { maxLength: 4 })
    .map((all) => all.map(({ days, begin, end }) => `${days.join(",")} ${time(begin)}-${time(end)}`));

  it("says of each minute what its spans say, and when that changes", () => {
    fc.assert(
      fc.property(schedules, fc.nat({ max: minutesOfWeek - 1 }), (texts, minute) => {
        const schedule = new WeekSchedule(texts);
        const ahead = schedule.minutesToSwitch(minute);
        const now = schedule.isOn(minute);
        for (let i = 0; i < (ahead ?? minutesOfWeek); i++)
          expect(schedule.isOn((minute + i) % minutesOfWeek)).toBe(now);
        if (ahead !== undefined) expect(schedule.isOn((minute + ahead) % minutesOfWeek)).toBe(!now);
      }),
      { numRuns: 30 },
    );
  });

  it("finds the next switch on whatever day the clocks are put forward or back", () => {
    const changes = fc.array(
      fc.record({ atMinute: fc.nat({ max: 2 * minutesOfWeek }), by: fc.constantFrom(60, -60, 30, -30, 120, -120) }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(schedules, changes, fc.nat({ max: minutesOfWeek }), (texts, shifts, start) => {
        const schedule = new WeekSchedule(texts);
        const local: LocalMinutes = (wallMs) => {
          const minute = Math.floor(wallMs / minuteMs);
          const by = shifts.reduce((sum, one) => (minute >= one.atMinute ? sum + one.by : sum), 0);
          return (((minute + by) % minutesOfWeek) + minutesOfWeek) % minutesOfWeek;
        };
        const now = schedule.isOn(local(start * minuteMs));
        let expected: number | undefined;
        for (let minute = start + 1; minute <= start + minutesOfWeek + 240 && expected === undefined; minute++)
          if (schedule.isOn(local(minute * minuteMs)) !== now) expected = minute * minuteMs;
        expect(schedule.nextSwitchWallMs(start * minuteMs + 12_345, local)).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("knows the time of the next switch", () => {
    const schedule = new WeekSchedule(["mon-fri 08:00-18:00"]);
    const friday = Date.UTC(2026, 0, 2, 17, 59, 59);
    const evening = Date.UTC(2026, 0, 2, 18);
    expect(schedule.nextSwitchWallMs(friday, utc)).toBe(evening);
    expect(schedule.nextSwitchWallMs(evening, utc)).toBe(Date.UTC(2026, 0, 5, 8));
    expect(new WeekSchedule([]).nextSwitchWallMs(friday, utc)).toBe(undefined);
  });
});
