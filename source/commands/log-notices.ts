/** Writes what an engine tells to its log: for an engine that nobody follows in the foreground. */
import type { ControlTarget } from "../control/control-target.ts";
import type { Notice } from "../control/protocol.ts";
import type { LogFile } from "./log-file.ts";

/** Not as a client: an engine that lingers counts those. */
export function logNotices(log: LogFile, target: Pick<ControlTarget, "onNotice">): void {
  target.onNotice((notice) => log.write(noticeText(notice)));
}

export function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case "listening":
      return `listening on ${notice.address} port ${notice.port}`;
    case "added":
      return `${notice.infoHash} added: ${notice.name}`;
    case "checked":
      return `${notice.infoHash} checked: ${notice.verifiedLength} of ${notice.totalLength} bytes`;
    case "complete":
      return `${notice.infoHash} complete after ${notice.seconds.toFixed(1)} s`;
    case "seeding":
      return `${notice.infoHash} seeding`;
    case "failed":
      return `${notice.infoHash} failed (${notice.code}): ${notice.message}`;
    case "goal":
      return `${notice.infoHash} ${notice.reason}: ${notice.action}`;
    case "removed":
      return `${notice.infoHash} removed: ${notice.name}${notice.inTrash === "" ? "" : `, its files to ${notice.inTrash}`}`;
    case "restored":
      return `${notice.infoHash} restored: ${notice.name}`;
    case "warning":
      return `warning: ${notice.message}`;
    case "stopping":
      return "stopping";
  }
}
