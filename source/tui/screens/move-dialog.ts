/** Where files shall go: the path is typed, then what that would do is shown, then it is done. */

import { formatSize } from "../../base/units.ts";
import type { MoveReport } from "../../control/move-protocol.ts";
import { shownName } from "../../control/torrent-row.ts";
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { drawPathChoice } from "../components/path-choice.ts";
import { plural } from "../format/numbers.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { canMove } from "../state/moving.ts";
import type { MoveOverlay } from "../state/overlay.ts";
import { itemsOf } from "../state/path-input.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

const reasonsMax = 4;
const choicesMax = 10;

export function drawMove(d: Drawing, overlay: MoveOverlay): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 84);
  const inner = width - 4;
  const [first] = overlay.torrents;
  const whose =
    first !== undefined && overlay.torrents.length === 1
      ? truncateMiddle(shownName(first), width - 12, theme.glyphs.ellipsis)
      : plural(overlay.torrents.length, "torrent");
  const lines = stageLines(theme, overlay, inner);
  const choices = overlay.place.isOpen ? Math.min(itemsOf(overlay.place).length, choicesMax) : 0;
  const rect = drawDialog(d, width, Math.max(lines.length, choices) + 8, `Move ${whose}`, theme.dialogBorder);
  drawSpans(d, rect.x, rect.y, inDialog(theme, [span("To this folder:", theme.dim)]), inner);
  drawInput(d, { ...rect, y: rect.y + 1, height: 1 }, overlay.place);
  if (overlay.place.isOpen) drawPathChoice(d, { ...rect, y: rect.y + 3, height: rect.height - 5 }, overlay.place);
  else {
    lines.forEach((line, i) => {
      drawSpans(d, rect.x, rect.y + 3 + i, inDialog(theme, line), inner);
    });
  }
  const enter = overlay.stage.kind === "planned" ? " move them   " : " see what that would do   ";
  const canGo = overlay.stage.kind !== "planned" || canMove(overlay.stage.report);
  const keys = [
    ...(canGo ? [span("Enter", theme.key), span(enter, theme.dim)] : []),
    ...(overlay.place.completion === null ? [] : [span("Tab", theme.key), span(" complete   ", theme.dim)]),
    ...[span("Esc", theme.key), span(" cancel", theme.dim)],
  ];
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, keys), inner);
}

function stageLines(theme: Theme, { stage }: MoveOverlay, width: number): readonly (readonly Span[])[] {
  switch (stage.kind) {
    case "typing":
      return wrap(stage.error === "" ? "" : `${theme.glyphs.stateFailed} ${clean(stage.error)}`, width, reasonsMax).map(
        (text) => [span(text, theme.bad)],
      );
    case "planning":
      return [[span("looking at the files…", theme.accent)]];
    case "planned":
      return planLines(theme, stage.report, width);
  }
}

function planLines(theme: Theme, report: MoveReport, width: number): readonly (readonly Span[])[] {
  const { renamed, copied, absent, copyBytes, freeBytes, fits, conflicts, reasons } = report;
  const lines: (readonly Span[])[] = [];
  if (renamed > 0) lines.push([span(`${plural(renamed, "file")} renamed, at once`)]);
  if (copied > 0) {
    lines.push([
      span(`${plural(copied, "file")} copied to another file system: ${formatSize(copyBytes)}`),
      span(` of ${formatSize(freeBytes)} free`, fits ? theme.dim : theme.bad),
    ]);
  }
  if (absent > 0) lines.push([span(`${plural(absent, "file")} not there yet`, theme.dim)]);
  if (lines.length === 0 && conflicts === 0) lines.push([span("nothing is there to be moved", theme.dim)]);
  if (!fits) lines.push([span(`${theme.glyphs.stateFailed} there is not the room`, theme.bad)]);
  if (conflicts > 0) {
    const cannot = `${theme.glyphs.stateFailed} ${plural(conflicts, "file")} cannot go; nothing is ever written over`;
    lines.push([span(cannot, theme.bad)]);
    for (const reason of reasons.slice(0, reasonsMax)) {
      lines.push([span(`  ${truncateMiddle(clean(reason), width - 2, theme.glyphs.ellipsis)}`, theme.dim)]);
    }
  }
  return lines;
}
