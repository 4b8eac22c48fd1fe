/** Which keys help against what a verdict says. What is not named here has words alone. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Verdict } from "../../control/verdict.ts";
import type { CommandId } from "../../preferences/commands.ts";

export interface Remedy {
  readonly command: CommandId;
  /** What the key does about it: "raises its limit". */
  readonly does: string;
}

const asks: Remedy = { command: "reannounce", does: "asks the trackers again" };
const neighbours: Remedy = { command: "viewNeighbours", does: "shows its neighbours" };
const moves: Remedy = { command: "moveData", does: "moves it to another disk" };
const skips: Remedy = { command: "viewFiles", does: "shows its files: some can be skipped" };
const resumes: Remedy = { command: "pauseResume", does: "resumes it" };
const allLimits: Remedy = { command: "limits", does: "changes the limits of all" };
const ownLimit: Remedy = { command: "options", does: "raises its own limit" };

const byCode: Readonly<Record<string, readonly Remedy[]>> = {
  paused: [resumes],
  "goal-reached": [resumes, { command: "options", does: "changes its goals" }],
  queued: [
    { command: "queueTop", does: "moves it to the top of the queue" },
    { command: "options", does: "lets it start without waiting" },
  ],
  "nothing-wanted": [{ command: "viewFiles", does: "shows its files: want one of them" }],
  "own-down-limit": [ownLimit],
  "down-limit": [allLimits],
  "down-limit-held": [allLimits],
  "up-limit": [allLimits],
  "upload-starved": [allLimits],
  "trackers-failed": [asks],
  unreachable: [asks],
  connecting: [asks],
  "no-peers": [asks],
  "no-neighbours": [asks],
  "data-missing": [{ command: "recheck", does: "checks it again, and begins anew where it is gone" }],
  "disk-full": [moves, skips],
  "disk-short": [moves, skips],
  "disk-bound": [moves],
  "pieces-nowhere": [{ command: "viewPieces", does: "shows where those pieces are" }, asks],
  "all-choke": [{ command: "viewLedger", does: "shows who gives and who takes" }],
  choked: [{ command: "viewLedger", does: "shows who gives and who takes" }],
  snubbed: [neighbours],
  "none-useful": [neighbours],
  "few-slots": [{ command: "options", does: "gives it more slots" }],
};

const keepsHelp: ReadonlySet<string> = new Set([
  "unreachable",
  "data-missing",
  "disk-full",
  "disk-short",
  "pieces-nowhere",
  "all-choke",
  "choked",
  "snubbed",
]);

/** Whether the keys say what the verdict's help says. */
export function saysAll(code: string): boolean {
  return !keepsHelp.has(code);
}

/** Its own limits, where it has such; else those of all torrents. */
export function remediesOf({ code }: Verdict, { choices }: Pick<TorrentDetail, "choices">): readonly Remedy[] {
  if (code === "down-limit-held" && choices.maxDownRate > 0) return [ownLimit];
  if ((code === "upload-starved" || code === "up-limit") && choices.maxUpRate > 0) return [ownLimit];
  return byCode[code] ?? [];
}
