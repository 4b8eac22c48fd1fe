/** In place of the loss of the engine, while another one is found or started. */
import { type Drawing, drawSpans, span } from "../components/drawing.ts";
import { drawDialog, inDialog } from "./dialog.ts";

export function drawReconnecting(d: Drawing): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 58), 6, "Starting again", theme.dialogBorder);
  drawSpans(d, rect.x, rect.y + 1, inDialog(theme, [span("Waiting for the engine…")]), rect.width);
  const keys = [span("q", theme.key), span(" does not wait, and leaves", theme.dim)];
  drawSpans(d, rect.x, rect.y + 2, inDialog(theme, keys), rect.width);
}
