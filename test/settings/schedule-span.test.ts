import { describe, expect, it } from "vitest";
import { parseSpan } from "../../source/settings/schedule-span.ts";

describe("a span of the week", () => {
  it.each([
    ["mon-fri 08:00-18:00", [0, 1, 2, 3, 4], 480, 1080],
    ["sat,sun 00:00-24:00", [5, 6], 0, 1440],
    ["sat 22:00-06:00", [5], 1320, 1800],
    ["fri-mon 8:30-9:00", [0, 4, 5, 6], 510, 540],
    ["  Mon , wed-thu 00:00-00:00 ", [0, 2, 3], 0, 1440],
    ["daily 23:59-24:00", [0, 1, 2, 3, 4, 5, 6], 1439, 1440],
  ])("%j is read", (text, days, from, to) => {
    expect(parseSpan(text)).toEqual({ days, from, to });
  });

  it.each([
    "",
    "mon",
    "08:00-18:00",
    "mon 24:00-25:00",
    "mon 08:60-09:00",
    "mon 08:00-24:01",
    "mon- 08:00-09:00",
    "-mon 08:00-09:00",
    "mon-tue-wed 08:00-09:00",
    "mon,,tue 08:00-09:00",
    "moon 08:00-09:00",
    "mon 08:00-09:00 tue 08:00-09:00",
  ])("%j is none", (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
});
