import { describe, expect, it } from "vitest";
import { NodeClock } from "../../source/platform/node-clock.ts";

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

describe("the system's clock", () => {
  it("knows the local minute of the week, summer time and all", () => {
    const clock = new NodeClock();
    const shown = new Intl.DateTimeFormat("en-US", {
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    for (let hour = 0; hour < 366 * 24; hour += 7) {
      const wallMs = Date.UTC(2026, 0, 1, hour, hour % 60, 59);
      const parts = Object.fromEntries(shown.formatToParts(wallMs).map(({ type, value }) => [type, value]));
      const expected =
        days.indexOf(parts["weekday"] ?? "") * 1440 + Number(parts["hour"]) * 60 + Number(parts["minute"]);
      expect(clock.localMinutes(wallMs)).toBe(expected);
    }
  });
});
