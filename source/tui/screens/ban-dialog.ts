/** Whether to ban a neighbour's address for good, or to let go of one neighbour for a while. */
import { clean, type Drawing, drawSpans, span } from "../components/drawing.ts";
import { truncate } from "../format/text-width.ts";
import type { BanOverlay, KickOverlay } from "../state/overlay.ts";
import { drawDialog, inDialog } from "./dialog.ts";

export function drawBan(d: Drawing, { address, client }: BanOverlay): void {
  const consequences = ["No torrent connects to this address any more.", "U takes it back; later p2p-tui ctl unban."];
  drawAboutOne(d, { title: "Ban this neighbour?", name: address, client, consequences, yes: "ban" });
}

export function drawKick(d: Drawing, { endpoint, client }: KickOverlay): void {
  const consequences = ["It is dropped, and not dialled for ten minutes.", "It may come back by itself."];
  drawAboutOne(d, { title: "Let go of this neighbour?", name: endpoint, client, consequences, yes: "let go" });
}

interface Question {
  readonly title: string;
  readonly name: string;
  readonly client: string;
  readonly consequences: readonly string[];
  readonly yes: string;
}

function drawAboutOne(d: Drawing, { title, name, client, consequences, yes }: Question): void {
  const { theme } = d;
  const rect = drawDialog(d, Math.min(d.canvas.width, 66), 6 + consequences.length, title, theme.dialogBorder);
  const who = client === "" ? "" : `  ${truncate(clean(client), 20, theme.glyphs.ellipsis)}`;
  const lines = [
    [span(clean(name), theme.strong), span(who, theme.dim)],
    ...consequences.map((text) => [span(text, theme.dim)]),
    [],
    [span("y", theme.key), span(` ${yes}   `), span("n", theme.key), span(" let it be")],
  ];
  lines.forEach((line, i) => {
    drawSpans(d, rect.x, rect.y + 1 + i, inDialog(theme, line), rect.width);
  });
}
