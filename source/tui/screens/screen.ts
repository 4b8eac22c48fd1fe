/** The whole screen from the state: a pure function. */
import { type Drawing, drawCentred, drawSpans, span, type Zone } from "../components/drawing.ts";
import { toAscii } from "../format/ascii.ts";
import { Canvas } from "../format/canvas.ts";
import type { Theme } from "../format/theme.ts";
import { columnsMin, planTorrent, rowsMin } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";
import { drawFilesView } from "./files-view.ts";
import { drawGraphsView } from "./graphs-view.ts";
import { drawHints } from "./hints.ts";
import { drawLedgerView } from "./ledger-view.ts";
import { drawListScreen } from "./list-screen.ts";
import { drawLogView } from "./log-view.ts";
import { drawNeighboursView } from "./neighbours-view.ts";
import { drawOverlay } from "./overlays.ts";
import { drawPiecesView } from "./pieces-view.ts";
import { drawSwarm } from "./swarm-view.ts";
import { drawTabs } from "./tabs.ts";
import { drawTorrentHeader } from "./torrent-header.ts";
import { drawTrackersView } from "./trackers-view.ts";
import { drawWhyView } from "./why-view.ts";

/** @param zones is filled with what can be clicked, where it is given. */
export function drawScreen(state: AppState, theme: Theme, zones?: Zone[]): Canvas {
  const canvas = new Canvas(state.columns, state.rows);
  const { keymap } = state.preferences;
  const d: Drawing = zones === undefined ? { canvas, theme, keymap } : { canvas, theme, keymap, zones };
  if (state.columns < columnsMin || state.rows < rowsMin) {
    drawTooSmall(d);
    return canvas;
  }
  if (state.open === null) drawListScreen(d, state);
  else drawTorrentScreen(d, state, state.open);
  drawOverlay(d, state);
  const hints = { x: 0, y: state.rows - 1, width: state.columns, height: 1 };
  canvas.fill(hints, " ", theme.text);
  drawHints(d, hints, state);
  if (!theme.capabilities.hasUnicode) toAscii(canvas);
  return canvas;
}

function drawTooSmall(d: Drawing): void {
  const { canvas } = d;
  drawCentred(d, { x: 0, y: 0, width: canvas.width, height: canvas.height }, [
    [span("too small", d.theme.strong)],
    [span(`${canvas.width}×${canvas.height}; needs ${columnsMin}×${rowsMin}`, d.theme.dim)],
  ]);
}

function drawTorrentScreen(d: Drawing, state: AppState, open: OpenTorrent): void {
  const { theme } = d;
  const plan = planTorrent(state.columns, state.rows);
  const { detail } = open;
  const row = detail?.row ?? state.list.rows.get(open.infoHash);
  if (row !== undefined) drawTorrentHeader(d, plan.header, row, detail);
  drawTabs(d, plan.tabs, open.view, {
    ...(detail === null
      ? {}
      : { neighbours: detail.neighbourCount, files: detail.fileCount, trackers: detail.trackers.length }),
    ...(row === undefined ? {} : { pieces: row.pieceCount }),
  });
  if (open.isGone || (detail === null && state.list.isLoaded && row === undefined)) {
    drawCentred(d, plan.body, [
      [span("This torrent is no longer there.", theme.warn)],
      [span("Esc", theme.key), span(" goes back to the list.", theme.dim)],
    ]);
    return;
  }
  if (detail === null) {
    drawSpans(d, plan.body.x + 2, plan.body.y + 1, [span("Asking the engine…", theme.dim)], plan.body.width - 4);
    return;
  }
  switch (open.view) {
    case "swarm":
      drawSwarm(d, state, open, detail);
      return;
    case "neighbours":
      drawNeighboursView(d, state, open, detail);
      return;
    case "pieces":
      drawPiecesView(d, state, open, detail);
      return;
    case "files":
      drawFilesView(d, state, open, detail);
      return;
    case "trackers":
      drawTrackersView(d, state, open, detail);
      return;
    case "graphs":
      drawGraphsView(d, state, detail);
      return;
    case "why":
      drawWhyView(d, state, open, detail);
      return;
    case "log":
      drawLogView(d, state, open);
      return;
    case "ledger":
      drawLedgerView(d, state, open, detail);
      return;
  }
}
