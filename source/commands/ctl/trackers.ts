/** `ctl trackers`: the trackers of a torrent, passkeys masked. */
import { maskUrl, sanitise } from "../../base/sanitise.ts";
import { formatDuration } from "../../base/units.ts";
import type { TrackerRow } from "../../control/protocol.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlTrackersSpec } from "../ctl-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";
import { onceDetail, scrapedDetail } from "./torrent-detail.ts";

const columns: readonly Column<TrackerRow>[] = [
  { title: "TIER", isRight: true, text: ({ tier }) => String(tier) },
  { title: "STATE", text: ({ state }) => state },
  { title: "SEEDS", isRight: true, text: ({ seeds }) => countText(seeds) },
  { title: "LEECHES", isRight: true, text: ({ leeches }) => countText(leeches) },
  { title: "COMPLETED", isRight: true, text: ({ downloaded }) => countText(downloaded) },
  { title: "PEERS", isRight: true, text: ({ peersReceived }) => String(peersReceived) },
  {
    title: "NEXT",
    isRight: true,
    text: ({ nextAnnounceMs }) => (nextAnnounceMs === null ? "·" : formatDuration(nextAnnounceMs / 1000)),
  },
  {
    title: "URL",
    text: ({ url, message }) => `${maskUrl(url)}${message === "" ? "" : ` (${sanitise(message)})`}`,
  },
];

export const runCtlTrackers: RunCommand<typeof ctlTrackersSpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const { infoHash } = oneTorrent((await wholeList(client)).rows, name);
    const { trackers } = values.scrape ? await scrapedDetail(client, infoHash) : await onceDetail(client, infoHash);
    io.out(values.json ? jsonLines(trackers.map(trackerJson)) : tableText(io, columns, trackers));
    if (trackers.length === 0 && !values.json) io.err("it names no tracker\n");
    return exitCode.done;
  });

function trackerJson(row: TrackerRow): object {
  return {
    url: row.url,
    tier: row.tier,
    state: row.state,
    message: row.message,
    seeds: row.seeds,
    leeches: row.leeches,
    downloaded: row.downloaded,
    peersReceived: row.peersReceived,
    nextAnnounceSeconds: row.nextAnnounceMs === null ? null : Math.round(row.nextAnnounceMs / 1000),
  };
}

function countText(count: number | null): string {
  return count === null ? "·" : String(count);
}
