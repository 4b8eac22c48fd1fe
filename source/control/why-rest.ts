/** Why a torrent that is not active is not; and what is said of one that nothing holds up. Part of `why.ts`. */
import { formatRate } from "../base/units.ts";
import { type Verdict, verdict } from "./verdict.ts";
import type { WhyFacts } from "./why.ts";

const failureHelp: Readonly<Record<string, string>> = {
  "disk-full": "make room on that disk; it goes on by itself",
  "data-missing": "bring the files back (is the drive mounted?); or check it again to begin anew",
  "read-only": "make the folder writable",
  permission: "make the folder writable for this user",
  "profile-failed": "see to the disk of the profile: it must have room, and be readable and writable",
  held: "stop the other program that has this download",
};

export function restVerdict({ row, failureCode }: WhyFacts): Verdict {
  switch (row.state) {
    case "failed":
      return verdict("stops", failureCode || "failed", row.reason || "it failed", failureHelp[failureCode] ?? "");
    case "paused":
      return row.reason === ""
        ? verdict("stops", "paused", "it is paused", "resume it")
        : verdict("stops", "goal-reached", `it is paused: ${row.reason}`, "resume it to seed on, or change its goals");
    case "queued":
      return verdict(
        "stops",
        "queued",
        `it waits for its turn at place ${row.queuePosition} of the queue`,
        "move it up, force it, or let more be active at once",
        row.reason === "" ? [] : [row.reason],
      );
    case "checking":
      return verdict("stops", "checking", `its files are being checked: ${percentOf(row.checkedFraction)} so far`);
    case "moving":
      return verdict("stops", "moving", `its files are being moved: ${percentOf(row.checkedFraction)} so far`);
    // Of a magnet link `magnet-view.ts` tells more.
    case "fetching":
    case "downloading":
    case "seeding":
      return fine({ row });
  }
}

function percentOf(fraction: number | null): string {
  return `${Math.floor((fraction ?? 0) * 100)}%`;
}

export function fine({ row }: Pick<WhyFacts, "row">): Verdict {
  const isDown = row.state === "downloading";
  const rate = isDown ? row.downRate : row.upRate;
  const does = isDown ? "it downloads" : "it uploads";
  return rate < 1
    ? verdict("note", "fine", "nothing holds it up: it will begin in a moment")
    : verdict("note", "fine", `nothing holds it up: ${does} at ${formatRate(rate)}`);
}
