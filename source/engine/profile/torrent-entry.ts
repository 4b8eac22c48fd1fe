/**
 * A torrent's entry in the profile: that it is on the list, and what the user has decided about it. It changes when the
 * user acts, and is on the disk before the user is answered; what the engine finds out by itself (verified pieces, totals) is
 * in the resume record. It also keeps what the list shows of the .torrent file, so that a start need not read that.
 *
 * A record as in json-record.ts. Later versions add a step to `migrated`.
 */
import type { InfoHash } from "../../base/ids.ts";
import { infoHashFromHex } from "../../base/ids.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  finiteOf,
  listOf,
  naturalOf,
  textOf,
  truthOf,
} from "../../base/json-fields.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { Renames } from "../../metainfo/renames.ts";
import { decodeRecord, encodeRecord } from "./json-record.ts";
import {
  defaultChoices,
  type FilePriority,
  filePriorities,
  type SeedingGoal,
  type TorrentChoices,
} from "./torrent-choices.ts";

/** What the list needs of a .torrent file. */
export interface TorrentSummary {
  readonly name: string;
  /** First element of its files' paths: the one file, or the folder of all. */
  readonly rootName: string;
  readonly totalLength: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Padding included. */
  readonly fileCount: number;
  readonly isPrivate: boolean;
  readonly trackerTiers: readonly (readonly string[])[];
}

/** What goes: the torrent alone, its files too, or its files to the trash. */
const removals = ["torrent", "data", "trash"] as const;
export type Removal = (typeof removals)[number];

export interface TorrentEntry {
  readonly infoHash: InfoHash;
  readonly summary: TorrentSummary;
  /** Absolute path of the folder that the files are in. */
  readonly savePath: string;
  readonly isPaused: boolean;
  readonly addedWallMs: number;
  /** `HOST:PORT`, given by hand: to dial besides what trackers say. */
  readonly peers: readonly string[];
  readonly choices: TorrentChoices;
  /** In words, the seeding goal that it was paused for. */
  readonly goalReached?: string | undefined;
  /** It was resumed by hand after it had reached this. */
  readonly waivedGoal?: SeedingGoal | undefined;
  /** What of it is called otherwise on the disk than in its .torrent file. */
  readonly renames?: Renames | undefined;
  /** It is being removed, and what with: whoever finds this finishes it, unless it is kept as `removed`. */
  readonly removal: Removal | null;
  /** It was removed, and is kept for a while; see removed-torrents.ts. */
  readonly removed?: RemovedMark | undefined;
}

/** When a torrent was removed, and its place in the queue then. */
export interface RemovedMark {
  readonly wallMs: number;
  readonly place: number;
}

export function summaryOf(metainfo: Metainfo): TorrentSummary {
  const { name, totalLength, pieceLength, pieceCount, files, isPrivate, trackerTiers } = metainfo;
  const rootName = files[0]?.path[0] ?? name;
  return { name, rootName, totalLength, pieceLength, pieceCount, fileCount: files.length, isPrivate, trackerTiers };
}

const kind = "entry";
const version = 1;

/** For the reader of the file: a torrent of 100,000 files with priorities, and 10,000 trackers, fit. */
export const entryLengthMax = 8 * 1024 * 1024;

export function encodeEntry(entry: TorrentEntry): Uint8Array {
  const { choices, ...rest } = entry;
  const priorities = choices.priorities.map((priority) => filePriorities.indexOf(priority)).join("");
  return encodeRecord(kind, version, { ...rest, choices: { ...choices, priorities } });
}

/** @returns `undefined` for anything that is not a whole entry. Never throws. */
export function decodeEntry(bytes: Uint8Array): TorrentEntry | undefined {
  if (bytes.length > entryLengthMax) return undefined;
  return decodeRecord(kind, version, bytes, (value) => entryOf(fieldsOf<TorrentEntry>(value)));
}

