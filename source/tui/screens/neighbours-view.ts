/** View 2: all neighbours, and the selected one in words; or that one alone, closely. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Drawing } from "../components/drawing.ts";
import { drawNeighbourClosely } from "../components/neighbour-close.ts";
import { drawNeighbourPanel } from "../components/neighbour-panel.ts";
import { planNeighbours } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { drawNeighboursPanel } from "./swarm-view.ts";

export function drawNeighboursView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const plan = planNeighbours(state.columns, state.rows);
  const row = detail.neighbours[open.neighbours.cursor - open.neighboursFrom];
  if (open.isClose) {
    drawNeighbourClosely(d, plan.body, row, detail.neighbour, plan.hasBorders);
    return;
  }
  drawNeighboursPanel(d, plan.table, open, detail, plan.hasBorders, true);
  if (plan.isBeside) drawNeighbourClosely(d, plan.detail, row, detail.neighbour, plan.hasBorders);
  else drawNeighbourPanel(d, plan.detail, row, plan.hasBorders);
}
