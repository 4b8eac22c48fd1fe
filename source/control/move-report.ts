/** The plan of a move as it is told. */
import type { RelocationPlan } from "../storage/relocation-plan.ts";
import { moveReasonsMax } from "./limits.ts";
import type { MoveReport } from "./move-protocol.ts";

export function moveReport({ files, copyBytes, freeBytes, fits }: RelocationPlan): MoveReport {
  const counts = { rename: 0, copy: 0, absent: 0, conflict: 0 };
  const reasons: string[] = [];
  for (const file of files) {
    counts[file.action]++;
    if (file.action === "conflict" && reasons.length < moveReasonsMax) reasons.push(file.reason);
  }
  const { rename: renamed, copy: copied, absent, conflict: conflicts } = counts;
  return { renamed, copied, absent, copyBytes, freeBytes, fits, conflicts, reasons };
}
