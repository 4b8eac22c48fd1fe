/**
 * The files of a torrent as a tree, as rows to be shown: folders, which may be closed, and files. Pure. The list comes from
 * the engine in windows; until all of it is there, the tree is of what has come.
 */
import type { FilePriority, FileRow } from "../../control/protocol.ts";

export interface FolderLine {
  readonly kind: "folder";
  /** As in the torrent, with `/`. */
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly isOpen: boolean;
  /** Of all that is below it. */
  readonly length: number;
  readonly doneLength: number;
  readonly fileCount: number;
  readonly priority: FilePriority | "mixed";
  /** The lowest of the files that are not complete; where all are, of all. */
  readonly availability: number | null;
}

export interface FileLine {
  readonly kind: "file";
  readonly name: string;
  readonly depth: number;
  /** Its place in `files`. */
  readonly at: number;
}

export type TreeLine = FolderLine | FileLine;

export interface FileTree {
  /** As the engine lists them, from the first on. */
  readonly files: readonly FileRow[];
  /** Folders that are not as they are at first, open or closed. */
  readonly toggled: ReadonlySet<string>;
  readonly lines: readonly TreeLine[];
}

export const emptyTree: FileTree = { files: [], toggled: new Set(), lines: [] };

/** With more files folders are closed at first. */
const openMax = 200;
/** Deeper folders are shown as one: a screen has no room for more. */
const depthMax = 24;
/** In larger trees the sums of folders are only taken again when something other than progress has changed. */
const livelyMax = 5_000;

/** @param from the place of the first of `rows` among all files. */
export function mergeFiles(tree: FileTree, rows: readonly FileRow[], from: number): FileTree {
  // A window beyond what is known would leave a gap.
  if (from > tree.files.length) return tree;
  let hasNews = false;
  let hasProgress = false;
  const files = [...tree.files];
  rows.forEach((row, i) => {
    const before = files[from + i];
    if (before === undefined || before.priority !== row.priority || before.path !== row.path) hasNews = true;
    else if (before.progress !== row.progress || before.availability !== row.availability) hasProgress = true;
    else return;
    files[from + i] = row;
  });
  if (!hasNews && !hasProgress) return tree;
  if (!hasNews && files.length > livelyMax) return { ...tree, files };
  return { ...tree, files, lines: linesOf(files, tree.toggled) };
}

/** @param changes by the files' indices in the torrent. */
export function withPriorities(
  tree: FileTree,
  changes: readonly { readonly file: number; readonly priority: FilePriority }[],
): FileTree {
  if (changes.length === 0) return tree;
  const changed = new Map(changes.map(({ file, priority }) => [file, priority]));
  const files = tree.files.map((row) => ({ ...row, priority: changed.get(row.index) ?? row.priority }));
  return { ...tree, files, lines: linesOf(files, tree.toggled) };
}

export function toggleFolder(tree: FileTree, path: string): FileTree {
  const toggled = new Set(tree.toggled);
  if (!toggled.delete(path)) toggled.add(path);
  return { ...tree, toggled, lines: linesOf(tree.files, toggled) };
}

/** The files that a line stands for. */
export function filesOfLine(tree: FileTree, line: TreeLine | undefined): readonly FileRow[] {
  if (line === undefined) return [];
  if (line.kind === "folder") return tree.files.filter(({ path }) => path.startsWith(`${line.path}/`));
  const file = tree.files[line.at];
  return file === undefined ? [] : [file];
}

interface Folder {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  length: number;
  doneLength: number;
  fileCount: number;
  priority: FilePriority | "mixed" | undefined;
  /** Of the files that are not complete, and of those that are. */
  missingMin: number;
  doneMin: number;
  readonly folders: Map<string, Folder>;
  /** In the order of the torrent. */
  readonly children: (Folder | FileLine)[];
}

