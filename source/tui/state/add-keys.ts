/** What keys and pasted text do in the dialog for adding, but for Enter and Esc, which ask something of the world. Pure. */
import { clampIndex } from "../layout/scroll.ts";
import { type AddField, type AddOverlay, type AddPreview, addFields, fieldAt, rowCount } from "./adding.ts";
import type { AppState } from "./app-state.ts";
import { changedPriorities, filesOfLine, type PriorityKey, toggleFolder, withPriorities } from "./file-tree.ts";
import { choosePath } from "./path-dialogs.ts";
import { pathKey, pathPaste } from "./path-input.ts";
import { editKey, insertText } from "./text-input.ts";

/** Lines for a page up or down. */
const pageRows = 10;

export function addKey(state: AppState, key: string): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "add") return state;
  const { stage, source } = overlay;
  if (stage.kind === "opening" || (stage.kind === "preview" && stage.isAdding)) return state;
  if (stage.kind === "preview") return withPreview(state, overlay, previewKey(state, stage, key));
  const typed = pathKey(source, key, true);
  if (typed === undefined || typed === source) return state;
  const error = typed.text === source.text ? stage.error : "";
  return { ...state, overlay: { ...overlay, source: typed, stage: { kind: "typing", error } } };
}

export function addPaste(state: AppState, text: string): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "add") return state;
  const { stage, source } = overlay;
  if (stage.kind === "typing") return { ...state, overlay: { ...overlay, source: pathPaste(source, text, true) } };
  if (stage.kind !== "preview") return state;
  switch (fieldAt(stage)) {
    case "place":
      return withPreview(state, overlay, { ...stage, place: pathPaste(stage.place, text, false), error: "" });
    case "labels":
      return withPreview(state, overlay, { ...stage, labels: insertText(stage.labels, text) });
    default:
      return state;
  }
}

/** By a click: a row of what there is to choose from, or of what would be added. */
export function addRow(state: AppState, row: number): AppState {
  const { overlay } = state;
  if (overlay?.kind !== "add") return state;
  const { stage } = overlay;
  if (stage.kind === "preview" && !stage.place.isOpen)
    return withPreview(state, overlay, to(stage, addFields.length + row));
  return choosePath(state, row);
}

function withPreview(state: AppState, overlay: AddOverlay, stage: AddPreview): AppState {
  return stage === overlay.stage ? state : { ...state, overlay: { ...overlay, stage } };
}

function previewKey(state: AppState, preview: AddPreview, key: string): AddPreview {
  const field = fieldAt(preview);
  if (field === "place") {
    const place = pathKey(preview.place, key, false);
    if (place !== undefined) return { ...preview, place, error: "" };
  }
  if (field === "labels") {
    const labels = key === "tab" ? completedLabel(state, preview) : editKey(preview.labels, key);
    if (labels !== undefined) return { ...preview, labels };
  }
  return (
    moved(preview, key, field) ??
    (typeof field === "number" ? rowKey(preview, key, field) : fieldKey(preview, key, field))
  );
}

/** @returns `undefined` where the key does not move. */
function moved(preview: AddPreview, key: string, field: AddField | number): AddPreview | undefined {
  const { cursor } = preview;
  const isText = field === "place" || field === "labels";
  switch (key) {
    case "up":
    case "ctrl+p":
      return to(preview, cursor - 1);
    case "down":
    case "ctrl+n":
      return to(preview, cursor + 1);
    case "pageup":
      return to(preview, cursor - pageRows);
    case "pagedown":
      return to(preview, cursor + pageRows);
    case "tab":
      return to(preview, typeof field === "number" ? 0 : cursor + 1);
    case "shift+tab":
      return to(preview, typeof field === "number" ? addFields.length - 1 : cursor - 1);
    case "k":
      return isText ? undefined : to(preview, cursor - 1);
    case "j":
      return isText ? undefined : to(preview, cursor + 1);
    case "g":
    case "home":
      return isText ? undefined : to(preview, 0);
    case "G":
    case "end":
      return isText ? undefined : to(preview, Number.MAX_SAFE_INTEGER);
    default:
      return undefined;
  }
}

function to(preview: AddPreview, cursor: number): AddPreview {
  const closed = { ...preview.place, isOpen: false, chosen: -1 };
  return { ...preview, place: closed, cursor: clampIndex(cursor, addFields.length + rowCount(preview)) };
}

function fieldKey(preview: AddPreview, key: string, field: AddField): AddPreview {
  if (key !== " " && key !== "x") return preview;
  switch (field) {
    case "paused":
      return { ...preview, isPaused: !preview.isPaused };
    case "order":
      return { ...preview, isSequential: !preview.isSequential };
    case "top":
      return { ...preview, isTop: !preview.isTop };
    default:
      return preview;
  }
}

const priorityKeys: Readonly<Record<string, PriorityKey>> = {
  " ": "prioritySkip",
  x: "prioritySkip",
  "+": "priorityUp",
  "=": "priorityUp",
  "-": "priorityDown",
  _: "priorityDown",
};

/** Of a file or folder; where several torrents are meant, of one of these. */
function rowKey(preview: AddPreview, key: string, row: number): AddPreview {
  const { torrents, tree } = preview;
  if (torrents.length > 1) {
    const torrent = torrents[row];
    if (torrent === undefined || (key !== " " && key !== "x")) return preview;
    return { ...preview, torrents: torrents.with(row, { ...torrent, isWanted: !torrent.isWanted }) };
  }
  const line = tree.lines[row];
  const priorityKey = priorityKeys[key];
  if (priorityKey !== undefined) {
    return { ...preview, tree: withPriorities(tree, changedPriorities(priorityKey, filesOfLine(tree, line))) };
  }
  const folds = line?.kind === "folder" && (line.isOpen ? ["left", "h"] : ["right", "l"]).includes(key);
  if (!folds) return preview;
  return to({ ...preview, tree: toggleFolder(tree, line.path) }, preview.cursor);
}

/** The label that is begun, where only one goes on like it. */
function completedLabel({ list }: AppState, { labels }: AddPreview): AddPreview["labels"] | undefined {
  const before = labels.text.slice(0, labels.caret);
  const begun = /[^,]*$/.exec(before)?.[0].trimStart() ?? "";
  if (begun === "") return undefined;
  const known = new Set([...list.rows.values()].flatMap((row) => row.labels));
  const [label, ...others] = [...known].filter((each) => each.startsWith(begun) && each !== begun);
  if (label === undefined || others.length > 0) return undefined;
  return insertText(labels, label.slice(begun.length));
}
