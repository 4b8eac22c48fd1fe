/** Where the ledger goes, and how many rounds of it there is room for: pure. */
import type { Rect } from "../format/canvas.ts";
import { contentOf, planTorrent, type TorrentPlan } from "./plan.ts";

export interface LedgerPlan extends TorrentPlan {
  readonly panel: Rect;
  readonly choker: Rect;
  readonly table: Rect;
  readonly legend: Rect;
  /** The selected neighbour round by round. */
  readonly about: Rect;
  /** Shown of each neighbour: 1 … 60. */
  readonly rounds: number;
  readonly pageSize: number;
}

export function planLedger(columns: number, rows: number): LedgerPlan {
  const plan = planTorrent(columns, rows);
  const content = contentOf(plan.body, plan.hasBorders);
  const legendHeight = content.height >= 10 ? 1 : 0;
  const aboutHeight = content.height >= 34 ? 14 : content.height >= 16 ? 5 : 0;
  const tableHeight = Math.max(0, content.height - 1 - legendHeight - aboutHeight);
  return {
    ...plan,
    panel: plan.body,
    choker: { ...content, height: Math.min(1, content.height) },
    table: { ...content, y: content.y + 1, height: tableHeight },
    legend: { ...content, y: content.y + 1 + tableHeight, height: legendHeight },
    about: { ...content, y: content.y + 1 + tableHeight + legendHeight, height: aboutHeight },
    rounds: columns >= 150 ? 48 : columns >= 100 ? 30 : 21,
    pageSize: Math.max(1, tableHeight - 1),
  };
}
