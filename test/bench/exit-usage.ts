/**
 * To be imported into a process that is measured (`node --import`): when it ends it writes into `EXIT_USAGE_FILE` what it has used: seconds
 * of a core, the most memory that was resident, in MiB, and when it began and ended, in milliseconds since 1970.
 */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
  const endMs = performance.timeOrigin + performance.now();
  const figures = { cpuSeconds, peakRssMib: maxRSS / 1024, beginMs: performance.timeOrigin, endMs };
  writeFileSync(process.env["EXIT_USAGE_FILE"] ?? "exit-usage.json", JSON.stringify(figures));
});
