/** `ctl files`: the files of a torrent, and which of them are wanted how much. */
import { shownPath } from "../../base/sanitise.ts";
import { formatSize, plural } from "../../base/units.ts";
import type { FileRow } from "../../control/protocol.ts";
import { formatPercent } from "../../tui/format/numbers.ts";
import { exitCode, type RunCommand } from "../command.ts";
import type { ctlFilesSpec } from "../ctl-choice-specs.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { naming } from "./each-torrent.ts";
import { changedFiles, isChoosing } from "./file-choice.ts";
import { Outcomes } from "./outcomes.ts";
import { oneTorrent } from "./select-torrents.ts";
import { type Column, jsonLines, tableText } from "./table.ts";
import { filesOf } from "./torrent-detail.ts";

const columns: readonly Column<FileRow>[] = [
  { title: "INDEX", isRight: true, text: ({ index }) => String(index) },
  { title: "PRIORITY", text: ({ priority }) => priority },
  { title: "DONE", isRight: true, text: ({ progress }) => formatPercent(progress) },
  { title: "COPIES", isRight: true, text: ({ availability }) => (availability === null ? "·" : String(availability)) },
  { title: "SIZE", isRight: true, text: ({ length }) => formatSize(length) },
  { title: "PATH", text: ({ path }) => shownPath(path, 4000) },
];

export const runCtlFiles: RunCommand<typeof ctlFilesSpec.options> = (io, values, [name = ""]) =>
  withRunningEngine(io, values.profile, async (client) => {
    const row = oneTorrent((await wholeList(client)).rows, name);
    const { infoHash } = row;
    const files = await filesOf(client, infoHash);
    if (!isChoosing(values)) {
      io.out(values.json ? jsonLines(files.map(fileJson)) : tableText(io, columns, files));
      return exitCode.done;
    }
    const priorities = changedFiles(files, values);
    if (priorities.length > 0) await naming(row, client.request({ name: "change", infoHash, changes: { priorities } }));
    const changed = new Map(priorities.map(({ file, priority }) => [file, priority]));
    const wanted = files.filter(({ index, priority }) => (changed.get(index) ?? priority) !== "skip");
    const wantedBytes = wanted.reduce((sum, { length }) => sum + length, 0);
    new Outcomes(io, values.json).done(
      "chosen",
      row,
      { changed: changed.size, wanted: wanted.length, files: files.length, wantedBytes },
      `${wanted.length} of ${plural(files.length, "file")} (${formatSize(wantedBytes)}) wanted of`,
    );
    return exitCode.done;
  });

function fileJson({ index, priority, path, length, progress, availability }: FileRow): object {
  return { index, path, priority, totalBytes: length, bytes: Math.round(progress * length), availability };
}
