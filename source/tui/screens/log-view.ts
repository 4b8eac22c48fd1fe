/** View 9: the log. */
import type { TorrentDetail } from "../../control/protocol.ts";
import type { Drawing } from "../components/drawing.ts";
import { drawLogPanel } from "../components/panels.ts";
import { planLog } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawLogView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const plan = planLog(state.columns, state.rows);
  drawLogPanel(d, plan.log, detail.log, plan.hasBorders, open.logBack);
}
