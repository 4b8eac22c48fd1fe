import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const rounds = 100;

type Collect = (options?: { readonly type: "minor" | "major" }) => void;

/**
 * Bytes of garbage that outlive collections of young objects alone. @param work done again and again, and leaving nothing.
 * What there is when it begins is old.
 */
export function oldGarbageOf(work: (round: number) => void): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  // What it keeps is there before it is measured.
  work(0);
  collect();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 1; round <= rounds; round++) {
    work(round);
    collect({ type: "minor" });
  }
  collect({ type: "minor" });
  return process.memoryUsage().heapUsed - before;
}
