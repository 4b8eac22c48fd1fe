/**
 * Adding torrents, as the dialog has it: what is meant is typed, looked for, and shown before it is added. Pure; the keys are
 * in `add-keys.ts`, what is asked of the world in `adder.ts`.
 */
import type { InfoHash } from "../../base/ids.ts";
import type { FilePriority, FileRow } from "../../control/protocol.ts";
import type { FileRanges, FoundSource, PlaceFacts, TorrentFacts } from "../torrent-sources.ts";
import type { AppState } from "./app-state.ts";
import { emptyTree, type FileTree, mergeFiles } from "./file-tree.ts";
import { type PathInput, pathInput } from "./path-input.ts";
import type { TextInput } from "./text-input.ts";

export interface AddOverlay {
  readonly kind: "add";
  readonly source: PathInput;
  readonly stage: AddStage;
}

export type AddStage =
  | { readonly kind: "typing"; readonly error: string }
  /** `note`: what is being done. */
  | { readonly kind: "opening"; readonly note: string }
  | AddPreview;

/** What would be added, where to and how. */
export interface AddPreview {
  readonly kind: "preview";
  /** Not empty. */
  readonly torrents: readonly AddTorrent[];
  /** Why others that were meant are not among them. */
  readonly problems: readonly string[];
  /** Of the one torrent; empty where there are several, or its files are not known. */
  readonly tree: FileTree;
  readonly place: PathInput;
  readonly placeFacts: { readonly of: string; readonly facts: PlaceFacts } | null;
  /** With commas. */
  readonly labels: TextInput;
  readonly isPaused: boolean;
  readonly isSequential: boolean;
  readonly isTop: boolean;
  /** Among `addFields` and, after them, the lines of the tree or the torrents. */
  readonly cursor: number;
  /** They are being added, or peers are asked for what a magnet link does not say. */
  readonly note: string;
  readonly isAdding: boolean;
  readonly error: string;
}

export interface AddTorrent {
  readonly infoHash: InfoHash;
  readonly name: string;
  /** `null` of a magnet link. */
  readonly facts: TorrentFacts | null;
  readonly isWanted: boolean;
}

export const addFields = ["place", "labels", "paused", "order", "top"] as const;
export type AddField = (typeof addFields)[number];

export type AddEvent =
  | { readonly kind: "begin"; readonly text: string }
  | { readonly kind: "opening"; readonly note: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "opened"; readonly preview: AddPreview }
  | { readonly kind: "typing" }
  | { readonly kind: "place"; readonly of: string; readonly facts: PlaceFacts }
  /** What peers have sent of a magnet link's torrent. */
  | { readonly kind: "looked"; readonly facts: TorrentFacts; readonly only: FileRanges }
  | { readonly kind: "note"; readonly note: string; readonly isAdding: boolean }
  /** These were not added, for that reason. */
  | { readonly kind: "left"; readonly infoHashes: ReadonlySet<InfoHash>; readonly message: string };

export function reduceAdding(state: AppState, event: AddEvent): AppState {
  if (event.kind === "begin") {
    const source = pathInput(event.text, true);
    return { ...state, overlay: { kind: "add", source, stage: { kind: "typing", error: "" } } };
  }
  const { overlay } = state;
  if (overlay?.kind !== "add") return state;
  const next = changedBy(overlay, event);
  return next === overlay ? state : { ...state, overlay: next };
}

function changedBy(overlay: AddOverlay, event: Exclude<AddEvent, { readonly kind: "begin" }>): AddOverlay {
  const { stage } = overlay;
  const to = (changes: Partial<AddPreview>): AddOverlay =>
    stage.kind === "preview" ? { ...overlay, stage: { ...stage, ...changes } } : overlay;
  switch (event.kind) {
    case "opening":
      return { ...overlay, stage: { kind: "opening", note: event.note } };
    case "failed":
      return stage.kind === "preview"
        ? to({ error: event.message, note: "", isAdding: false })
        : { ...overlay, stage: { kind: "typing", error: event.message } };
    case "opened":
      return { ...overlay, stage: event.preview };
    case "typing":
      return { ...overlay, stage: { kind: "typing", error: "" } };
    case "place":
      return to({ placeFacts: { of: event.of, facts: event.facts } });
    case "looked":
      return stage.kind === "preview" ? { ...overlay, stage: withFacts(stage, event.facts, event.only) } : overlay;
    case "note":
      return to({ note: event.note, isAdding: event.isAdding, ...(event.isAdding ? { error: "" } : {}) });
    case "left": {
      if (stage.kind !== "preview") return overlay;
      const torrents = stage.torrents.filter(({ infoHash }) => event.infoHashes.has(infoHash));
      return to({ torrents, error: event.message, note: "", isAdding: false });
    }
  }
}

