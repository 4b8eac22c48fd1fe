/** What is known of one file of a torrent on the disk. */
import type { OperationalError } from "../base/errors.ts";
import type { MetainfoFile } from "../metainfo/metainfo.ts";
import { diskErrorOf } from "./disk-error.ts";
import { type PooledFile, pooledFile } from "./file-pool.ts";

export interface StoredFile {
  readonly index: number;
  readonly info: MetainfoFile;
  readonly pooled: PooledFile;
  /** It was made or opened for writing since the start: if it is gone later, somebody removed it. */
  isBegun: boolean;
  /** Written since the last `sync`. */
  isDirty: boolean;
  /** How often it was changed by us. */
  changeCount: number;
  /** What `fingerprint` found, as long as we have not written since. */
  fingerprint: string | undefined;
  isWanted: boolean;
  /** It is not there, and its bytes go to the side file. */
  isAside: boolean;
  /** While it lies aside: bytes of it were written in this run of the program. */
  hasFreshBytes: boolean;
  /** Where it is being made of what lies aside: what is written meanwhile goes to both. */
  draft: PooledFile | undefined;
}

/** @param path absolute, "" for padding. */
export function storedFile(index: number, info: MetainfoFile, path: string): StoredFile {
  return {
    index,
    info,
    pooled: pooledFile(path),
    isBegun: false,
    isDirty: false,
    changeCount: 0,
    fingerprint: undefined,
    isWanted: true,
    isAside: false,
    hasFreshBytes: false,
    draft: undefined,
  };
}

/** To be called when our own doing changes the file. */
export function markChanged(file: StoredFile): void {
  file.isDirty = true;
  file.changeCount++;
  file.fingerprint = undefined;
}

export function tooShort(file: StoredFile): OperationalError {
  return diskErrorOf({ code: "ENOENT" }, "read all of", file.pooled.path);
}
