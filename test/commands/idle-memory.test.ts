import { expect, it } from "vitest";
import { isWorthCollecting, keepMemorySmall } from "../../source/commands/idle-memory.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const MiB = 2 ** 20;

it("collects only while idle, and only where the heap has grown a lot", () => {
  expect(isWorthCollecting({ busyShare: 0.01, heapBytes: 100 * MiB, heapBytesThen: 0 })).toBe(true);
  expect(isWorthCollecting({ busyShare: 0.5, heapBytes: 100 * MiB, heapBytesThen: 0 })).toBe(false);
  expect(isWorthCollecting({ busyShare: 0.01, heapBytes: 100 * MiB, heapBytesThen: 90 * MiB })).toBe(false);
});

it("looks for as long as it is not stopped", async () => {
  const clock = new VirtualClock();
  const stop = keepMemorySmall(clock);
  await clock.run(200_000);
  stop();
  await clock.run(200_000);
  expect(process.memoryUsage().heapUsed).toBeGreaterThan(0);
});
