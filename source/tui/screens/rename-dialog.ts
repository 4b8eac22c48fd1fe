/** Another name on the disk. */
import { clean, cleanPath, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import { truncateMiddle, wrap } from "../format/text-width.ts";
import type { RenameOverlay } from "../state/renaming.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

export function drawRename(d: Drawing, overlay: RenameOverlay): void {
  const { theme } = d;
  const { what, before, error, isBusy } = overlay;
  const width = Math.min(d.canvas.width, 76);
  const inner = width - 4;
  const lines = wrap(error === "" ? "" : `${theme.glyphs.stateFailed} ${clean(error)}`, inner, 3);
  const rect = drawDialog(d, width, Math.max(1, lines.length) + 7, `Rename this ${what}`, theme.dialogBorder);
  const old = truncateMiddle(cleanPath(before), inner, theme.glyphs.ellipsis);
  drawSpans(d, rect.x, rect.y, inDialog(theme, [span(old, theme.dim)]), inner);
  drawInput(d, { ...rect, y: rect.y + 1, height: 1 }, overlay);
  const note =
    what === "torrent" ? "Its folder or file on the disk; the swarm sees nothing of it." : "On the disk alone.";
  const below: readonly (readonly Span[])[] =
    error !== "" ? lines.map((text) => [span(text, theme.bad)]) : [[span(note, theme.dim)]];
  below.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 3 + i, inDialog(theme, line), inner);
  });
  const keys = isBusy
    ? [span(`renaming it${theme.glyphs.ellipsis}`, theme.accent)]
    : [span("Enter", theme.key), span(" rename   ", theme.dim), span("Esc", theme.key), span(" cancel", theme.dim)];
  drawSpans(d, rect.x, rect.y + rect.height - 1, inDialog(theme, keys), inner);
}
