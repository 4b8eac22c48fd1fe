/**
 * What is remembered of a move while it runs, so that the next start can finish or undo it. Replaced atomically at each step.
 *
 * A text of two lines: `p2p-tui relocation VERSION CRC32`, and JSON.
 */
import { fieldsOf, finiteOf, listOf, naturalOf, textOf, truthOf } from "../base/json-fields.ts";
import { crc32 } from "./crc32.ts";
import type { MovedFile } from "./relocation-plan.ts";

/**
 * - `copying`: copies may lie beside their targets under names of their own; all files are where they were.
 * - `placing`: the copies are whole and on the disk; files get their new names, or lose
 *   them again. All copied ones are where they were, too.
 * - `clearing`: all have their new names, on the disk; what was copied is removed where it was.
 */
export const relocationPhases = ["copying", "placing", "clearing"] as const;
export type RelocationPhase = (typeof relocationPhases)[number];

export interface RecordedFile extends MovedFile {
  readonly isCopied: boolean;
}

export interface RelocationRecord {
  /** Hex digits drawn for this move alone: part of the names of its copies. */
  readonly id: string;
  readonly phase: RelocationPhase;
  readonly fromRoot: string;
  readonly toRoot: string;
  /** Folders that were not there before, the outermost first. */
  readonly newFolders: readonly string[];
  readonly files: readonly RecordedFile[];
  /** For whoever began the move; not looked at. */
  readonly note: string;
}

const magic = "p2p-tui relocation";
const version = 1;
/** For the reader of the file: two long paths for each of 100,000 files fit. */
export const relocationRecordLengthMax = 128 * 1024 * 1024;

export function encodeRelocation(record: RelocationRecord): Uint8Array {
  const body = JSON.stringify(record);
  return new TextEncoder().encode(`${magic} ${version} ${checksum(new TextEncoder().encode(body))}\n${body}`);
}

/** @returns `undefined` for anything that is not a whole record. Never throws. */
export function decodeRelocation(bytes: Uint8Array): RelocationRecord | undefined {
  const lineEnd = bytes.subarray(0, 100).indexOf(0x0a);
  if (lineEnd < 0 || bytes.length > relocationRecordLengthMax) return undefined;
  const body = bytes.subarray(lineEnd + 1);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    if (decoder.decode(bytes.subarray(0, lineEnd)) !== `${magic} ${version} ${checksum(body)}`) return undefined;
    const fields = fieldsOf<RelocationRecord>(JSON.parse(decoder.decode(body)));
    const phase = relocationPhases.find((known) => known === fields.phase);
    if (phase === undefined) return undefined;
    return {
      id: textOf(fields.id),
      phase,
      fromRoot: textOf(fields.fromRoot),
      toRoot: textOf(fields.toRoot),
      newFolders: listOf(fields.newFolders).map(textOf),
      files: listOf(fields.files).map(fileOf),
      note: textOf(fields.note),
    };
  } catch {
    return undefined;
  }
}

function fileOf(value: unknown): RecordedFile {
  const fields = fieldsOf<RecordedFile>(value);
  return {
    from: textOf(fields.from),
    to: textOf(fields.to),
    length: naturalOf(fields.length),
    modifiedMs: finiteOf(fields.modifiedMs),
    isCopied: truthOf(fields.isCopied),
  };
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
