/** `ctl remove`: forgets torrents; their files go only where that was said twice. */

import { sanitise } from "../../base/sanitise.ts";
import { formatSize } from "../../base/units.ts";
import type { DataFate, TorrentRow } from "../../control/protocol.ts";
import { shownName } from "../../control/torrent-row.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlRemoveSpec } from "../ctl-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { naming } from "./each-torrent.ts";
import { Outcomes } from "./outcomes.ts";
import { selectTorrents } from "./select-torrents.ts";

export const runCtlRemove: RunCommand<typeof ctlRemoveSpec.options> = async (io, values, names) => {
  const withData = values["with-data"] || values.trash;
  const data: DataFate = values.trash ? "trash" : withData ? "delete" : "keep";
  if (data === "delete" && !values.yes && !io.isOutTerminal) {
    throw new UsageError("--with-data deletes files: without a terminal to ask on it needs --yes");
  }
  return withRunningEngine(io, values.profile, async (client) => {
    // A part of a name fits what it should not too easily.
    const options = { takesAll: false, takesParts: false };
    const { rows, failures } = selectTorrents((await wholeList(client)).rows, names, options);
    const outcomes = new Outcomes(io, values.json);
    for (const { argument, error } of failures) outcomes.failed(argument, error);
    if (data === "delete" && !values.yes && rows.length > 0 && !(await isMeant(io, rows))) {
      io.err("p2p-tui: nothing was removed\n");
      return exitCode.failed;
    }
    for (const row of rows) {
      await outcomes.attempt(row.infoHash, async () => {
        await naming(row, client.request({ name: "remove", infoHash: row.infoHash, data }));
        outcomes.done("removed", row, { withData, data }, said[data]);
      });
    }
    return outcomes.exitCode;
  });
};

const said: Readonly<Record<DataFate, string>> = {
  keep: "removed",
  delete: "removed with its files",
  trash: "removed, its files to the trash:",
};

async function isMeant(io: CommandIo, rows: readonly TorrentRow[]): Promise<boolean> {
  for (const row of rows) {
    io.err(`  ${shownName(row)} (${formatSize(row.totalLength)}) in ${sanitise(row.savePath, 1000)}\n`);
  }
  io.err(`Remove ${rows.length === 1 ? "it and its" : `these ${rows.length} and their`} files for good? [y/N] `);
  return /^\s*y(es)?\s*$/i.test(await io.readLine());
}