function linesOf(files: readonly FileRow[], toggled: ReadonlySet<string>): readonly TreeLine[] {
  const root = folderOf("", "", -1);
  files.forEach((file, at) => {
    const names = namesOf(file.path);
    let folder = root;
    add(folder, file);
    for (const name of names.slice(0, -1)) {
      let next = folder.folders.get(name);
      if (next === undefined) {
        next = folderOf(folder === root ? name : `${folder.path}/${name}`, name, folder.depth + 1);
        folder.folders.set(name, next);
        folder.children.push(next);
      }
      folder = next;
      add(folder, file);
    }
    folder.children.push({ kind: "file", name: names.at(-1) ?? "", depth: folder.depth + 1, at });
  });
  const lines: TreeLine[] = [];
  const isOpenAtFirst = files.length <= openMax;
  // The folder of the whole torrent says nothing that its name does not.
  const [only] = root.children;
  const isWrapped = root.children.length === 1 && only !== undefined && "folders" in only;
  show(isWrapped ? only : root, isWrapped ? 1 : 0);
  return lines;

  function show(folder: Folder, less: number): void {
    for (const child of folder.children) {
      if (!("folders" in child)) {
        lines.push({ ...child, depth: child.depth - less });
        continue;
      }
      const { path, name, depth, length, doneLength, fileCount, priority = "normal" } = child;
      const isOpen = toggled.has(path) !== isOpenAtFirst;
      const lowest = Number.isFinite(child.missingMin) ? child.missingMin : child.doneMin;
      const availability = Number.isFinite(lowest) ? lowest : null;
      const sums = { length, doneLength, fileCount, priority, availability };
      lines.push({ kind: "folder", path, name, depth: depth - less, isOpen, ...sums });
      if (isOpen) show(child, less);
    }
  }
}

function folderOf(path: string, name: string, depth: number): Folder {
  const none = Number.POSITIVE_INFINITY;
  const sums = { length: 0, doneLength: 0, fileCount: 0, priority: undefined, missingMin: none, doneMin: none };
  return { path, name, depth, ...sums, folders: new Map(), children: [] };
}

function add(folder: Folder, { length, progress, priority, availability }: FileRow): void {
  folder.length += length;
  folder.doneLength += length * progress;
  folder.fileCount++;
  if (availability !== null && progress < 1) folder.missingMin = Math.min(folder.missingMin, availability);
  else if (availability !== null) folder.doneMin = Math.min(folder.doneMin, availability);
  folder.priority = folder.priority === undefined || folder.priority === priority ? priority : "mixed";
}

function namesOf(path: string): readonly string[] {
  const names = path.split("/");
  if (names.length <= depthMax) return names;
  return [...names.slice(0, depthMax - 2), names.slice(depthMax - 2, -1).join("/"), names.at(-1) ?? ""];
}

export type PriorityKey = "priorityUp" | "priorityDown" | "priorityNext" | "prioritySkip";

const priorities: readonly FilePriority[] = ["skip", "low", "normal", "high"];

/** @returns the files whose priority changes, by their index in the torrent. */
export function changedPriorities(
  key: PriorityKey,
  files: readonly FileRow[],
): readonly { readonly file: number; readonly priority: FilePriority }[] {
  const [first] = files;
  const isMixed = files.some(({ priority }) => priority !== first?.priority);
  const isSkipped = files.every(({ priority }) => priority === "skip");
  const next = (priority: FilePriority): FilePriority => {
    const at = priorities.indexOf(priority);
    switch (key) {
      case "priorityUp":
        return priorities[Math.min(at + 1, priorities.length - 1)] ?? priority;
      case "priorityDown":
        return priorities[Math.max(at - 1, 0)] ?? priority;
      case "priorityNext":
        return isMixed ? "normal" : (priorities[(at + 1) % priorities.length] ?? priority);
      case "prioritySkip":
        return isSkipped ? "normal" : "skip";
    }
  };
  return files
    .map(({ index, priority }) => ({ file: index, before: priority, priority: next(priority) }))
    .filter(({ before, priority }) => before !== priority)
    .map(({ file, priority }) => ({ file, priority }));
}
