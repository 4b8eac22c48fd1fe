/** What a process has used together with all that it has started. Linux only: it is read from /proc. */
import { readdirSync, readFileSync } from "node:fs";

export interface TreeFigures {
  /** Seconds of a core, those of children that have ended included. */
  readonly cpuSeconds: number;
  /** The most that was resident of each, whenever that was, mapped files included. */
  readonly peakMib: number;
  /** What is resident now without mapped files. */
  readonly ownMib: number;
}

/** Of /proc/PID/stat, what follows the name; a tick is 10 ms. */
const fieldOf = { parent: 1, cpuTicks: [11, 12, 13, 14] } as const;

export function treeFigures(root: number): TreeFigures {
  const stats = new Map<number, readonly string[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const text = read(`/proc/${entry}/stat`);
    if (text !== "") stats.set(Number(entry), text.replace(/^.*\) /s, "").split(" "));
  }
  const tree = [root];
  for (const pid of tree) {
    for (const [child, fields] of stats) if (Number(fields[fieldOf.parent]) === pid) tree.push(child);
  }
  const sum = (of: (pid: number) => number): number => tree.reduce((total, pid) => total + of(pid), 0);
  const statuses = new Map(tree.map((pid) => [pid, read(`/proc/${pid}/status`)]));
  const mebibytes = (name: string) => (pid: number) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(statuses.get(pid) ?? "")?.[1] ?? 0) / 1024;
  return {
    cpuSeconds: sum((pid) => fieldOf.cpuTicks.reduce((all, i) => all + Number(stats.get(pid)?.[i] ?? 0), 0)) / 100,
    peakMib: sum(mebibytes("VmHWM")),
    ownMib: sum(mebibytes("RssAnon")),
  };
}

/** @returns "" of a process that has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
