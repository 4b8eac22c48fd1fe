/** View 3: the piece map, the pieces one by one, one of them down to its blocks; and how rare they are. */
import { formatSize } from "../../base/units.ts";
import { cellOfPiece, type TorrentDetail } from "../../control/protocol.ts";
import { isKnown } from "../../control/torrent-row.ts";
import { type Drawing, drawPanel, drawSpans, type Span, span, spansWidth } from "../components/drawing.ts";
import { drawHeatmap } from "../components/heatmap.ts";
import { cellInWords, drawLegend, piecesTitle, raritySpans } from "../components/heatmap-words.ts";
import { drawPieceBlocks } from "../components/piece-blocks.ts";
import { drawPieceList } from "../components/piece-list.ts";
import { drawRarityLines, drawRarityPanel } from "../components/rarity-panel.ts";
import { formatCount } from "../format/numbers.ts";
import type { PieceLevel, PiecesPlan } from "../layout/pieces-plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { piecesPlan } from "../state/pieces-reducer.ts";

export function drawPiecesView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = piecesPlan(state, open);
  const { pieces: map, pieceList, piece: closely, rarity } = detail;
  const { pieces } = open;
  const { hasBorders: hasBorder } = plan;
  const cell = cellOfPiece(map, pieces.piece);
  // Side by side, the panel that the keys act on is told by its title.
  const titled = (level: PieceLevel, text: string): Span =>
    plan.isWide && pieces.level === level ? span(` ${text} `, theme.tabActive) : span(text, theme.title);
  if (plan.mapPanel.height > 0) drawMapPanel(d, plan, detail, cell, titled("map", "Pieces"));
  drawRarityPanel(d, plan.rarity, rarity, map, pieces.piece, hasBorder);
  drawRarityLines(d, plan.rarityLines, rarity, map);
  const title = titled("list", plan.isWide ? "One by one" : "Pieces one by one");
  drawPieceList(d, plan.list, { map, list: pieceList, pieces, cell, title, hasBorder });
  if (!isKnown(detail.row)) return;
  drawPieceBlocks(d, plan.blocks, {
    piece: pieces.piece,
    detail: closely,
    holders: pieces.holders,
    hasFocus: pieces.level === "blocks",
    title: titled("blocks", `Piece ${formatCount(pieces.piece)}`),
    hasBorder,
  });
}

function drawMapPanel(d: Drawing, plan: PiecesPlan, detail: TorrentDetail, cell: number, name: Span): void {
  const { theme } = d;
  const { row, pieces: map } = detail;
  const title: readonly Span[] = [
    name,
    ...piecesTitle(theme, row),
    ...(isKnown(row) ? [span(`, ${formatSize(row.pieceLength)} each`, theme.dim)] : []),
  ];
  const note = raritySpans(theme, map, plan.mapPanel.width - spansWidth(title) - 8);
  drawPanel(d, plan.mapPanel, { title, note, hasBorder: plan.hasBorders });
  drawHeatmap(d, plan.map, map, cell);
  if (plan.legend.height > 0) drawLegend(d, plan.legend.x, plan.legend.y, plan.legend.width, map);
  if (plan.about.height > 0) {
    drawSpans(d, plan.about.x, plan.about.y, cellInWords(theme, map, cell, plan.about.width), plan.about.width);
  }
}
