/** The dialog of labels, which are switched for the torrents that it was opened for: pure. */
import type { Command, TorrentRow } from "../../control/protocol.ts";
import { type AppState, targetRows } from "./app-state.ts";
import type { LabelsOverlay } from "./overlay.ts";

export interface LabelChoice {
  readonly label: string;
  /** Which of the torrents have it. */
  readonly have: "all" | "some" | "none";
  /** No torrent has it yet: it was typed. */
  readonly isNew: boolean;
}

export function openLabels(state: AppState): AppState {
  const infoHashes = targetRows(state).map(({ infoHash }) => infoHash);
  if (infoHashes.length === 0) return state;
  const known = [...labelsNow(state)];
  return { ...state, overlay: { kind: "labels", infoHashes, known, text: "", caret: 0, cursor: 0 } };
}

/** The torrents of the dialog that are still there. */
export function labelledRows({ list, open }: AppState, { infoHashes }: LabelsOverlay): readonly TorrentRow[] {
  return infoHashes.flatMap((infoHash) => {
    const openRow = open?.infoHash === infoHash && !open.isGone ? open.detail?.row : undefined;
    const row = list.rows.get(infoHash) ?? openRow;
    return row === undefined ? [] : [row];
  });
}

/** The dialog closes when none of its torrents is left. */
export function withoutIdleLabels(state: AppState): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "labels" || labelledRows(state, overlay).length > 0) return state;
  return { ...state, overlay: null };
}

function labelsNow({ list }: AppState): ReadonlySet<string> {
  return new Set([...list.rows.values()].flatMap(({ labels }) => labels));
}

/**
 * @param overlay `text`: what was typed. @returns known labels with that in them, before them what was typed where it is
 * none.
 */
export function labelChoices(
  state: AppState,
  overlay: LabelsOverlay,
  text: string = overlay.text,
): readonly LabelChoice[] {
  const rows = labelledRows(state, overlay);
  const known = new Set([...overlay.known, ...labelsNow(state)]);
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
