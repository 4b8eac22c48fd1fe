/** Moving a torrent's files, as far as the dialog goes: pure. */
import type { MoveReport } from "../../control/move-protocol.ts";
import { type AppState, targetRows } from "./app-state.ts";
import type { MoveStage } from "./overlay.ts";
import { pathInput } from "./path-input.ts";

export function openMove(state: AppState): AppState {
  const torrents = targetRows(state);
  const [first] = torrents;
  if (first === undefined) return state;
  const stage: MoveStage = { kind: "typing", error: "" };
  return { ...state, overlay: { kind: "move", torrents, place: pathInput(first.savePath), stage } };
}

/** What the engine answered; forgotten where another path stands there by now. */
export function moveStage(state: AppState, typed: string, stage: MoveStage): AppState {
  const { overlay } = state;
  return overlay?.kind === "move" && overlay.place.text === typed
    ? { ...state, overlay: { ...overlay, stage } }
    : state;
}

/** Whether it can be done as it was planned. */
export function canMove({ conflicts, fits }: MoveReport): boolean {
  return conflicts === 0 && fits;
}
