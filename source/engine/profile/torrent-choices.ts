/** What a user decides about one torrent and may change at any time. Kept in its entry (torrent-entry.ts). */
import { OperationalError } from "../../base/errors.ts";

/** In the order of their weight. */
export const filePriorities = ["skip", "low", "normal", "high"] as const;
export type FilePriority = (typeof filePriorities)[number];

/** Any of them reached is enough; 0 is none. */
export interface SeedingGoal {
  /** Uploaded for each byte downloaded. */
  readonly ratio: number;
  /** Time as an active seed. */
  readonly seedMinutes: number;
  /** Time as an active seed in which nobody took a byte. */
  readonly idleMinutes: number;
}

export interface TorrentChoices {
  /** Each once, sorted; see `labelProblem`. */
  readonly labels: readonly string[];
  /** One for each file of the metainfo, padding included; empty where all are `normal`. */
  readonly priorities: readonly FilePriority[];
  /** Pieces in order, for a player. */
  readonly isSequential: boolean;
  /** As the first seed of a swarm (swarm/super-seeding.ts), until it is over: then it is taken back. */
  readonly isSuperSeed: boolean;
  /** Bytes per second, 0 for none of its own. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Regular upload slots, 0: by the upload rate, `null` for as many as all have. */
  readonly slots: number | null;
  /** Neighbours at most, `null` for as many as all may have. */
  readonly connections: number | null;
  /** Active whatever the queue says. */
  readonly isForced: boolean;
  /** Seeding goals; `null` follows the settings, 0 is none. */
  readonly ratioGoal: number | null;
  readonly seedMinutesGoal: number | null;
  readonly idleMinutesGoal: number | null;
}

/** Some choices, made anew; `priorities` names the files that change, by their index in the metainfo. */
export type TorrentChanges = Partial<Omit<TorrentChoices, "priorities">> & {
  readonly priorities?: readonly { readonly file: number; readonly priority: FilePriority }[];
};

export const defaultChoices: TorrentChoices = {
  labels: [],
  priorities: [],
  isSequential: false,
  isSuperSeed: false,
  maxDownRate: 0,
  maxUpRate: 0,
  slots: null,
  connections: null,
  isForced: false,
  ratioGoal: null,
  seedMinutesGoal: null,
  idleMinutesGoal: null,
};

/** For each file of the metainfo, padding included: its place among `filePriorities`. */
export function fileWeights({ priorities }: Pick<TorrentChoices, "priorities">, fileCount: number): Uint8Array {
  return Uint8Array.from({ length: fileCount }, (_, file) => filePriorities.indexOf(priorities[file] ?? "normal"));
}

/** A person has tens of labels, a torrent a few. */
export const labelsMax = 32;
export const labelLengthMax = 64;

/** Why this is no label, `undefined` where it is one. Commas and white space at the ends would get lost on a command line. */
export function labelProblem(label: string): string | undefined {
  if (label === "" || label !== label.trim()) return "a label has no blanks at its ends, and is not empty";
  if (label.length > labelLengthMax) return `a label has at most ${labelLengthMax} characters`;
  if (/[\p{C},]/u.test(label)) return "a label has no commas or control characters";
  return undefined;
}

/** @param fileCount of the metainfo. @throws OperationalError `bad-label`, `unknown-file`. */
export function changedChoices(choices: TorrentChoices, changes: TorrentChanges, fileCount: number): TorrentChoices {
  const { labels, priorities, ...rest } = changes;
  return {
    ...choices,
    ...rest,
    ...(labels === undefined ? {} : { labels: checkedLabels(labels) }),
    ...(priorities === undefined ? {} : { priorities: changedPriorities(choices.priorities, priorities, fileCount) }),
  };
}

/** @returns what takes `changes` back. */
export function changesBack(choices: TorrentChoices, { priorities, ...rest }: TorrentChanges): TorrentChanges {
  const keys = Object.keys(rest) as (keyof typeof rest)[];
  const before = Object.fromEntries(keys.map((key) => [key, choices[key]]));
  if (priorities === undefined) return before;
  const were = priorities.map(({ file }) => ({ file, priority: choices.priorities[file] ?? "normal" }));
  return { ...before, priorities: were };
}

function checkedLabels(labels: readonly string[]): readonly string[] {
  const checked = [...new Set(labels)].sort();
  for (const label of checked) {
    const problem = labelProblem(label);
    if (problem !== undefined) throw new OperationalError("bad-label", problem);
  }
  if (checked.length > labelsMax) throw new OperationalError("bad-label", `a torrent has at most ${labelsMax} labels`);
  return checked;
}

function changedPriorities(
  before: readonly FilePriority[],
  changes: readonly { readonly file: number; readonly priority: FilePriority }[],
  fileCount: number,
): readonly FilePriority[] {
  const after = before.length === 0 ? new Array<FilePriority>(fileCount).fill("normal") : [...before];
  for (const { file, priority } of changes) {
    if (file >= fileCount) throw new OperationalError("unknown-file", `the torrent has no file ${file}`);
    after[file] = priority;
  }
  return after.every((priority) => priority === "normal") ? [] : after;
}
