/**
 * To be imported into a process that is measured (`node --import`): at each SIGUSR2 it writes into `LOOP_DELAY_FILE` how long
 * its event loop had kept a timer of 1 ms waiting since the last one, in milliseconds.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const path = process.env["LOOP_DELAY_FILE"] ?? "loop-delay.json";
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
process.on("SIGUSR2", () => {
  const figures = { p50: delays.percentile(50) / 1e6, p99: delays.percentile(99) / 1e6, max: delays.max / 1e6 };
  writeFileSync(`${path}.new`, JSON.stringify(figures));
  renameSync(`${path}.new`, path);
  delays.reset();
});
