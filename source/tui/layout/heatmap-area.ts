/** The part of a pieces panel's content that is cells; its last line is the legend. */
import type { Rect } from "../format/canvas.ts";

export function heatmapArea(content: Rect): Rect {
  const legend = content.height >= 2 ? 1 : 0;
  const gap = content.height >= 12 ? 1 : 0;
  return { ...content, height: Math.max(0, content.height - legend - gap) };
}
