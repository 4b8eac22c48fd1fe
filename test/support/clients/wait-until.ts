/** Waiting for programs that tell nobody when they are ready. */
const everyMs = 100;

/** Thrown by a question: waiting longer is of no use. */
export class Hopeless extends Error {}

/**
 * Asks until the answer is true; a question that throws counts as "not yet". `describe` is added to the failure. `pauseMs`: until
 * it is asked again.
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  question: () => Promise<boolean> | boolean,
  describe: () => string = () => "",
  pauseMs: () => number = () => everyMs,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let problem: unknown;
  for (;;) {
    try {
      if (await question()) return;
      problem = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw new Error(`${what}: ${error.message}\n${describe()}`);
      problem = error;
    }
    if (performance.now() > deadline) {
      const last = problem === undefined ? "" : ` (last: ${problem})`;
      throw new Error(`${what}: not within ${timeoutMs / 1000} s${last}\n${describe()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs()));
  }
}
