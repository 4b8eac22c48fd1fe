/**
 * To be imported into a process that is measured (`node --import`): when it ends it writes into `EXIT_USAGE_FILE` what it has used: seconds
 * of a core (on Linux with what children of it that have ended used), the most memory that was resident, in MiB, and when it
 * began and ended, in milliseconds since 1970.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** In ticks of 10 ms. */
function childTicks(): number {
  if (!existsSync("/proc/self/stat")) return 0;
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6 + childTicks() / 100;
  const endMs = performance.timeOrigin + performance.now();
  const figures = { cpuSeconds, peakRssMib: maxRSS / 1024, beginMs: performance.timeOrigin, endMs };
  writeFileSync(process.env["EXIT_USAGE_FILE"] ?? "exit-usage.json", JSON.stringify(figures));
});
