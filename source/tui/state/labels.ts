/** Labels that can be switched for the torrents that keys act on: pure. */
import type { Command, TorrentRow } from "../../control/protocol.ts";
import { type AppState, targetRows } from "./app-state.ts";

export interface LabelChoice {
  readonly label: string;
  /** Which of the torrents have it. */
  readonly have: "all" | "some" | "none";
  /** No torrent has it yet: it was typed. */
  readonly isNew: boolean;
}

/** @param text what was typed. @returns known labels with it in them, before them what was typed where it is none. */
export function labelChoices(state: AppState, text: string): readonly LabelChoice[] {
  const rows = targetRows(state);
  const known = new Set<string>();
  for (const { labels } of state.list.rows.values()) for (const label of labels) known.add(label);
  const typed = text.trim();
  const needle = typed.toLowerCase();
  const choices = [...known]
    .filter((label) => label.toLowerCase().includes(needle))
    .sort()
    .map((label) => ({ label, have: haveOf(rows, label), isNew: false }));
  return typed === "" || known.has(typed) ? choices : [{ label: typed, have: "none", isNew: true }, ...choices];
}

function haveOf(rows: readonly TorrentRow[], label: string): LabelChoice["have"] {
  const count = rows.filter(({ labels }) => labels.includes(label)).length;
  return count === 0 ? "none" : count === rows.length ? "all" : "some";
}

/** Takes the label from all where all have it, else gives it to those that have not. */
export function labelCommands(rows: readonly TorrentRow[], { label, have }: LabelChoice): readonly Command[] {
  return rows
    .filter(({ labels }) => have === "all" || !labels.includes(label))
    .map(({ infoHash, labels }) => {
      const changed = have === "all" ? labels.filter((other) => other !== label) : [...labels, label].sort();
      return { name: "change", infoHash, changes: { labels: changed } };
    });
}
