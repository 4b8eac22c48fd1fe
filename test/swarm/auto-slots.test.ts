import { describe, expect, it } from "vitest";
import { AutoSlots } from "../../source/swarm/auto-slots.ts";

describe("slots that follow the upload rate", () => {
  it("are four on slow lines, and grow with the root of the rate up to fifty", () => {
    const at = (rate: number) => new AutoSlots().see(rate, 0);
    expect([0, 20_000, 200_000].map(at)).toEqual([4, 4, 4]);
    expect([1_048_576, 4_194_304, 10_485_760, 1e9].map(at)).toEqual([11, 22, 35, 50]);
  });

  it("stay for a while when nobody asks for so much", () => {
    const slots = new AutoSlots();
    slots.see(10_485_760, 0);
    expect(slots.see(0, 10_000)).toBe(35);
    expect(slots.see(0, 300_000)).toBe(25);
    expect(slots.see(0, 3_600_000)).toBe(4);
  });
});
