/** Long computations that let others come to their turn. */
import type { Clock } from "../../ports/clock.ts";

/** What a peer or a key may wait for. */
const sliceMs = 5;

/** Does a computation that is cut into small steps, a few milliseconds of it a turn. */
export async function inSlices<Result>(clock: Clock, steps: Generator<undefined, Result>): Promise<Result> {
  for (let beganMs = clock.nowMs(); ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.nowMs() - beganMs < sliceMs) continue;
    await new Promise<void>((resolve) => {
      clock.after(0, resolve);
    });
    beganMs = clock.nowMs();
  }
}
