/** View 3: the piece map on the whole screen, with a cursor that tells what a cell stands for. */
import { formatSize } from "../../base/units.ts";
import type { PieceMap, TorrentDetail } from "../../control/protocol.ts";
import { type Drawing, drawPanel, drawSpans, fitGroups, type Span, span, spansWidth } from "../components/drawing.ts";
import { cellKind, drawHeatmap, drawLegend, piecesOfCell, raritySpans } from "../components/heatmap.ts";
import { formatCount, plural } from "../format/numbers.ts";
import type { Theme } from "../format/theme.ts";
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

/** What the marked cell stands for. */
export function cellInWords(theme: Theme, map: PieceMap, index: number, width: number): readonly Span[] {
  if (index < 0 || index >= map.cellCount) return [];
  const { first, last } = piecesOfCell(map, index);
  const count = last - first + 1;
  const cell = cellKind(map, index);
  const have = map.have[index] ?? 0;
  const active = map.active[index] ?? 0;
  const availability = map.minAvailability[index] ?? 0;
  const who =
    availability === 0
      ? "nobody has it"
      : `${plural(availability, "neighbour")} ${availability === 1 ? "has" : "have"} it`;
  const name = count === 1 ? `piece ${formatCount(first)}` : `pieces ${formatCount(first)}–${formatCount(last)}`;
  const groups: (readonly Span[])[] = [
    [span("▸ ".replace("▸", theme.glyphs.arrowRight), theme.accent), span(name, theme.strong)],
  ];
  if (cell.kind === "have") {
    groups.push([span(count === 1 ? "ours" : "all ours", theme.good)]);
    groups.push([span(count === 1 ? who : `the rarest: ${who}`, theme.dim)]);
  } else {
    if (count > 1) groups.push([span(`${formatCount(have)} ours`, theme.good)]);
    if (active > 0) groups.push([span(count === 1 ? "in flight" : `${formatCount(active)} in flight`, theme.warn)]);
    else if (count === 1) groups.push([span("missing", theme.text)]);
    groups.push([span(count === 1 ? who : `rarest missing: ${who}`, availability === 0 ? theme.bad : theme.text)]);
  }
  return fitGroups(groups, span(` ${theme.glyphs.dot} `, theme.rule), width);
}
