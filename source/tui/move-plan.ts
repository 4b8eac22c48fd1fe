/** Asks the engine what moving files would do, before anything is done. */
import { messageOf } from "../base/errors.ts";
import { isMoveReport, type MoveReport } from "../control/move-protocol.ts";
import type { EngineLink } from "./engine-link.ts";
import type { MoveOverlay } from "./state/overlay.ts";
import type { Store } from "./state/store.ts";

/** One torrent after another; what it finds goes to the dialog, if that still asks for it. */
export async function planMove(link: EngineLink, store: Store, asked: MoveOverlay): Promise<void> {
  if (!link.isOpen) return;
  const savePath = asked.text.trim();
  store.dispatch({ type: "moveStage", savePath, stage: { kind: "planning" } });
  try {
    let sum: MoveReport | undefined;
    for (const { infoHash } of asked.torrents) {
      const report = (await link.ask({ name: "move", infoHash, savePath, isDryRun: true })) ?? null;
      if (isMoveReport(report)) sum = sum === undefined ? report : together(sum, report);
    }
    if (sum !== undefined) store.dispatch({ type: "moveStage", savePath, stage: { kind: "planned", report: sum } });
  } catch (error) {
    store.dispatch({ type: "moveStage", savePath, stage: { kind: "typing", error: messageOf(error) } });
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
