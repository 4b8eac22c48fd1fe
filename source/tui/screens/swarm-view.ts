/** View 1: the swarm at once: neighbours, choker, pieces, trackers; with room also rates and log. */
import type { TorrentDetail } from "../../control/protocol.ts";
import { isComplete } from "../../control/torrent-row.ts";
import type { CommandId } from "../../preferences/commands.ts";
import { keyFor } from "../../preferences/keymap.ts";
import { drawBoundPanel } from "../components/bound-panel.ts";
import {
  type Drawing,
  drawCentred,
  drawPanel,
  drawSpans,
  fitGroups,
  type Span,
  span,
  spansWidth,
} from "../components/drawing.ts";
import { drawHeatmap } from "../components/heatmap.ts";
import { drawLegend, piecesTitle, raritySpans } from "../components/heatmap-words.ts";
import { neighbourColumns } from "../components/neighbour-columns.ts";
import { drawNeighbourPanel } from "../components/neighbour-panel.ts";
import { drawChoker, drawLogPanel, drawRatesPanel, drawTrackerLine, trackersByInterest } from "../components/panels.ts";
import { drawTable } from "../components/table.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount, plural } from "../format/numbers.ts";
import { heatmapArea } from "../layout/heatmap-area.ts";
import { planNeighbourColumns } from "../layout/neighbour-columns-plan.ts";
import { planSwarm } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawSwarm(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const plan = planSwarm(state.columns, state.rows, {
    neighbours: detail.neighbourCount,
    pieces: detail.pieces.pieceCount,
    trackers: detail.trackers.length,
  });
  const agoMs = state.nowMs - open.receivedMs;
  drawNeighboursPanel(d, plan.neighbours, open, detail, plan.hasBorders, false);
  if (plan.choker.height >= 3) {
    const content = drawPanel(d, plan.choker, { title: [], hasBorder: true });
    drawChoker(d, content.x, content.y, content.width, detail, agoMs);
  } else if (plan.choker.height > 0) {
    drawChoker(d, plan.choker.x + 1, plan.choker.y, plan.choker.width - 2, detail, agoMs);
  }
  if (plan.pieces.height > 0) drawPiecesPanel(d, plan.pieces, detail, plan.hasBorders);
  drawBoundPanel(d, plan.bound, detail, plan.hasBorders);
  for (const [rect, command] of [
    [plan.choker, "viewLedger"],
    [plan.bound, "viewWhy"],
    [plan.rates, "viewGraphs"],
    [plan.trackers, "viewTrackers"],
    [plan.log, "viewLog"],
  ] as const) {
    if (rect.height > 0) d.zones?.push({ rect, target: { kind: "command", command } });
  }
  drawTrackersPanel(d, plan.trackers, detail, plan.hasBorders, agoMs);
  drawRatesPanel(d, plan.rates, detail, plan.hasBorders);
  const selected = detail.neighbours[open.neighbours.cursor - open.neighboursFrom];
  drawNeighbourPanel(d, plan.selected, selected, plan.hasBorders);
  drawLogPanel(d, plan.log, detail.log, plan.hasBorders);
}

export function drawNeighboursPanel(
  d: Drawing,
  rect: Rect,
  open: OpenTorrent,
  detail: TorrentDetail,
  hasBorder: boolean,
  isWhole: boolean,
): void {
  const { theme } = d;
  const { neighbours } = open;
  const unchokedBy = detail.neighbours.filter((row) => !row.peerChoking).length;
  const isAll = detail.neighbours.length === detail.neighbourCount;
  const note: Span[] = isAll
    ? [span(`${formatCount(unchokedBy)} unchoke us`, theme.dim)]
    : [span(`${formatCount(neighbours.cursor + 1)} of ${formatCount(detail.neighbourCount)}`, theme.dim)];
  const content = drawPanel(d, rect, {
    title: [span("Neighbours ", theme.title), span(formatCount(detail.neighbourCount), theme.accentStrong)],
    note,
    hasBorder,
  });
  if (detail.neighbourCount === 0) {
    drawCentred(d, content, noNeighbours(d, detail));
    return;
  }
  drawTable(d, content, {
    columns: neighbourColumns(theme, {
      sort: neighbours.sort,
      isDescending: neighbours.isDescending,
      columns: planNeighbourColumns(content, isWhole).map(({ column }) => column),
      isFinished: isComplete(detail.row),
    }),
    rows: detail.neighbours.slice(Math.max(0, neighbours.offset - open.neighboursFrom)),
    total: detail.neighbourCount,
    offset: neighbours.offset,
    selected: neighbours.cursor,
    hasHeading: true,
    isScrollbarAwaited: true,
  });
}

/** Why there is nobody, and what can be done about it. */
function noNeighbours(d: Drawing, detail: TorrentDetail): readonly (readonly Span[])[] {
  const { theme } = d;
  const { row } = detail;
  const key = (command: CommandId): Span => span(keyFor(d.keymap, "swarm", command), theme.key);
  if (row.state === "paused") {
    return [
      [span("Paused: no connections are kept.", theme.dim)],
      [key("pauseResume"), span(" resumes it.", theme.dim)],
    ];
  }
  if (row.state === "checking") return [[span("Checking the data on the disk; connections follow.", theme.dim)]];
  if (row.state === "failed") return [[span("Stopped after an error; see above.", theme.bad)]];
  const known = row.knownPeers === 0 ? "No peers are known yet." : `Trying ${plural(row.knownPeers, "known peer")}.`;
  return [[span(known, theme.dim)], [key("reannounce"), span(" asks the trackers again.", theme.dim)]];
}

export function drawPiecesPanel(d: Drawing, rect: Rect, detail: TorrentDetail, hasBorder: boolean): void {
  const { theme } = d;
  const { pieces, row } = detail;
  const title: readonly Span[] = [span("Pieces", theme.title), ...piecesTitle(theme, row)];
  const noteRoom = rect.width - spansWidth(title) - 8;
  const content = drawPanel(d, rect, { title, note: raritySpans(theme, pieces, noteRoom), hasBorder });
  const area = heatmapArea(content);
  drawHeatmap(d, area, pieces);
  if (content.height >= 2) drawLegend(d, content.x, content.y + content.height - 1, content.width, pieces);
}

function drawTrackersPanel(d: Drawing, rect: Rect, detail: TorrentDetail, hasBorder: boolean, agoMs: number): void {
  if (rect.height <= 0) return;
  const { theme } = d;
  const trackers = trackersByInterest(detail.trackers);
  if (rect.height === 1) {
    const first = trackers[0];
    const column = drawSpans(d, rect.x + 1, rect.y, [span("Tracker ", theme.dim)], rect.width);
    if (first === undefined) d.canvas.put(column, rect.y, "none", theme.dim);
    else drawTrackerLine(d, column, rect.y, rect.x + rect.width - 1 - column, first, agoMs);
    return;
  }
  const working = detail.trackers.filter((row) => row.state === "working").length;
  const note = fitGroups(
    [[span(`${formatCount(working)} of ${formatCount(detail.trackers.length)} working`, theme.dim)]],
    span("  "),
    rect.width - 16,
  );
  const content = drawPanel(d, rect, { title: [span("Trackers", theme.title)], note, hasBorder });
  if (trackers.length === 0) {
    drawSpans(
      d,
      content.x,
      content.y,
      [span("none: peers must be given or come by themselves", theme.dim)],
      content.width,
    );
  }
  trackers.slice(0, content.height).forEach((row, i) => {
    drawTrackerLine(d, content.x, content.y + i, content.width, row, agoMs);
  });
}
