/** View 3: the piece map on the whole screen, with a cursor that tells what a cell stands for. */
import { formatSize } from "../../base/units.ts";
import type { TorrentDetail } from "../../control/protocol.ts";
import { type Drawing, drawPanel, drawSpans, type Span, span, spansWidth } from "../components/drawing.ts";
import { drawHeatmap } from "../components/heatmap.ts";
import { cellInWords, drawLegend, raritySpans } from "../components/heatmap-words.ts";
import { formatCount } from "../format/numbers.ts";
import { planPieces } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawPiecesView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planPieces(state.columns, state.rows);
  const { row, pieces } = detail;
  const title: readonly Span[] = [
    span("Pieces ", theme.title),
    span(formatCount(row.verifiedPieces), theme.accentStrong),
    span(` of ${formatCount(row.pieceCount)}, ${formatSize(row.pieceLength)} each`, theme.dim),
  ];
  const rarity = raritySpans(theme, pieces, plan.panel.width - spansWidth(title) - 8);
  drawPanel(d, plan.panel, { title, note: rarity, hasBorder: plan.hasBorders });
  drawHeatmap(d, plan.map, pieces, open.cell);
  if (plan.legend.height > 0) drawLegend(d, plan.legend.x, plan.legend.y, plan.legend.width, pieces);
  if (plan.about.height > 0) {
    drawSpans(d, plan.about.x, plan.about.y, cellInWords(theme, pieces, open.cell, plan.about.width), plan.about.width);
  }
}
