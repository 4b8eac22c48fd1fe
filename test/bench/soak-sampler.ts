/**
 * Loaded into the engine by `soak.ts` (`node --import`): every few seconds a line of JSON to the file that SOAK_SAMPLES names,
 * of what a leak would make grow. The heap is collected first, so that what is counted is in use.
 */
import { appendFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const path = process.env["SOAK_SAMPLES"];
const everyMs = Number(process.env["SOAK_EVERY_MS"] ?? 10_000);

if (path !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setInterval(() => {
    collect();
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const resources: Record<string, number> = {};
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
    const cpu = process.cpuUsage();
    const sample = { wallMs: Date.now(), rss, heapUsed, external, arrayBuffers, cpu: cpu.user + cpu.system, resources };
    appendFileSync(path, `${JSON.stringify(sample)}\n`);
  }, everyMs).unref();
}
