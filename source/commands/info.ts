/** `info`: what a .torrent file says. */
import { sanitise } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import type { infoSpec } from "./specs.ts";

export const runInfo: RunCommand<typeof infoSpec.options> = async (io, values, [source = ""]) => {
  const ports = nodePorts();
  try {
    const { metainfo } = await loadTorrent(ports, io.workingDirectory, source);
    io.out(values.json ? `${JSON.stringify(infoJson(metainfo))}\n` : infoText(metainfo));
    return exitCode.done;
  } finally {
    ports.http.close();
  }
};

export function infoJson(metainfo: Metainfo): object {
  return {
    infoHash: metainfo.infoHash,
    name: metainfo.name,
    totalBytes: metainfo.totalLength,
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    isPrivate: metainfo.isPrivate,
    trackerTiers: metainfo.trackerTiers,
    webSeeds: metainfo.webSeeds,
    comment: metainfo.comment ?? null,
    createdBy: metainfo.createdBy ?? null,
    creationDate: metainfo.creationDate ?? null,
    files: metainfo.files
      .filter(({ isPadding }) => !isPadding)
      .map(({ path, length }) => ({ path: path.join("/"), bytes: length })),
  };
}

export function infoText(metainfo: Metainfo): string {
  const files = metainfo.files.filter(({ isPadding }) => !isPadding);
  const rows: (readonly [string, string])[] = [
    ["Name", metainfo.name],
    ["Info hash", metainfo.infoHash],
    ["Size", `${formatSize(metainfo.totalLength)} (${metainfo.totalLength} bytes)`],
    ["Pieces", `${metainfo.pieceCount} of ${formatSize(metainfo.pieceLength)}`],
  ];
  if (metainfo.isPrivate) rows.push(["Private", "yes: peers come from its trackers only"]);
  if (metainfo.comment !== undefined) rows.push(["Comment", metainfo.comment]);
  if (metainfo.createdBy !== undefined) rows.push(["Created by", metainfo.createdBy]);
  if (metainfo.creationDate !== undefined) rows.push(["Created", dateText(metainfo.creationDate)]);
  metainfo.trackerTiers.forEach((tier, i) => {
    for (const url of tier) rows.push([metainfo.trackerTiers.length > 1 ? `Tracker ${i + 1}` : "Tracker", url]);
  });
  for (const url of metainfo.webSeeds) rows.push(["Web seed", url]);
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const lines = rows.map(([label, text]) => `${label.padEnd(width)}${sanitise(text, 2000)}`);
  lines.push("", `${files.length} ${files.length === 1 ? "file" : "files"}:`);
  for (const { path, length } of files)
    lines.push(`${formatSize(length).padStart(10)}  ${sanitise(path.join("/"), 4000)}`);
  return `${lines.join("\n")}\n`;
}

function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString().slice(0, 16).replace("T", " ");
}