/** Throws where a field is not what it must be. */
function entryOf(fields: Fields<TorrentEntry>): TorrentEntry {
  const summary = fieldsOf<TorrentSummary>(fields.summary);
  const entry: TorrentEntry = {
    infoHash: infoHashFromHex(textOf(fields.infoHash)),
    summary: {
      name: textOf(summary.name),
      rootName: textOf(summary.rootName),
      totalLength: naturalOf(summary.totalLength),
      pieceLength: naturalOf(summary.pieceLength),
      pieceCount: naturalOf(summary.pieceCount),
      fileCount: naturalOf(summary.fileCount),
      isPrivate: truthOf(summary.isPrivate),
      trackerTiers: listOf(summary.trackerTiers).map((tier) => listOf(tier).map(textOf)),
    },
    savePath: textOf(fields.savePath),
    isPaused: truthOf(fields.isPaused),
    addedWallMs: finiteOf(fields.addedWallMs),
    peers: listOf(fields.peers ?? []).map(textOf),
    choices: choicesOf(fieldsOf<TorrentChoices>(fields.choices)),
    removal: removals.find((removal) => removal === fields.removal) ?? null,
  };
  if (fields.goalReached !== undefined) Object.assign(entry, { goalReached: textOf(fields.goalReached) });
  if (fields.renames !== undefined) Object.assign(entry, { renames: renamesIn(fields.renames) });
  if (fields.removed !== undefined) Object.assign(entry, { removed: markOf(fields.removed) });
  if (fields.waivedGoal !== undefined) Object.assign(entry, { waivedGoal: waivedOf(fields.waivedGoal) });
  const { pieceCount, pieceLength, totalLength, fileCount } = entry.summary;
  if (pieceCount !== Math.ceil(totalLength / pieceLength) || pieceCount < 1) throw new TypeError("no geometry");
  const { priorities } = entry.choices;
  if (priorities.length !== 0 && priorities.length !== fileCount) throw new TypeError("no priorities");
  return entry;
}

/** Throws where it is none. */
export function renamesIn(value: unknown): Renames {
  return listOf(value).map((item) => {
    const [path, name] = listOf(item);
    return [textOf(path), textOf(name)] as const;
  });
}

function markOf(value: unknown): RemovedMark {
  const { wallMs, place } = fieldsOf<RemovedMark>(value);
  return { wallMs: finiteOf(wallMs), place: naturalOf(place) };
}

function waivedOf(value: unknown): SeedingGoal {
  const { ratio, seedMinutes, idleMinutes } = fieldsOf<SeedingGoal>(value);
  return { ratio: amountOf(ratio), seedMinutes: amountOf(seedMinutes), idleMinutes: amountOf(idleMinutes) };
}

/** What a version did not know yet has its default. */
export function choicesOf(fields: Fields<TorrentChoices>): TorrentChoices {
  const or = <T>(value: unknown, check: (value: unknown) => T, otherwise: T): T =>
    value === undefined ? otherwise : check(value);
  const orNull = (value: unknown): number | null => (value === undefined || value === null ? null : amountOf(value));
  const none = defaultChoices;
  return {
    labels: or(fields.labels, (value) => listOf(value).map(textOf), none.labels),
    priorities: or(fields.priorities, prioritiesOf, none.priorities),
    isSequential: or(fields.isSequential, truthOf, none.isSequential),
    isSuperSeed: or(fields.isSuperSeed, truthOf, none.isSuperSeed),
    maxDownRate: or(fields.maxDownRate, amountOf, none.maxDownRate),
    maxUpRate: or(fields.maxUpRate, amountOf, none.maxUpRate),
    slots: orNull(fields.slots),
    connections: orNull(fields.connections),
    isForced: or(fields.isForced, truthOf, none.isForced),
    ratioGoal: orNull(fields.ratioGoal),
    seedMinutesGoal: orNull(fields.seedMinutesGoal),
    idleMinutesGoal: orNull(fields.idleMinutesGoal),
  };
}

/** A digit for each file. */
function prioritiesOf(value: unknown): readonly FilePriority[] {
  return [...textOf(value)].map((digit) => {
    const priority = filePriorities[Number(digit)];
    if (priority === undefined) throw new TypeError("no priority");
    return priority;
  });
}
