/**
 * Gives memory back when the engine has nothing to do. A start with thousands of torrents leaves garbage that V8 keeps pages
 * for until more comes; where none comes that would be for ever. So once in a while, if the process was idle for a minute and its
 * heap has grown a lot since, the garbage is collected: a pause of a tenth of a second at most, when nobody waits for anything.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock, Timer } from "../ports/clock.ts";

const everyMs = 30_000;
/** Of one processor's time: below this the process counts as idle. */
const idleShare = 0.05;
const growthBytesMin = 24 * 2 ** 20;

export interface MemoryLook {
  /** Of the processor, since the last look: 0 … */
  readonly busyShare: number;
  readonly heapBytes: number;
  /** After the last collection, 0 before the first. */
  readonly heapBytesThen: number;
}

export function isWorthCollecting({ busyShare, heapBytes, heapBytesThen }: MemoryLook): boolean {
  return busyShare < idleShare && heapBytes - heapBytesThen > growthBytesMin;
}

/** @returns how to stop it. */
export function keepMemorySmall(clock: Clock): () => void {
  let heapBytesThen = 0;
  let cpu = process.cpuUsage();
  let atMs = clock.nowMs();
  let timer: Timer;
  const look = (): void => {
    const now = process.cpuUsage();
    const nowMs = clock.nowMs();
    const busyMs = (now.user + now.system - cpu.user - cpu.system) / 1000;
    const busyShare = busyMs / Math.max(1, nowMs - atMs);
    cpu = now;
    atMs = nowMs;
    if (isWorthCollecting({ busyShare, heapBytes: process.memoryUsage().heapUsed, heapBytesThen })) {
      collectGarbage();
      heapBytesThen = process.memoryUsage().heapUsed;
    }
    timer = clock.after(everyMs, look);
  };
  timer = clock.after(everyMs, look);
  return () => timer.cancel();
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
