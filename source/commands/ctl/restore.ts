/** `ctl restore`: brings back torrents that were removed without their files; or says which there are. */

import { OperationalError } from "../../base/errors.ts";
import { formatDuration, formatSize } from "../../base/units.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import { isRemovedReport, type RemovedRow } from "../../control/removal-protocol.ts";
import { shortHash, shownName } from "../../control/torrent-row.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlRestoreSpec } from "../ctl-specs.ts";
import { withRunningEngine } from "../running-engine.ts";
import { naming } from "./each-torrent.ts";
import { Outcomes } from "./outcomes.ts";
import { selectTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";

export const runCtlRestore: RunCommand<typeof ctlRestoreSpec.options> = (io, { json, profile }, names) =>
  withRunningEngine(io, profile, async (client) => {
    const removed = await removedTorrents(client);
    if (names.length === 0) {
      show(io, json, removed);
      return exitCode.done;
    }
    const outcomes = new Outcomes(io, json);
    const chosen = new Set<RemovedRow>();
    for (const name of names) {
      await outcomes.attempt(name, async () => {
        if (name !== "all") chosen.add(selectTorrent(removed, name, { takesParts: true }));
        else for (const row of removed) chosen.add(row);
      });
    }
    // In the order that they were removed in, backwards: each finds its place in the queue.
    for (const row of removed.filter((one) => chosen.has(one))) {
      await outcomes.attempt(row.infoHash, async () => {
        await naming(row, client.request({ name: "restore", infoHashes: [row.infoHash] }));
        outcomes.done("restored", row, { directory: row.savePath });
      });
    }
    return outcomes.exitCode;
  });

async function removedTorrents(client: EngineClient): Promise<readonly RemovedRow[]> {
  const report = await client.request({ name: "removed" });
  if (isRemovedReport(report)) return report.removed;
  throw new OperationalError("engine-version", "the engine's answer is not known");
}

function show(io: CommandIo, isJson: boolean, removed: readonly RemovedRow[]): void {
  if (isJson) {
    const rows = removed.map(({ infoHash, name, savePath, totalLength, removedWallMs }) => {
      const removedAt = new Date(removedWallMs).toISOString();
      return { infoHash, name, directory: savePath, totalBytes: totalLength, removedAt };
    });
    io.out(jsonLines(rows));
    return;
  }
  const now = Date.now();
  const columns: readonly Column<RemovedRow>[] = [
    { title: "HASH", text: shortHash },
    { title: "SIZE", isRight: true, text: ({ totalLength }) => formatSize(totalLength) },
    {
      title: "REMOVED",
      isRight: true,
      text: ({ removedWallMs }) => `${formatDuration(Math.max(0, now - removedWallMs) / 1000)} ago`,
    },
    { title: "NAME", text: (row) => shownName(row) },
  ];
  io.out(tableText(io, columns, removed));
  if (removed.length === 0) io.err("nothing was removed in the last ten minutes that could come back\n");
}
