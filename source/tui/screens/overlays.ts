/** Whatever lies over the screen now. */

import type { Drawing } from "../components/drawing.ts";
import type { AppState } from "../state/app-state.ts";
import { screenContext } from "../state/context.ts";
import { drawAdd } from "./add-dialog.ts";
import { drawBan, drawKick } from "./ban-dialog.ts";
import { drawColumns } from "./columns-dialog.ts";
import { drawHelp } from "./help.ts";
import { drawLabels } from "./labels-dialog.ts";
import { drawLimits } from "./limits-dialog.ts";
import { drawMove } from "./move-dialog.ts";
import { drawOptions } from "./options-dialog.ts";
import { drawPalette } from "./palette.ts";
import { drawConfirm, drawLeaving, drawLost, drawQuit } from "./questions.ts";
import { drawReconnecting } from "./reconnecting.ts";
import { drawRename } from "./rename-dialog.ts";
import { drawSettings } from "./settings-dialog.ts";

export function drawOverlay(d: Drawing, state: AppState): void {
  switch (state.connection.kind) {
    case "lost":
      if (state.connection.isConnecting) drawReconnecting(d);
      else drawLost(d, state.connection.reason);
      return;
    case "leaving":
      drawLeaving(d);
      return;
    default:
  }
  switch (state.overlay?.kind) {
    case "help":
      drawHelp(d, screenContext(state), state.overlay.offset);
      return;
    case "confirm":
      drawConfirm(d, state.overlay);
      return;
    case "ban":
      drawBan(d, state.overlay);
      return;
    case "kick":
      drawKick(d, state.overlay);
      return;
    case "labels":
      drawLabels(d, state, state.overlay);
      return;
    case "rename":
      drawRename(d, state.overlay);
      return;
    case "limits":
      drawLimits(d, state, state.overlay);
      return;
    case "options":
      drawOptions(d, state.overlay);
      return;
    case "move":
      drawMove(d, state.overlay);
      return;
    case "columns":
      drawColumns(d, state, state.overlay);
      return;
    case "settings":
      drawSettings(d, state, state.overlay);
      return;
    case "palette":
      drawPalette(d, state, state.overlay);
      return;
    case "quit":
      drawQuit(d, state.list.rows.size, state.isDemo);
      return;
    case "add":
      drawAdd(d, state, state.overlay);
      return;
    default:
  }
}
