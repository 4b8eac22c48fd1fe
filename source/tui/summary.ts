/** What is left on the terminal when the screen is gone. */
import { sanitise } from "../base/sanitise.ts";
import { formatCount, formatSize, plural } from "../base/units.ts";
import type { TorrentRow } from "../control/protocol.ts";
import { isComplete, isKnown, shownName } from "../control/torrent-row.ts";

/** What became of the engine. */
export type EngineFate = "kept" | "stopped" | "lost";

/** How to come back. @param profileOption what must follow the name of a command for this profile. */
export function engineLines(fate: EngineFate, torrents: number, profileOption: string): readonly string[] {
  const open = `\`p2p-tui${sanitise(profileOption, 4000)}\``;
  const stop = `\`p2p-tui engine stop${sanitise(profileOption, 4000)}\``;
  switch (fate) {
    case "kept":
      return [`the engine goes on in the background: ${open} comes back to it, ${stop} ends it`];
    case "stopped":
      return torrents === 0 ? [] : [`the engine has stopped: ${open} starts it again where it was`];
    case "lost":
      return [`${open} starts it again where it was`];
  }
}

/** More torrents than this are summed up; what failed is told all the same, up to as many. */
const summaryRowsMax = 8;

/** Safe to print. */
export function summaryLines(rows: readonly TorrentRow[]): readonly string[] {
  if (rows.length <= summaryRowsMax) return rows.map(summaryLine);
  const failed = rows.filter(({ state }) => state === "failed");
  const complete = rows.filter(isComplete).length;
  const uploaded = rows.reduce((sum, row) => sum + row.uploaded, 0);
  const sum = [
    `${plural(rows.length, "torrent")}: ${formatCount(complete)} complete`,
    `${formatCount(rows.length - complete)} not`,
    `uploaded ${formatSize(uploaded)}`,
  ];
  const rest = failed.length - summaryRowsMax;
  return [
    sum.join(", "),
    ...failed.slice(0, summaryRowsMax).map(summaryLine),
    ...(rest > 0 ? [`and ${formatCount(rest)} more that failed`] : []),
  ];
}

function summaryLine(row: TorrentRow): string {
  const done = !isKnown(row)
    ? "its metadata is not known yet"
    : isComplete(row)
      ? `complete, ${formatSize(row.wantedLength)}`
      : `${formatSize(row.wantedLength - row.leftLength)} of ${formatSize(row.wantedLength)} verified`;
  const reason = row.state === "failed" ? `, failed: ${sanitise(row.reason)}` : "";
  return `${shownName(row)}: ${done}, uploaded ${formatSize(row.uploaded)}${reason}`;
}
