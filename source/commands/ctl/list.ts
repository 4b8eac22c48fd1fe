/** `ctl list`: all torrents. */
import { sanitise } from "../../base/sanitise.ts";
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { filterOf, filterProblem } from "../../control/torrent-filter.ts";
import { isKnown, shortHash, shownName } from "../../control/torrent-row.ts";
import { formatPercent, formatRatio } from "../../tui/format/numbers.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlListSpec } from "../ctl-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { type Column, jsonLines, tableText } from "./table.ts";

const columns: readonly Column<TorrentRow>[] = [
  { title: "HASH", text: shortHash },
  { title: "STATE", text: ({ state }) => state },
  { title: "DONE", isRight: true, text: doneText },
  { title: "SIZE", isRight: true, text: (row) => (isKnown(row) ? formatSize(row.totalLength) : "·") },
  { title: "DOWN", isRight: true, text: ({ downRate }) => rateText(downRate) },
  { title: "UP", isRight: true, text: ({ upRate }) => rateText(upRate) },
  { title: "PEERS", isRight: true, text: ({ neighbours }) => String(neighbours) },
  { title: "RATIO", isRight: true, text: ({ uploaded, downloaded }) => formatRatio(uploaded, downloaded) },
  { title: "LEFT", isRight: true, text: ({ etaSeconds }) => (etaSeconds === null ? "·" : formatDuration(etaSeconds)) },
  { title: "NAME", text: nameText },
];

export const runCtlList: RunCommand<typeof ctlListSpec.options> = async (io, values, terms) => {
  const problem = filterProblem(terms);
  if (problem !== undefined) throw new UsageError(problem);
  return withRunningEngine(io, values.profile, async (client) => {
    const all = (await wholeList(client)).rows;
    const rows = all.filter(filterOf(terms));
    io.out(values.json ? jsonLines(rows.map(torrentJson)) : tableText(io, columns, rows));
    if (rows.length === 0 && !values.json) {
      io.err(all.length === 0 ? "there are no torrents\n" : `none of ${all.length} torrents fits\n`);
    }
    return exitCode.done;
  });
};

/** One torrent for scripts, see the README. */
export function torrentJson(row: TorrentRow): object {
  return {
    infoHash: row.infoHash,
    name: row.name,
    state: row.state,
    queuePosition: row.queuePosition,
    reason: row.reason,
    directory: row.savePath,
    isPrivate: row.isPrivate,
    bytes: row.verifiedLength,
    wantedBytes: row.wantedLength,
    leftBytes: row.leftLength,
    totalBytes: row.totalLength,
    pieces: row.verifiedPieces,
    totalPieces: row.pieceCount,
    pieceLength: row.pieceLength,
    checkedFraction: row.checkedFraction,
    downRate: Math.round(row.downRate),
    upRate: Math.round(row.upRate),
    downloaded: row.downloaded,
    uploaded: row.uploaded,
    wasted: row.wasted,
    etaSeconds: row.etaSeconds === null ? null : Math.round(row.etaSeconds),
    neighbours: row.neighbours,
    seeds: row.neighbourSeeds,
    knownPeers: row.knownPeers,
    swarmSeeds: row.swarmSeeds,
    swarmLeeches: row.swarmLeeches,
    labels: row.labels,
    trackers: row.trackerHosts,
    addedAt: timeText(row.addedWallMs),
    completedAt: row.completedWallMs === null ? null : timeText(row.completedWallMs),
  };
}

function timeText(wallMs: number): string | null {
  const date = new Date(wallMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function nameText(row: TorrentRow): string {
  const { reason, labels } = row;
  const shown = labels.length === 0 ? "" : ` [${labels.map((label) => sanitise(label)).join(", ")}]`;
  return `${shownName(row)}${shown}${reason === "" ? "" : ` (${sanitise(reason)})`}`;
}

/** Of a magnet link: of its metadata. */
function doneText(row: TorrentRow): string {
  if (!isKnown(row)) return formatPercent(row.checkedFraction ?? 0);
  const { state, checkedFraction, leftLength, wantedLength } = row;
  const fraction =
    state === "checking" ? (checkedFraction ?? 0) : wantedLength === 0 ? 1 : 1 - leftLength / wantedLength;
  return formatPercent(fraction);
}

function rateText(rate: number): string {
  return rate < 1 ? "·" : formatRate(rate);
}
