/** What the engine tells, as lines for the user: pure. Many of one kind at once become one line. */

import { unreachable } from "../base/assert.ts";
import type { InfoHash } from "../base/ids.ts";
import { formatDuration, formatSize } from "../base/units.ts";
import type { Notice } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import { plural } from "./format/numbers.ts";
import type { Tone } from "./state/app-state.ts";

export interface Message {
  readonly text: string;
  readonly tone: Tone;
}

/** The torrent's name, as far as it is known. */
export type NameOf = (infoHash: InfoHash) => string | undefined;

/** Names that are told where several torrents are meant. */
const namedMax = 3;

/** @param notices that came at about the same time; `checked` only of what the user had checked. */
export function noticeMessages(notices: readonly Notice[], nameOf: NameOf): readonly Message[] {
  const kinds = new Map<string, Notice[]>();
  for (const notice of notices) {
    // Each failure and warning may say something else.
    const together = togetherText(notice.kind) === undefined ? `${kinds.size}` : notice.kind;
    kinds.set(together, [...(kinds.get(together) ?? []), notice]);
  }
  return [...kinds.values()].flatMap((same) => {
    const message = same.length === 1 ? oneMessage(same[0], nameOf) : manyMessage(same, nameOf);
    return message === undefined ? [] : [message];
  });
}

function togetherText(kind: Notice["kind"]): { readonly text: string; readonly tone: Tone } | undefined {
  switch (kind) {
    case "complete":
      return { text: "are complete", tone: "good" };
    case "added":
      return { text: "were added", tone: "info" };
    case "checked":
      return { text: "are checked", tone: "good" };
    case "removed":
      return { text: "were removed", tone: "info" };
    case "restored":
      return { text: "are back", tone: "info" };
    case "goal":
      return { text: "have reached their seeding goals", tone: "good" };
    default:
      return undefined;
  }
}

function manyMessage(notices: readonly Notice[], nameOf: NameOf): Message | undefined {
  const [first] = notices;
  const together = first === undefined ? undefined : togetherText(first.kind);
  if (together === undefined) return undefined;
  const names = notices.slice(0, namedMax).map((notice) => nameIn(notice, nameOf));
  const more = notices.length > namedMax ? "…" : "";
  const trash = notices.find((notice) => notice.kind === "removed" && notice.inTrash !== "");
  const where = trash?.kind === "removed" ? `; their files are in ${trash.inTrash.replace(/\/[^/]*$/, "")}` : "";
  const text = `${plural(notices.length, "torrent")} ${together.text}: ${names.join(", ")}${more}${where}`;
  return { text, tone: together.tone };
}

function nameIn(notice: Notice, nameOf: NameOf): string {
  if ("name" in notice) return shownName(notice);
  if (!("infoHash" in notice)) return "";
  return nameOf(notice.infoHash) ?? `torrent ${notice.infoHash.slice(0, 8)}`;
}

/** @returns `undefined` for what the screen shows anyway. */
function oneMessage(notice: Notice | undefined, nameOf: NameOf): Message | undefined {
  switch (notice?.kind) {
    case "complete": {
      const { bytes, seconds } = notice;
      const text = `${nameIn(notice, nameOf)} is complete: ${formatSize(bytes)} in ${formatDuration(seconds)}`;
      return { text, tone: "good" };
    }
    case "failed":
      return { text: `${nameIn(notice, nameOf)}: ${notice.message}`, tone: "bad" };
    case "warning":
      return { text: notice.message, tone: "warn" };
    case "goal":
      return { text: `${nameIn(notice, nameOf)} ${notice.reason}`, tone: "good" };
    case "removed": {
      const where = notice.inTrash === "" ? "" : `, its files to ${notice.inTrash}`;
      return { text: `removed ${nameIn(notice, nameOf)}${where}`, tone: "info" };
    }
    case "restored":
      return { text: `${nameIn(notice, nameOf)} is back`, tone: "info" };
    case "added":
      return { text: `added ${nameIn(notice, nameOf)}`, tone: "info" };
    case "stopping":
      return { text: "the engine is stopping", tone: "warn" };
    case "checked": {
      const { verifiedLength, totalLength } = notice;
      const isWhole = verifiedLength === totalLength;
      const right = isWhole
        ? "all of it is right"
        : `${formatSize(verifiedLength)} of ${formatSize(totalLength)} is right`;
      return { text: `${nameIn(notice, nameOf)} is checked: ${right}`, tone: isWhole ? "good" : "warn" };
    }
    case undefined:
    case "listening":
    case "seeding":
      return undefined;
    default:
      return unreachable(notice);
  }
}
