/** The simulator's clock for tests that let promises go on by the event loop. */
import { VirtualClock as Clock } from "../../source/simulator/virtual-clock.ts";

/** Lets every promise that is ready to go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class VirtualClock extends Clock {
  /** Lets `ms` pass; after each timer (and before the first) all ready promises go on. */
  async run(ms: number): Promise<void> {
    const endMs = this.nowMs() + ms;
    await settle();
    while (this.step(endMs) !== undefined) await settle();
    this.reach(endMs);
  }
}
