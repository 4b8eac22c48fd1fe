/** What is left on the terminal when the screen is gone. */
import { sanitise } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import type { TorrentRow } from "../control/protocol.ts";

/** What became of the engine. */
export type EngineFate = "kept" | "stopped" | "lost";

/** How to come back. */
export function engineLines(fate: EngineFate, torrents: number): readonly string[] {
  switch (fate) {
    case "kept":
      return ["the engine goes on in the background: `p2p-tui` comes back to it, `p2p-tui engine stop` ends it"];
    case "stopped":
      return torrents === 0 ? [] : ["the engine has stopped: `p2p-tui` starts it again where it was"];
    case "lost":
      return ["`p2p-tui` starts it again where it was"];
  }
}

/** More torrents than this are only counted. */
const summaryRowsMax = 8;

/** One line a torrent, safe to print. */
export function summaryLines(rows: readonly TorrentRow[]): readonly string[] {
  const lines = rows.slice(0, summaryRowsMax).map((row) => {
    const done =
      row.leftLength === 0
        ? `complete, ${formatSize(row.wantedLength)}`
        : `${formatSize(row.wantedLength - row.leftLength)} of ${formatSize(row.wantedLength)} verified`;
    const reason = row.state === "failed" ? `, failed: ${sanitise(row.reason)}` : "";
    return `${sanitise(row.name)}: ${done}, uploaded ${formatSize(row.uploaded)}${reason}`;
  });
  if (rows.length > summaryRowsMax) lines.push(`and ${rows.length - summaryRowsMax} more`);
  return lines;
}
