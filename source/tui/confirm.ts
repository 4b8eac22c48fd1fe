/** What Enter or `y` in an overlay means: pure. */

import type { Command } from "../control/protocol.ts";
import type { CommandId } from "../preferences/commands.ts";
import type { Asking } from "./asker.ts";
import type { AppState } from "./state/app-state.ts";
import { labelChoices, labelCommands, labelledRows } from "./state/labels.ts";
import { readLimits } from "./state/limits.ts";
import { canMove } from "./state/moving.ts";
import { readOptions } from "./state/options.ts";
import type { ConfirmOverlay, MoveOverlay } from "./state/overlay.ts";
import { paletteChoices } from "./state/palette.ts";
import { chosenPath } from "./state/path-dialogs.ts";
import { whatOf } from "./torrent-commands.ts";

export type Confirmed =
  /** The overlay closes; then this is asked of the engine, and this command follows; what it opens has its cursor there. */
  | { readonly kind: "done"; readonly asking: Asking; readonly next?: CommandId; readonly cursor?: number }
  /** The overlay stays open. */
  | { readonly kind: "more"; readonly asking: Asking }
  /** It is asked of the engine; the overlay closes when it is done, and says what is wrong else. */
  | { readonly kind: "apply"; readonly asking: Asking }
  /** What is chosen of what a path may become. */
  | { readonly kind: "take" }
  /** First it is to be found out what that would do. */
  | { readonly kind: "plan"; readonly move: MoveOverlay }
  | { readonly kind: "wrong"; readonly field: number; readonly message: string };

const noAsking: Asking = { commands: [], text: "" };
const nothing: Extract<Confirmed, { readonly kind: "done" }> = { kind: "done", asking: noAsking };

export function confirmed(state: AppState): Confirmed {
  const { overlay } = state;
  switch (overlay?.kind) {
    case "palette": {
      const chosen = paletteChoices(state, overlay.text)[overlay.cursor];
      if (chosen === undefined) return nothing;
      if ("command" in chosen) return { ...nothing, next: chosen.command };
      const cursor = state.settings?.settings.findIndex(({ key }) => key === chosen.key) ?? 0;
      return { ...nothing, next: "settings", cursor };
    }
    case "confirm":
      return { kind: "done", asking: removalOf(overlay), ...(state.open === null ? {} : { next: "back" as const }) };
    case "ban": {
      const { address } = overlay;
      return done([{ name: "ban", addresses: [address] }], `banned ${address}`);
    }
    case "kick": {
      const { infoHash, endpoint } = overlay;
      return done([{ name: "kick", infoHash, endpoint }], `let go of ${endpoint}`);
    }
    case "labels": {
      const choice = labelChoices(state, overlay)[overlay.cursor];
      if (choice === undefined) return { kind: "more", asking: noAsking };
      const rows = labelledRows(state, overlay);
      const verb = choice.have === "all" ? "took" : "gave";
      const text = `${verb} the label ${choice.label}: ${whatOf(rows)}`;
      return { kind: "more", asking: { commands: labelCommands(rows, choice), text, isQuiet: true } };
    }
    case "move":
      return chosenPath(state) === undefined ? movingConfirmed(overlay) : { kind: "take" };
    case "rename": {
      const { infoHash, path, before } = overlay;
      const to = overlay.text.trim();
      if (overlay.isBusy || to === before || to === "") return nothing;
      return {
        kind: "apply",
        asking: { commands: [{ name: "rename", infoHash, path, to }], text: `renamed ${before} to ${to}` },
      };
    }
    case "limits": {
      const read = readLimits(state, overlay);
      if ("message" in read) return { kind: "wrong", field: read.line, message: read.message };
      if (read.commands.length === 0) return nothing;
      return { kind: "apply", asking: { ...read, text: "other limits hold now" } };
    }
    case "options": {
      const read = readOptions(overlay.texts, overlay.before);
      if ("message" in read) return { kind: "wrong", ...read };
      const { changes } = read;
      if (Object.keys(changes).length === 0) return nothing;
      const commands = overlay.torrents.map(({ infoHash }): Command => ({ name: "change", infoHash, changes }));
      return done(commands, `changed ${whatOf(overlay.torrents)}`);
    }
    default:
      return nothing;
  }
}

function movingConfirmed(move: MoveOverlay): Confirmed {
  const { stage, torrents } = move;
  if (stage.kind === "typing") return { kind: "plan", move };
  if (stage.kind === "planning" || !canMove(stage.report)) return { kind: "more", asking: noAsking };
  const { savePath } = stage;
  const commands = torrents.map(({ infoHash }): Command => ({ name: "move", infoHash, savePath, isDryRun: false }));
  const what = whatOf(torrents);
  return { kind: "done", asking: { commands, text: `moved ${what} to ${savePath}`, begun: `moving ${what}…` } };
}

/** Where files went to the trash, the engine's notices say where. */
function removalOf({ torrents, data }: ConfirmOverlay): Asking {
  const commands = torrents.map(({ infoHash }): Command => ({ name: "remove", infoHash, data }));
  const text = `removed ${whatOf(torrents)}${data === "delete" ? " and the files" : ""}`;
  return { commands, text, isQuiet: data === "trash" };
}

function done(commands: readonly Command[], text: string): Confirmed {
  return { kind: "done", asking: { commands, text } };
}
