import { describe, expect, it } from "vitest";
import { ReadPace } from "../../source/storage/read-pace.ts";

describe("the pace of reading", () => {
  it("is not trusted before a read was quick", () => {
    const pace = new ReadPace();
    expect(pace.isWarm(0)).toBe(false);
    pace.readLater(20, 20);
    expect(pace.isWarm(20)).toBe(false);
    pace.readLater(0.3, 21);
    expect(pace.isWarm(21)).toBe(true);
  });

  it("is trusted no more after a slow read, and twice as hard to win back each time", () => {
    const pace = new ReadPace();
    for (let slow = 0; slow < 12; slow++) {
      let reads = 0;
      for (; !pace.isWarm(0); reads++) pace.readLater(0.2, 0);
      expect(reads).toBe(Math.min(1024, 2 ** slow));
      pace.readAtOnce(12, 0);
      expect(pace.isWarm(0)).toBe(false);
    }
    for (let i = 0; i < 1023; i++) pace.readLater(0.2, 0);
    pace.readLater(8, 0);
    expect(pace.isWarm(0)).toBe(false);
    pace.readLater(0.2, 0);
    expect(pace.isWarm(0)).toBe(true);
  });

  it("forgives with quick reads", () => {
    const pace = new ReadPace();
    pace.readLater(1, 0);
    pace.readAtOnce(12, 0);
    pace.readLater(1, 0);
    pace.readLater(1, 0);
    for (let i = 0; i < 256; i++) pace.readAtOnce(0.1, 0);
    // A single one: a busy processor, not a disk.
    pace.readAtOnce(12, 0);
    expect(pace.isWarm(0)).toBe(true);
    pace.readAtOnce(12, 0);
    expect(pace.isWarm(0)).toBe(false);
    pace.readLater(1, 0);
    expect(pace.isWarm(0)).toBe(false);
    pace.readLater(1, 0);
    expect(pace.isWarm(0)).toBe(true);
  });

  it("is asked for anew after a pause: the disk may sleep", () => {
    const pace = new ReadPace();
    pace.readLater(1, 0);
    expect(pace.isWarm(9000)).toBe(true);
    expect(pace.isWarm(10_000)).toBe(false);
    pace.readLater(3000, 14_000);
    expect(pace.isWarm(14_000)).toBe(false);
    pace.readLater(1, 14_001);
    expect(pace.isWarm(14_001)).toBe(true);
  });
});
