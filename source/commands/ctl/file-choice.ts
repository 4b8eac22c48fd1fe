/** From `--only`, `--skip`, `--low`, `--normal` and `--high` to the priorities of files. */
import type { FilePriority, TorrentChanges } from "../../control/protocol.ts";
import { matchFiles, type NamedFile } from "./file-patterns.ts";

/** Patterns as they were given, see `matchFiles`. */
export interface FileChoice {
  /** Not empty: all other files are skipped, and of these those that were. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly low: readonly string[];
  readonly normal: readonly string[];
  readonly high: readonly string[];
}

/** Where several name a file, the last of these wins. */
const inTurn = ["normal", "low", "high", "skip"] as const satisfies readonly FilePriority[];

export type PriorityChange = Exclude<TorrentChanges["priorities"], undefined>[number];

export function isChoosing(choice: FileChoice): boolean {
  return choice.only.length > 0 || inTurn.some((priority) => choice[priority].length > 0);
}

/** @returns the files whose priority changes. @throws OperationalError `no-such-file`. */
export function changedFiles(
  files: readonly (NamedFile & { readonly priority: FilePriority })[],
  choice: FileChoice,
): readonly PriorityChange[] {
  const chosen = new Map<number, FilePriority>();
  const only = new Set(choice.only.flatMap((pattern) => matchFiles(files, pattern)));
  if (only.size > 0) {
    for (const { index, priority } of files) {
      if (!only.has(index)) chosen.set(index, "skip");
      else if (priority === "skip") chosen.set(index, "normal");
    }
  }
  for (const priority of inTurn) {
    for (const pattern of choice[priority]) {
      for (const index of matchFiles(files, pattern)) chosen.set(index, priority);
    }
  }
  return files
    .map(({ index, priority }) => ({ file: index, before: priority, priority: chosen.get(index) ?? priority }))
    .filter(({ before, priority }) => before !== priority)
    .map(({ file, priority }) => ({ file, priority }));
}
