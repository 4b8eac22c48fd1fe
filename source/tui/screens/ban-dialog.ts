/** Whether to ban a neighbour's address. */
import { clean, type Drawing, drawSpans, span } from "../components/drawing.ts";
import { truncate } from "../format/text-width.ts";
import type { BanOverlay } from "../state/overlay.ts";
import { drawDialog, inDialog } from "./dialog.ts";

export function drawBan(d: Drawing, { address, client }: BanOverlay): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 66), 8, "Ban this neighbour?", theme.dialogBorder);
  const name = client === "" ? "" : `  ${truncate(clean(client), 20, theme.glyphs.ellipsis)}`;
  const lines = [
    [span(clean(address), theme.strong), span(name, theme.dim)],
    [span("No torrent connects to this address any more.", theme.dim)],
    [span("p2p-tui ctl unban takes it back.", theme.dim)],
    [],
    [span("y", theme.key), span(" ban   "), span("n", theme.key), span(" let it be")],
  ];
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, line), rect.width);
  });
}
