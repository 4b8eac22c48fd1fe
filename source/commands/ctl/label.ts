/** `ctl label`: labels of torrents, given, taken away and set; or which there are. */
import { sanitise } from "../../base/sanitise.ts";
import type { TorrentRow } from "../../control/protocol.ts";
import { type CommandIo, exitCode, type RunCommand } from "../command.ts";
import type { ctlLabelSpec } from "../ctl-choice-specs.ts";
import { UsageError } from "../option-table.ts";
import { wholeList, withRunningEngine } from "../running-engine.ts";
import { onEachTorrent } from "./each-torrent.ts";
import { type Column, jsonLines, tableText } from "./table.ts";

export const runCtlLabel: RunCommand<typeof ctlLabelSpec.options> = async (io, { json, profile }, words) => {
  const names = words.filter((word) => !isEdit(word));
  const edits = words.filter(isEdit);
  if (names.length === 0) {
    if (edits.length > 0) throw new UsageError("ctl label needs the torrents that the labels are for");
    return withRunningEngine(io, profile, async (client) => {
      showLabels(io, json, (await wholeList(client)).rows);
      return exitCode.done;
    });
  }
  return onEachTorrent(
    io,
    { json, profile, takesAll: true, takesParts: true },
    names,
    async (client, row, outcomes) => {
      const labels = editedLabels(row.labels, edits);
      if (edits.length > 0) {
        await client.request({ name: "change", infoHash: row.infoHash, changes: { labels } });
      }
      const shown = labels.length === 0 ? "no labels" : `[${labels.map((label) => sanitise(label)).join(", ")}]`;
      outcomes.done(edits.length === 0 ? "labels" : "labelled", row, { labels }, shown);
    },
  );
};

function isEdit(word: string): boolean {
  return /^[+=-]/.test(word);
}

/** @param edits `+a,b` gives, `-a` takes away, `=a,b` sets, one after another. @returns sorted, each once. */
export function editedLabels(labels: readonly string[], edits: readonly string[]): readonly string[] {
  let edited = new Set(labels);
  for (const edit of edits) {
    const named = edit
      .slice(1)
      .split(",")
      .map((label) => label.trim())
      .filter((label) => label !== "");
    if (edit.startsWith("=")) edited = new Set(named);
    for (const label of named) {
      if (edit.startsWith("-")) edited.delete(label);
      else edited.add(label);
    }
  }
  return [...edited].sort();
}

interface LabelCount {
  readonly label: string;
  readonly torrents: number;
}

const columns: readonly Column<LabelCount>[] = [
  { title: "TORRENTS", isRight: true, text: ({ torrents }) => String(torrents) },
  { title: "LABEL", text: ({ label }) => sanitise(label) },
];

function showLabels(io: CommandIo, isJson: boolean, rows: readonly TorrentRow[]): void {
  const counts = new Map<string, number>();
  for (const { labels } of rows) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const all = [...counts]
    .map(([label, torrents]) => ({ label, torrents }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
  io.out(isJson ? jsonLines(all) : tableText(io, columns, all));
  if (all.length === 0 && !isJson) io.err("no torrent has a label\n");
}
