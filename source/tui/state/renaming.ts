/** Another name on the disk, for a torrent, or for the file or folder under the cursor, as far as the dialog goes: pure. */
import type { InfoHash } from "../../base/ids.ts";
import { type AppState, currentRow } from "./app-state.ts";

export interface RenameOverlay {
  readonly kind: "rename";
  readonly infoHash: InfoHash;
  /** Of what is renamed, as the torrent has it now; "" for all of it. */
  readonly path: string;
  readonly what: "torrent" | "file" | "folder";
  readonly before: string;
  readonly text: string;
  readonly caret: number;
  readonly error: string;
  readonly isBusy: boolean;
}

export function openRename(state: AppState): AppState {
  const row = currentRow(state);
  if (row === null) return state;
  const { path, what } = renamedHere(state);
  const before = path === "" ? row.name : path.slice(path.lastIndexOf("/") + 1);
  const overlay = { path, what, before, text: before, caret: stemLength(before, what), error: "", isBusy: false };
  return { ...state, overlay: { kind: "rename", infoHash: row.infoHash, ...overlay } };
}

function renamedHere({ open }: AppState): Pick<RenameOverlay, "path" | "what"> {
  const line = open?.view === "files" ? open.tree.lines[open.files.cursor] : undefined;
  if (line?.kind === "folder") return { path: line.path, what: "folder" };
  const file = line === undefined ? undefined : open?.tree.files[line.at];
  // The one file of a torrent is the torrent.
  return file?.path.includes("/") === true ? { path: file.path, what: "file" } : { path: "", what: "torrent" };
}

/** Before the ending: that mostly stays. */
function stemLength(name: string, what: RenameOverlay["what"]): number {
  const dot = name.lastIndexOf(".");
  return what === "folder" || dot <= 0 || name.length - dot > 6 ? name.length : dot;
}
