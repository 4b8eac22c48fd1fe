/** What the engine tells, as a line for the user. */
import { unreachable } from "../base/assert.ts";
import type { InfoHash } from "../base/ids.ts";
import { formatDuration, formatSize } from "../base/units.ts";
import type { Notice } from "../control/protocol.ts";
import type { Tone } from "./state/app-state.ts";

export interface Message {
  readonly text: string;
  readonly tone: Tone;
}

/** @param nameOf the torrent's name, as far as it is known. @returns `undefined` for what the screen shows anyway. */
export function noticeMessage(notice: Notice, nameOf: (infoHash: InfoHash) => string | undefined): Message | undefined {
  const name = (infoHash: InfoHash): string => nameOf(infoHash) ?? `torrent ${infoHash.slice(0, 8)}`;
  switch (notice.kind) {
    case "complete": {
      const { infoHash, bytes, seconds } = notice;
      return {
        text: `${name(infoHash)} is complete: ${formatSize(bytes)} in ${formatDuration(seconds)}`,
        tone: "good",
      };
    }
    case "failed":
      return { text: `${name(notice.infoHash)}: ${notice.message}`, tone: "bad" };
    case "warning":
      return { text: notice.message, tone: "warn" };
    case "goal":
      return { text: `${notice.name} ${notice.reason}`, tone: "good" };
    case "removed":
      return { text: `removed ${notice.name}`, tone: "info" };
    case "restored":
      return { text: `${notice.name} is back`, tone: "info" };
    case "added":
      return { text: `added ${notice.name}`, tone: "info" };
    case "stopping":
      return { text: "the engine is stopping", tone: "warn" };
    case "listening":
    case "checked":
    case "seeding":
      return undefined;
    default:
      return unreachable(notice);
  }
}
