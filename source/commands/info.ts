/** `info`: what a .torrent file or a magnet link says. */
import { resolve } from "node:path";
import { codeOf, OperationalError } from "../base/errors.ts";
import { sanitise, shownPath } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import { looksLikeMagnet, type Magnet, parseMagnet } from "../metainfo/magnet.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { makeProfile } from "./directories.ts";
import { engineSettings } from "./engine-settings.ts";
import { hostEngine } from "./host-engine.ts";
import { type LoadedTorrent, loadTorrent, reasonOf } from "./load-torrent.ts";
import { lookUp } from "./look-up.ts";
import { nodePorts } from "./node-ports.ts";
import { openSettings } from "./settings-place.ts";
import type { infoSpec } from "./specs.ts";

export const runInfo: RunCommand<typeof infoSpec.options> = async (io, values, [source = ""]) => {
  const ports = nodePorts();
  const isLink = looksLikeMagnet(source);
  try {
    if (isLink && !values.fetch) {
      const magnet = parseMagnet(source);
      io.out(values.json ? `${JSON.stringify(magnetJson(magnet))}\n` : magnetText(magnet));
      return exitCode.done;
    }
    const { bytes, metainfo } = isLink
      ? await fetchInfo(io, values, source)
      : await loadTorrent(ports, io.workingDirectory, source);
    if (values.output !== undefined) {
      const path = resolve(io.workingDirectory, values.output);
      await ports.files.writeFileAtomic(path, bytes).catch((error: unknown) => {
        throw new OperationalError("unwritable", `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
      });
    }
    io.out(values.json ? `${JSON.stringify(infoJson(metainfo))}\n` : infoText(metainfo));
    return exitCode.done;
  } catch (error) {
    if (codeOf(error) === "cancelled") return exitCode.interrupted;
    throw error;
  } finally {
    ports.http.close();
  }
};

type Values = Parameters<typeof runInfo>[1];

/** Asks peers, from an engine that does nothing else. */
async function fetchInfo(io: CommandIo, values: Values, link: string): Promise<LoadedTorrent> {
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  const none = { "max-down": undefined, "max-up": undefined, slots: undefined, log: undefined };
  const settings = engineSettings(io, { ...values, ...none });
  await makeProfile(settings.profile);
  const file = await openSettings(io, settings);
  const engine = hostEngine(settings.profile, { command: "p2p-tui info", torrents: "named", settings: file });
  try {
    await engine.start();
    const waiting = (text: string): void => io.err(`${text}\n`);
    return await lookUp(engine.ports, await engine.connect(), link, { peers: values.peer, stop: stop.signal, waiting });
  } finally {
    await engine.stop();
    stopListening();
  }
}

function magnetJson({ infoHash, name, trackers, webSeeds, peers, only }: Magnet): object {
  return { infoHash, name, trackers, webSeeds, peers, only };
}

function magnetText({ infoHash, name, trackers, webSeeds, peers }: Magnet): string {
  const rows: (readonly [string, string])[] = [["Info hash", infoHash]];
  if (name !== "") rows.unshift(["Name", shownPath(name)]);
  for (const url of trackers) rows.push(["Tracker", url]);
  for (const url of webSeeds) rows.push(["Web seed", url]);
  for (const peer of peers) rows.push(["Peer", peer]);
  const lines = rows.map(([label, text]) => `${label.padEnd(11)}${sanitise(text, 2000)}`);
  lines.push("", "a magnet link says no more: --fetch asks peers for the rest");
  return `${lines.join("\n")}\n`;
}

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
    ["Name", shownPath(metainfo.name)],
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
    lines.push(`${formatSize(length).padStart(10)}  ${shownPath(path.join("/"), 4000)}`);
  return `${lines.join("\n")}\n`;
}

function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString().slice(0, 16).replace("T", " ");
}
