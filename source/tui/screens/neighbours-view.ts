/** View 2: all neighbours, and the selected one in words. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Drawing } from "../components/drawing.ts";
import { drawNeighbourPanel } from "../components/neighbour-panel.ts";
import { planNeighbours } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { drawNeighboursPanel } from "./swarm-view.ts";

export function drawNeighboursView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const plan = planNeighbours(state.columns, state.rows);
  drawNeighboursPanel(d, plan.table, open, detail, plan.hasBorders, true);
  drawNeighbourPanel(d, plan.detail, detail.neighbours[open.neighbours.cursor - open.neighboursFrom], plan.hasBorders);
}
