/** Why a download that has no neighbours has none, in words: what its trackers say. */
import { maskUrl } from "../base/sanitise.ts";
import type { TorrentDetail, TrackerRow } from "../control/protocol.ts";

/** @returns "" where it has neighbours or nothing can be said. */
export function waitingReason({ row, trackers, why }: Pick<TorrentDetail, "row" | "trackers" | "why">): string {
  if (row.state !== "downloading" || row.reason !== "" || row.neighbours > 0) return "";
  const [first] = trackers;
  if (first === undefined) return row.knownPeers > 0 ? "connecting" : (why[0]?.sentence ?? "no peer is known");
  if (row.knownPeers > 0) return "connecting";
  if (trackers.some(({ state }) => state === "working")) return "its trackers know no other peer";
  const failed = trackers.find(({ state }) => state === "failed");
  if (failed !== undefined) {
    const host = hostOf(failed);
    return failed.message.includes(host) ? `tracker: ${failed.message}` : `tracker ${host}: ${failed.message}`;
  }
  if (trackers.every(({ state }) => state === "unsupported")) return `tracker ${hostOf(first)}: not supported yet`;
  return `asking tracker ${hostOf(first)}`;
}

function hostOf(tracker: TrackerRow): string {
  const masked = maskUrl(tracker.url);
  return URL.canParse(masked) ? new URL(masked).host : masked;
}
