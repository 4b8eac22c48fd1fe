/** The line for adding a torrent. */
import { clean, type Drawing, drawSpans, type Span, span } from "../components/drawing.ts";
import type { PromptOverlay } from "../state/overlay.ts";
import { drawDialog, drawInput, inDialog } from "./dialog.ts";

export function drawPrompt(d: Drawing, overlay: PromptOverlay): void {
  const { theme } = d;
  const width = Math.min(d.canvas.width, 84);
  const inner = width - 4;
  const rect = drawDialog(d, width, 7, "Add a torrent", theme.dialogBorder);
  drawSpans(d, rect.x, rect.y, inDialog(theme, [span("A .torrent file, or an http(s) URL of one:", theme.dim)]), inner);
  drawInput(d, { ...rect, y: rect.y + 1, height: 1 }, overlay);
  const below: readonly Span[] = overlay.isBusy
    ? [span("opening…", theme.accent)]
    : overlay.error !== ""
      ? [span(`${theme.glyphs.stateFailed} ${clean(overlay.error)}`, theme.bad)]
      : [span("Enter", theme.key), span(" add   ", theme.dim), span("Esc", theme.key), span(" cancel", theme.dim)];
  drawSpans(d, rect.x, rect.y + 3, inDialog(theme, below), inner);
}
