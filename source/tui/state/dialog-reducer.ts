/** What happens to whatever lies over the screen, by keys, text, clicks and answers that come late. Pure; part of `reducer.ts`. */
import { unreachable } from "../../base/assert.ts";
import type { DialogAction } from "./action.ts";
import { addRow } from "./add-keys.ts";
import { reduceAdding } from "./adding.ts";
import type { AppState } from "./app-state.ts";
import { toLine } from "./limits.ts";
import { moveStage } from "./moving.ts";
import { withChoices } from "./options.ts";
import { moveOverlay, overlayKey, overlayPaste, toField } from "./overlay-reducer.ts";
import { closeChoice, pathCompleted, takeChosen } from "./path-dialogs.ts";

export function reduceDialog(state: AppState, action: DialogAction): AppState {
  const { overlay } = state;
  switch (action.type) {
    case "overlayKey":
      return overlayKey(state, action.key);
    case "overlayPaste":
      return overlayPaste(state, action.text);
    case "settingsMode":
      if (overlay?.kind !== "settings") return state;
      return { ...state, overlay: { ...overlay, mode: action.mode } };
    case "adding":
      return reduceAdding(state, action.event);
    case "pathTake":
      return takeChosen(state);
    case "pathClose":
      return closeChoice(state);
    case "pathCompleted":
      return pathCompleted(state, action.of, action.found);
    case "addRow":
      return addRow(state, action.row);
    case "overlayCursor":
      return moveOverlay(state, action.index);
    case "optionsFailed":
      if (overlay?.kind === "rename") {
        return { ...state, overlay: { ...overlay, error: action.message, isBusy: false } };
      }
      if (overlay?.kind === "limits") {
        return { ...state, overlay: { ...toLine(overlay, action.field), error: action.message, isBusy: false } };
      }
      if (overlay?.kind !== "options") return state;
      return { ...state, overlay: { ...toField(overlay, action.field), error: action.message } };
    case "choices":
      if (overlay?.kind !== "options") return state;
      return { ...state, overlay: withChoices(overlay, action.infoHash, action.choices) };
    case "overlayBusy":
      if (overlay?.kind !== "limits" && overlay?.kind !== "rename") return state;
      return { ...state, overlay: { ...overlay, isBusy: true } };
    case "moveStage":
      return moveStage(state, action.typed, action.stage);
    case "askQuit":
      return { ...state, overlay: { kind: "quit" } };
    case "closeOverlay":
      return { ...state, overlay: null };
    default:
      return unreachable(action);
  }
}
