/** Asks the engine what moving files would do, before anything is done. */
import { messageOf } from "../base/errors.ts";
import { isMoveReport, type MoveReport } from "../control/move-protocol.ts";
import type { EngineLink } from "./engine-link.ts";
import type { MoveOverlay, MoveStage } from "./state/overlay.ts";
import type { Store } from "./state/store.ts";

/**
 * One torrent after another; what it finds goes to the dialog, if that still asks for it.
 * @param placeOf from what was typed to an absolute path.
 */
export async function planMove(
  link: EngineLink,
  store: Store,
  asked: MoveOverlay,
  placeOf: (typed: string) => Promise<string>,
): Promise<void> {
  if (!link.isOpen) return;
  const typed = asked.place.text;
  const tell = (stage: MoveStage): void => store.dispatch({ type: "moveStage", typed, stage });
  tell({ kind: "planning" });
  try {
    const savePath = await placeOf(typed.trim());
    let sum: MoveReport | undefined;
    for (const { infoHash } of asked.torrents) {
      const report = (await link.ask({ name: "move", infoHash, savePath, isDryRun: true })) ?? null;
      if (isMoveReport(report)) sum = sum === undefined ? report : together(sum, report);
    }
    if (sum !== undefined) tell({ kind: "planned", savePath, report: sum });
  } catch (error) {
    tell({ kind: "typing", error: messageOf(error) });
  }
}

function together(a: MoveReport, b: MoveReport): MoveReport {
  const copyBytes = a.copyBytes + b.copyBytes;
  const freeBytes = Math.min(a.freeBytes, b.freeBytes);
  return {
    renamed: a.renamed + b.renamed,
    copied: a.copied + b.copied,
    absent: a.absent + b.absent,
    copyBytes,
    freeBytes,
    // Each fits alone: together they may not.
    fits: a.fits && b.fits && copyBytes <= freeBytes,
    conflicts: a.conflicts + b.conflicts,
    reasons: [...a.reasons, ...b.reasons],
  };
}
