/** `ctl files`: the files of a torrent. */
import { sanitise } from "../../base/sanitise.ts";
import { formatSize } from "../../base/units.ts";
import type { FileRow } from "../../control/protocol.ts";
import { formatPercent } from "../../tui/format/numbers.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlFilesSpec } from "../ctl-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { oneTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";
import { filesOf } from "./torrent-detail.ts";

const columns: readonly Column<FileRow>[] = [
  { title: "DONE", isRight: true, text: ({ progress }) => formatPercent(progress) },
  { title: "SIZE", isRight: true, text: ({ length }) => formatSize(length) },
  { title: "PATH", text: ({ path }) => sanitise(path, 4000) },
];

export const runCtlFiles: RunCommand<typeof ctlFilesSpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const { infoHash } = oneTorrent((await wholeList(client)).rows, name);
    const files = await filesOf(client, infoHash);
    io.out(values.json ? jsonLines(files.map(fileJson)) : tableText(io, columns, files));
    return exitCode.done;
  });

function fileJson({ path, length, progress }: FileRow): object {
  return { path, totalBytes: length, bytes: Math.round(progress * length) };
}
