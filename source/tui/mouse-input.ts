/**
 * The mouse: reports of the terminal (SGR, xterm's 1006) to events, and events to what they mean on the screen as it is
 * shown. What lies where is found by drawing the screen once more, so it cannot differ from what is seen.
 */

import { cellOfPiece } from "../control/protocol.ts";
import type { CommandId } from "../preferences/commands.ts";
import type { Zone } from "./components/drawing.ts";
import type { Theme } from "./format/theme.ts";
import type { PieceLevel } from "./layout/pieces-plan.ts";
import { drawScreen } from "./screens/screen.ts";
import type { Action } from "./state/action.ts";
import type { AppState } from "./state/app-state.ts";
import { contextOf } from "./state/context.ts";

export interface MouseEvent {
  readonly kind: "click" | "wheelUp" | "wheelDown";
  /** From 0, at the left upper corner. */
  readonly x: number;
  readonly y: number;
}

/** A report is shorter; a longer piece of one is none. */
const reportLengthMax = 24;
/** Reports in one read beyond this are a wheel out of control. */
const eventsMax = 64;

/** Takes what the terminal sent, in whatever pieces it came. Everything but reports of the mouse is ignored. */
export class MouseReader {
  #rest = "";

  read(chunk: string): readonly MouseEvent[] {
    const text = this.#rest + chunk;
    const events: MouseEvent[] = [];
    let end = 0;
    for (const match of text.matchAll(/\x1b\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/g)) {
      end = match.index + match[0].length;
      const event = eventOf(Number(match[1]), Number(match[2]) - 1, Number(match[3]) - 1, match[4] === "M");
      if (event !== undefined && events.length < eventsMax) events.push(event);
    }
    this.#rest = /\x1b(?:\[(?:<[\d;]*)?)?$/.exec(text.slice(end))?.[0] ?? "";
    if (this.#rest.length > reportLengthMax) this.#rest = "";
    return events;
  }
}

function eventOf(code: number, x: number, y: number, isPress: boolean): MouseEvent | undefined {
  // Shift, Alt and Ctrl do not change what is meant.
  switch (code & ~0b11100) {
    case 0:
      return isPress ? { kind: "click", x, y } : undefined;
    case 64:
      return { kind: "wheelUp", x, y };
    case 65:
      return { kind: "wheelDown", x, y };
    default:
      return undefined;
  }
}

export type Meaning =
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "command"; readonly command: CommandId };

/** Rows for one notch of the wheel. */
const wheelRows = 3;

/** @param state as it is shown. */
export function meaningOf(event: MouseEvent, state: AppState, theme: Theme): readonly Meaning[] {
  const context = contextOf(state);
  const { overlay } = state;
  if (state.connection.kind === "leaving") return [];
  if (overlay?.kind === "options" || overlay?.kind === "limits" || overlay?.kind === "rename") return [];
  if (overlay?.kind === "move") return [];
  if (event.kind !== "click") {
    if (overlay?.kind === "add") return [];
    if (context === "confirm" || context === "quit" || context === "lost") return [];
    const step = event.kind === "wheelUp" ? -1 : 1;
    if (overlay !== null && "cursor" in overlay) {
      return [{ kind: "action", action: { type: "overlayCursor", index: overlay.cursor + step } }];
    }
    return Array<Meaning>(wheelRows).fill({ kind: "command", command: step < 0 ? "up" : "down" });
  }
  const zones: Zone[] = [];
  drawScreen(state, theme, zones);
  const zone = zones.findLast(({ rect }) => isInside(rect, event));
  if (zone === undefined) return [];
  const { target } = zone;
  switch (target.kind) {
    case "command":
      return [{ kind: "command", command: target.command }];
    case "neighbour":
      return [{ kind: "action", action: { type: "lookAt", neighbour: target.id } }];
    case "graphSpan":
      return [{ kind: "action", action: { type: "graphSpan", span: target.span } }];
    case "cells": {
      const column = Math.floor((event.x - zone.rect.x) / target.cellWidth);
      if (column >= target.perRow) return [];
      const index = (event.y - zone.rect.y) * target.perRow + column;
      return inPieces(state, "map", index);
    }
    case "inPieces":
      return inPieces(state, target.level, target.index);
    case "heading":
      return [{ kind: "action", action: { type: "heading", column: target.column } }];
    case "row":
      return rowMeaning(state, target.index);
  }
}

/** As in tables: the first click selects, one on what is selected opens. */
function inPieces({ open }: AppState, level: PieceLevel, index: number): readonly Meaning[] {
  if (open === null) return [];
  const { piece, holders } = open.pieces;
  const map = open.detail?.pieces;
  const at = { map: map === undefined ? -1 : cellOfPiece(map, piece), list: piece, blocks: holders.cursor }[level];
  return level === open.pieces.level && index === at
    ? [{ kind: "command", command: "open" }]
    : [{ kind: "action", action: { type: "selectInPieces", level, index } }];
}

/** The first click selects, one on what is selected opens. */
function rowMeaning(state: AppState, index: number): readonly Meaning[] {
  const opens: Meaning = { kind: "command", command: "open" };
  if (state.overlay?.kind === "palette" || state.overlay?.kind === "labels") {
    return [
      { kind: "action", action: { type: "overlayCursor", index } },
      { kind: "command", command: "confirm" },
    ];
  }
  if (state.overlay?.kind === "columns" || state.overlay?.kind === "settings") {
    const { kind, cursor } = state.overlay;
    if (kind === "settings" && index === cursor) return [{ kind: "command", command: "confirm" }];
    const moves: Meaning = { kind: "action", action: { type: "overlayCursor", index } };
    return kind === "settings" ? [moves] : [moves, { kind: "command", command: "dialogToggle" }];
  }
  if (state.overlay?.kind === "add") return [{ kind: "action", action: { type: "addRow", row: index } }];
  if (state.open === null) {
    const infoHash = state.list.order[index];
    if (infoHash === undefined) return [];
    return infoHash === state.list.selected
      ? [opens]
      : [{ kind: "action", action: { type: "selectTorrent", infoHash } }];
  }
  const { view, neighbours, files } = state.open;
  if ((view === "swarm" && index === neighbours.cursor) || (view === "files" && index === files.cursor)) return [opens];
  return [{ kind: "action", action: { type: "selectIndex", index } }];
}

function isInside(rect: Zone["rect"], { x, y }: MouseEvent): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}
