/**
 * `demo-engine`: p2p-tui's engine in a demo that is watched. It is an engine as any, but for two things: it ends with the
 * demo's host (its standard input ends then), and it does not stay for ever.
 */

import type { RunCommand } from "./command.ts";
import { clearDemo, demoSettings, staySeconds } from "./demo-place.ts";
import { ownUpRate } from "./demo-plan.ts";
import { runEngine } from "./engine-run.ts";
import { UsageError } from "./option-table.ts";
import type { demoEngineSpec } from "./specs.ts";
import { inputEnded } from "./standard-input.ts";

/** A UI that is gone without a word takes the demo with it. */
const lingerSeconds = 2;

export const runDemoEngine: RunCommand<typeof demoEngineSpec.options> = async (io, { directory }) => {
  if (directory === undefined) throw new UsageError("demo-engine needs --directory");
  const settings = demoSettings(directory, ownUpRate.watched);
  const until = inputEnded(process.stdin);
  try {
    return await runEngine(io, settings, { lingerSeconds, staySeconds, logPath: undefined, until });
  } finally {
    await clearDemo(directory, []);
  }
};
