/** What Enter or `y` in an overlay means: pure. */

import type { Command } from "../control/protocol.ts";
import type { CommandId } from "../preferences/commands.ts";
import { plural } from "./format/numbers.ts";
import { type AppState, targetRows } from "./state/app-state.ts";
import { screenContext } from "./state/context.ts";
import { labelChoices, labelCommands } from "./state/labels.ts";
import { canMove } from "./state/moving.ts";
import { readOptions } from "./state/options.ts";
import type { MoveOverlay } from "./state/overlay.ts";
import { paletteMatches } from "./state/palette.ts";

export type Confirmed =
  /** The overlay closes; then this is asked of the engine, and this command follows. */
  | { readonly kind: "done"; readonly commands: readonly Command[]; readonly done: string; readonly next?: CommandId }
  /** The overlay stays open. */
  | { readonly kind: "more"; readonly commands: readonly Command[] }
  /** First it is to be found out what that would do. */
  | { readonly kind: "plan"; readonly move: MoveOverlay }
  | { readonly kind: "wrong"; readonly field: number; readonly message: string };

const nothing: Extract<Confirmed, { readonly kind: "done" }> = { kind: "done", commands: [], done: "" };

export function confirmed(state: AppState): Confirmed {
  const { overlay } = state;
  switch (overlay?.kind) {
    case "palette": {
      const chosen = paletteMatches(state.preferences.keymap, screenContext(state), overlay.text)[overlay.cursor];
      return chosen === undefined ? nothing : { ...nothing, next: chosen.command };
    }
    case "confirm": {
      const { torrents, data } = overlay;
      const commands = torrents.map(({ infoHash }): Command => ({ name: "remove", infoHash, data }));
      return { kind: "done", commands, done: "", ...(state.open === null ? {} : { next: "back" as const }) };
    }
    case "ban": {
      const { address } = overlay;
      return { kind: "done", commands: [{ name: "ban", addresses: [address] }], done: `banned ${address}` };
    }
    case "kick": {
      const { infoHash, endpoint } = overlay;
      return { kind: "done", commands: [{ name: "kick", infoHash, endpoint }], done: `let go of ${endpoint}` };
    }
    case "labels": {
      const choice = labelChoices(state, overlay.text)[overlay.cursor];
      return { kind: "more", commands: choice === undefined ? [] : labelCommands(targetRows(state), choice) };
    }
    case "move":
      return movingConfirmed(overlay);
    case "options": {
      const read = readOptions(overlay.texts, overlay.before);
      if ("message" in read) return { kind: "wrong", ...read };
      const { changes } = read;
      if (Object.keys(changes).length === 0) return nothing;
      const commands = overlay.torrents.map(({ infoHash }): Command => ({ name: "change", infoHash, changes }));
      return { kind: "done", commands, done: `changed ${plural(commands.length, "torrent")}` };
    }
    default:
      return nothing;
  }
}

function movingConfirmed(move: MoveOverlay): Confirmed {
  const { stage, torrents } = move;
  if (stage.kind === "typing") return { kind: "plan", move };
  if (stage.kind === "planning" || !canMove(stage.report)) return { kind: "more", commands: [] };
  const savePath = move.text.trim();
  const commands = torrents.map(({ infoHash }): Command => ({ name: "move", infoHash, savePath, isDryRun: false }));
  return { kind: "done", commands, done: `moved ${plural(commands.length, "torrent")} to ${savePath}` };
}
