/** What of a torrent is on the disk and right: from its record as far as that can be trusted, by hashing the rest. */
import { Bitfield } from "../../base/bitfield.ts";
import { OperationalError } from "../../base/errors.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import { isMissing } from "../../storage/file-care.ts";
import type { Storage } from "../../storage/storage.ts";
import type { ResumePlan, TorrentStore } from "../profile/torrent-store.ts";
import type { TorrentServices } from "../torrent-services.ts";
import type { RunOwner } from "./run-owner.ts";

/** A torrent's description, and where its content lies. */
export interface FoundSeed {
  readonly metainfo: Metainfo;
  readonly storage: Storage;
}

/** @returns `undefined` where the files of this complete torrent are not what they were. @throws as `planOf`. */
export async function lookAtSeed(services: TorrentServices, owner: RunOwner): Promise<FoundSeed | undefined> {
  await owner.settleMove();
  const metainfo = await owner.loadMetainfo();
  const storage = services.makeStorage(metainfo, owner.savePath);
  const plan = await planOf(services.store, owner, { metainfo, storage }, false);
  return plan.trusted.isFull && plan.isSynced ? { metainfo, storage } : undefined;
}

/**
 * Looks at the files, not into them. @param mustCheck hash what is there even where the record vouches for it.
 * @throws OperationalError `data-missing` where a torrent that had files has none: a drive that is not mounted; nothing is
 * to be made in its place, nor downloaded again.
 */
export async function planOf(
  store: TorrentStore,
  { savePath, expectsFiles, have }: Pick<RunOwner, "savePath" | "expectsFiles" | "have">,
  { metainfo, storage }: FoundSeed,
  mustCheck: boolean,
): Promise<ResumePlan> {
  const fingerprint = await storage.fingerprint();
  if (!mustCheck && (expectsFiles || !have.isEmpty) && fingerprint.every(isMissing)) {
    throw new OperationalError("data-missing", `its files are not in ${savePath}`);
  }
  if (!mustCheck) return store.planResume(metainfo, savePath, fingerprint);
  return { trusted: new Bitfield(metainfo.pieceCount), recheck: Bitfield.full(metainfo.pieceCount), isSynced: false };
}

/** Hashes what the plan says. @param progress told of 0 … 1. @returns all that is right. */
export async function carryOut(
  plan: ResumePlan,
  storage: Storage,
  progress: { checkedFraction: number | null },
  signal: AbortSignal,
): Promise<Bitfield> {
  const have = plan.trusted.clone();
  if (!plan.recheck.isEmpty && !signal.aborted) {
    const right = await storage.check(
      ({ checkedPieces, pieceCount }) => {
        progress.checkedFraction = checkedPieces / Math.max(1, pieceCount);
      },
      signal,
      plan.recheck,
    );
    for (let piece = 0; piece < have.length; piece++) if (right.has(piece)) have.set(piece);
  }
  // Records say that what they name is synced: so it has to be before the next one is written.
  if (!have.isEmpty && !(plan.isSynced && plan.recheck.isEmpty) && !signal.aborted) await storage.sync("all");
  return have;
}
