/** Where the reasons go: one below the other, or with much room beside where the time went. Pure. */
import type { Rect } from "../format/canvas.ts";
import { contentOf, planTorrent, type TorrentPlan } from "./plan.ts";

export interface WhyPlan extends TorrentPlan {
  readonly reasons: Rect;
  /** What the neighbours' time went into; `null`: it stands among the reasons. */
  readonly time: Rect | null;
  /** Of the reasons' content. */
  readonly width: number;
  readonly pageSize: number;
}

/** Neighbours on one line each, with all that is said of them. */
const timeWidthMin = 84;

export function planWhy(columns: number, rows: number): WhyPlan {
  const plan = planTorrent(columns, rows);
  const { body } = plan;
  const timeWidth = columns >= 2 * timeWidthMin ? Math.max(timeWidthMin, Math.floor(columns / 2)) : 0;
  const reasons = { ...body, width: body.width - timeWidth };
  const content = contentOf(reasons, plan.hasBorders);
  return {
    ...plan,
    reasons,
    time: timeWidth === 0 ? null : { ...body, x: body.x + reasons.width, width: timeWidth },
    width: content.width,
    pageSize: Math.max(1, content.height),
  };
}