/** At first: all of it, where and how the settings say. */
export function previewOf(
  found: readonly FoundSource[],
  problems: readonly string[],
  defaults: Pick<AddPreview, "isPaused" | "isSequential"> & { readonly savePath: string },
): AddPreview {
  const torrents = found.map((source): AddTorrent => {
    if (source.kind === "torrent") {
      const { infoHash, name } = source.facts;
      return { infoHash, name, facts: source.facts, isWanted: true };
    }
    const { infoHash, name } = source;
    return { infoHash, name: name === "" ? infoHash : name, facts: null, isWanted: true };
  });
  const [only] = torrents;
  const tree = torrents.length === 1 && only?.facts ? treeOf(only.facts, []) : emptyTree;
  const { isPaused, isSequential, savePath } = defaults;
  return {
    ...{ kind: "preview", torrents, problems, tree, isPaused, isSequential, isTop: false },
    place: pathInput(savePath),
    placeFacts: null,
    labels: { text: "", caret: 0 },
    // Where there is something to choose, that is what one is here for.
    cursor: tree.lines.length > 1 || torrents.length > 1 ? addFields.length : 0,
    ...{ note: "", isAdding: false, error: "" },
  };
}

function withFacts(preview: AddPreview, facts: TorrentFacts, only: FileRanges): AddPreview {
  const torrents = preview.torrents.map((torrent) =>
    torrent.infoHash === facts.infoHash ? { ...torrent, name: facts.name, facts } : torrent,
  );
  return { ...preview, torrents, tree: treeOf(facts, only), note: "" };
}

function treeOf({ files }: TorrentFacts, only: FileRanges): FileTree {
  const rows = files.map(({ index, path, length }): FileRow => {
    const isWanted = only.length === 0 || only.some(({ first, last }) => index >= first && index <= last);
    return { index, path, length, priority: isWanted ? "normal" : "skip", progress: 0, availability: null };
  });
  return mergeFiles(emptyTree, rows, 0);
}

/** The field that the cursor is on; else the row, from 0. */
export function fieldAt({ cursor }: AddPreview): AddField | number {
  return addFields[cursor] ?? cursor - addFields.length;
}

export function rowCount({ torrents, tree }: AddPreview): number {
  return torrents.length > 1 ? torrents.length : tree.lines.length;
}

/** Those that would be added: wanted, and not there already. */
export function newTorrents({ torrents }: AddPreview, { list }: AppState): readonly AddTorrent[] {
  return torrents.filter(({ infoHash, isWanted }) => isWanted && !list.rows.has(infoHash));
}

/** Bytes, as far as they are known: of the one torrent those of files that are not skipped. */
export function wantedLength(preview: AddPreview, state: AppState): number {
  const { tree, torrents } = preview;
  if (torrents.length === 1 && tree.files.length > 0) {
    return tree.files.reduce((sum, { length, priority }) => (priority === "skip" ? sum : sum + length), 0);
  }
  return newTorrents(preview, state).reduce((sum, { facts }) => sum + (facts?.totalLength ?? 0), 0);
}

/** As the engine's `add` has it: what is not as usual. */
export function prioritiesOf({
  tree,
}: AddPreview): readonly { readonly file: number; readonly priority: FilePriority }[] {
  return tree.files.flatMap(({ index, priority }) => (priority === "normal" ? [] : [{ file: index, priority }]));
}

export function labelsOf({ labels }: AddPreview): readonly string[] {
  const named = labels.text.split(",").map((label) => label.trim());
  return [...new Set(named.filter((label) => label !== ""))].sort();
}
