/** The system's clocks and timers. */
import type { Clock, Timer } from "../ports/clock.ts";

/** Of the global object it is an accessor, which costs more than the call. */
const { performance } = globalThis;

/** setTimeout takes 32-bit signed milliseconds (about 24.8 days); more would fire at once. */
const delayMsMax = 2 ** 31 - 1;

/** Newer than the oldest Node that we run on. */
const threadCpuUsage: NodeJS.Process["threadCpuUsage"] | undefined = process.threadCpuUsage;

function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export class NodeClock implements Clock {
  readonly busyMs = threadCpuUsage === undefined ? undefined : busyMs;

  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  localMinutes(wallMs: number): number {
    const date = new Date(wallMs);
    return ((date.getDay() + 6) % 7) * 1440 + date.getHours() * 60 + date.getMinutes();
  }

  after(delayMs: number, callback: () => void): Timer {
    if (delayMs === 0) {
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    const dueMs = performance.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      if (remainingMs > delayMsMax) handle = setTimeout(() => arm(dueMs - performance.now()), delayMsMax);
      else handle = setTimeout(callback, Math.max(0, remainingMs));
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  }
}
