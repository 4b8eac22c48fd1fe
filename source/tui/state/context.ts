/** Which keys apply now. */

import type { Context } from "../../preferences/commands.ts";
import type { AppState } from "./app-state.ts";

export function contextOf(state: AppState): Context {
  if (state.connection.kind === "lost") return "lost";
  switch (state.overlay?.kind) {
    case "help":
      return "help";
    case "palette":
    case "add":
    case "labels":
    case "options":
    case "limits":
    case "rename":
    case "move":
      return "palette";
    case "columns":
      return "columns";
    case "settings":
      return state.overlay.mode.kind === "list" ? "settings" : "palette";
    case "ban":
    case "kick":
      return "confirm";
    case "confirm":
    case "quit":
      return state.overlay.kind;
    default:
      return screenContext(state);
  }
}

/** What keys mean on the screen itself, whatever lies over it. */
export function screenContext({ open, home }: AppState): Context {
  return open?.view ?? home;
}
