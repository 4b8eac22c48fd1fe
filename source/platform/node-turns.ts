import type { Turns } from "../ports/turns.ts";

/** `nextTick` runs once the queue of promises is empty: a twentieth of what waiting for the event loop would take. */
export const nodeTurns: Turns = {
  settle: () => new Promise((resolve) => process.nextTick(resolve)),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  realMs: () => performance.now(),
};
