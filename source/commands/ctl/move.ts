/** `ctl move` and `ctl rename`: where a torrent's files are, and what they are called there. */
import { resolve } from "node:path";
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";
import { formatSize } from "../../base/units.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import { isMoveReport, type MoveCommand, type MoveReport } from "../../control/move-protocol.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlMoveSpec, ctlRenameSpec } from "../ctl-move-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { naming } from "./each-torrent.ts";
import { Outcomes } from "./outcomes.ts";
import { oneTorrent } from "./select-torrents.ts";

export const runCtlMove: RunCommand<typeof ctlMoveSpec.options> = (io, values, [name = "", folder = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const row = oneTorrent((await wholeList(client)).rows, name);
    const isDryRun = values["dry-run"];
    const savePath = resolve(io.workingDirectory, folder);
    const report = await answered(client, row, { name: "move", infoHash: row.infoHash, savePath, isDryRun });
    const { reasons, conflicts } = report;
    const event = isDryRun ? "would move" : "moved";
    const text = `${event} to ${sanitise(savePath, 1000)} (${summed(report, isDryRun)}):`;
    const more = { directory: savePath, isDryRun, ...report };
    new Outcomes(io, values.json).done(isDryRun ? "dry-run" : "moved", row, more, text);
    for (const reason of reasons) io.err(`p2p-tui: ${sanitise(reason, 1000)}\n`);
    if (conflicts > reasons.length) io.err(`p2p-tui: and ${conflicts - reasons.length} more are in the way\n`);
    if (!report.fits) io.err("p2p-tui: there is not the room\n");
    return conflicts > 0 || !report.fits ? exitCode.failed : exitCode.done;
  });

export const runCtlRename: RunCommand<typeof ctlRenameSpec.options> = (io, values, words) =>
  withRunningEngine(io, values.profile, async (client) => {
    const [torrent = ""] = words;
    const path = words.length > 2 ? (words[1] ?? "") : "";
    const to = words.at(-1) ?? "";
    const row = oneTorrent((await wholeList(client)).rows, torrent);
    await answered(client, row, { name: "rename", infoHash: row.infoHash, path, to });
    new Outcomes(io, values.json).done("renamed", row, { path, to }, `renamed to ${sanitise(to)}:`);
    return exitCode.done;
  });

async function answered(client: EngineClient, row: TorrentRow, command: MoveCommand): Promise<MoveReport> {
  const result = await naming(row, client.request(command));
  if (isMoveReport(result)) return result;
  throw new OperationalError("engine-version", "the engine's answer is not known");
}

function summed({ renamed, copied, absent, copyBytes, freeBytes, conflicts }: MoveReport, isDryRun: boolean): string {
  const free = isDryRun ? ` of ${formatSize(freeBytes)} free` : "";
  const parts = [
    renamed > 0 ? `${renamed} renamed` : "",
    copied > 0 ? `${copied} copied, ${formatSize(copyBytes)}${free}` : "",
    absent > 0 ? `${absent} not there yet` : "",
    conflicts > 0 ? `${conflicts} cannot go` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing to do" : parts.join("; ");
}
